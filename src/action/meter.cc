// SPDX-License-Identifier: Apache-2.0
// meter: packets beyond a rate are dropped. An instruction in 1.3 and 1.4 (instructions.cc), an action
// in 1.5; older versions have nothing for it.
#include <array>

#include "action/codec.h"
#include "action/meter_spec.h"
#include "action/text_codec.h"

namespace weft::action {
namespace {

using enum Version;

constexpr std::array rows{WireForm{0, 29, v15, v15, 8, false, [](Body& b) { return decode_meter(b.in); }}};

Result<> parse(const TextArgs& a, Actions& out) {
    out.emplace_back(Meter{static_cast<uint32_t>(TRY(parse_number(a.args, 0xffffffff)))});
    return {};
}

constexpr std::array names{TextForm{"meter", parse}};

}  // namespace

forms::Rows forms::meter() { return rows; }
texts::Rows texts::meter() { return names; }

OfResult<Action> decode_meter(ByteReader& in) {
    const Meter a{in.u32()};
    if (in.ok() && (a.meter == 0 || a.meter > meter_max)) return refuse(OfError::mmfc_invalid_meter);
    return a;
}

void encode(const Meter& a, Encoder& e) {
    if (e.version() < v15) return;
    const auto open = e.standard(29);
    e.out().u32(a.meter);
}

void print(const Meter& a, Printer& p) { p.put("meter:" + std::to_string(a.meter)); }

}  // namespace weft::action
