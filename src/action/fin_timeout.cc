// SPDX-License-Identifier: Apache-2.0
// fin_timeout(idle_timeout=,hard_timeout=): the end of a TCP connection shortens the timeouts of the flow
// that has the action (ovs-actions(7)).
#include <array>

#include "action/codec.h"
#include "action/text_codec.h"
#include "flow/key_value.h"

namespace weft::action {
namespace {

using enum Version;

OfResult<Action> decode_fin_timeout(Body& b) {
    FinTimeout a;
    a.idle = b.in.u16();
    a.hard = b.in.u16();
    return a;
}

constexpr std::array rows{WireForm{nicira_vendor, 19, v10, v15, 16, false, decode_fin_timeout}};

Result<> parse(const TextArgs& a, Actions& out) {
    FinTimeout fin;
    for (std::string_view items = a.args; const auto kv = flow::next_key_value(items);) {
        if (kv->key != "idle_timeout" && kv->key != "hard_timeout")
            return fail("invalid key '" + std::string(kv->key) + "' in 'fin_timeout' argument");
        (kv->key == "idle_timeout" ? fin.idle : fin.hard) =
            static_cast<uint16_t>(TRY(parse_number(kv->value, kv->key, 0xffff)));
    }
    out.emplace_back(fin);
    return {};
}

constexpr std::array names{TextForm{"fin_timeout", parse}};

}  // namespace

forms::Rows forms::fin_timeout() { return rows; }
texts::Rows texts::fin_timeout() { return names; }

void encode(const FinTimeout& a, Encoder& e) {
    const auto open = e.nicira(19);
    e.out().u16(a.idle);
    e.out().u16(a.hard);
    e.out().zeros(2);
}

void print(const FinTimeout& a, Printer& p) {
    std::string inside = a.idle ? "idle_timeout=" + std::to_string(a.idle) : "";
    if (a.hard) inside += (inside.empty() ? "" : ",") + std::string("hard_timeout=") + std::to_string(a.hard);
    p.put("fin_timeout(" + inside + ")");
}

}  // namespace weft::action
