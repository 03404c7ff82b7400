// SPDX-License-Identifier: Apache-2.0
// clone: a list of actions on a copy of the packet and of its metadata.
#include <array>

#include "action/codec.h"
#include "action/text_codec.h"

namespace weft::action {
namespace {

using enum Version;

OfResult<Action> decode_clone(Body& b) {
    b.in.skip(6);
    return Clone{TRY(decode_nested(b))};
}

constexpr std::array rows{WireForm{nicira_vendor, 42, v10, v15, 16, true, decode_clone}};

}  // namespace

forms::Rows forms::clone() { return rows; }

void encode(const Clone& a, Encoder& e) {
    const auto open = e.nicira(42);
    e.out().zeros(6);
    e.list(a.actions);
}

// Text.

namespace {

Result<> parse_clone(const TextArgs& a, Actions& out) {
    out.emplace_back(Clone{TRY(parse_nested(a))});
    return {};
}

constexpr std::array names_of_clone{TextForm{"clone", parse_clone}};

}  // namespace

texts::Rows texts::clone() { return names_of_clone; }

void print(const Clone& a, Printer& p) {
    p.put("clone(");
    p.list(a.actions);
    p.put(")");
}

}  // namespace weft::action
