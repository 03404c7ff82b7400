// SPDX-License-Identifier: Apache-2.0
// group: the packet goes through the buckets of a group.
#include <array>

#include "action/codec.h"
#include "action/group_spec.h"
#include "action/text_codec.h"

namespace weft::action {
namespace {

using enum Version;

OfResult<Action> decode(Body& b) {
    const Group a{b.in.u32()};
    if (b.in.ok() && a.group > group_max) return refuse(OfError::bac_bad_out_group);
    return a;
}
OfResult<Action> decode_nicira(Body& b) {
    b.in.skip(2);
    return decode(b);
}

constexpr std::array rows{WireForm{0, 22, v11, v15, 8, false, decode},
                          WireForm{nicira_vendor, 40, v10, v10, 16, false, decode_nicira}};

Result<> parse(const TextArgs& a, Actions& out) {
    out.emplace_back(Group{static_cast<uint32_t>(TRY(parse_number(a.args, 0xffffffff)))});
    return {};
}

constexpr std::array names{TextForm{"group", parse}};

}  // namespace

forms::Rows forms::group() { return rows; }
texts::Rows texts::group() { return names; }

void encode(const Group& a, Encoder& e) {
    const auto open = e.version() == v10 ? e.nicira(40) : e.standard(22);
    if (e.version() == v10) e.out().zeros(2);
    e.out().u32(a.group);
}

void print(const Group& a, Printer& p) { p.put("group:" + std::to_string(a.group)); }

}  // namespace weft::action
