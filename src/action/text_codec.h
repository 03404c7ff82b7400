// SPDX-License-Identifier: Apache-2.0
// Internal to action/: what the files of the single actions share to print and parse text.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "action/action.h"
#include "action/text.h"
#include "base/result.h"

namespace weft::action {

/// What stands behind an action's name: `args` of `name:args`, `name=args` or `name(args)`.
struct TextArgs {
    std::string_view name, args;
    const Names& names;
    int depth = 0;  ///< of the list it stands in
};

/// One name. The parser appends the action, or none.
struct TextForm {
    std::string_view name;
    Result<> (*parse)(const TextArgs&, Actions& out);
};

/// The names each file knows; parse_actions() looks through them all.
namespace texts {
using Rows = std::span<const TextForm>;
Rows output(), controller(), set_field(), legacy_set(), move(), vlan(), mpls(), ttl(), stack(), resubmit(),
    learn(), note(), fin_timeout(), conjunction(), clone(), tunnel(), queue(), group(), meter(),
    hash_choice(), sample(), check_pkt_larger(), delete_field(), ct(), instructions(), encap();
}  // namespace texts

/// Fails if another action than a note stands beside a conjunction.
Result<> check_conjunction(const Actions& actions);

/// Fails if the list has what may stand inside ct only.
Result<> check_outside_ct(const Actions& actions);
/// One action in ct's exec(...), where such are allowed.
Result<Actions> parse_inside_ct(const TextArgs& a);
/// What stands in nat's parentheses.
Result<Nat> parse_nat(std::string_view text);

/// A list inside the parentheses of another action.
Result<Actions> parse_nested(const TextArgs& a);

/// max_len of an output to the controllers that has none.
inline constexpr uint16_t whole_packet = 0xffff;

// Numbers, decimal or with 0x. The error is `invalid WHAT "TEXT"`.
Result<uint64_t> parse_number(std::string_view text, std::string_view what, uint64_t max);
/// The error is `invalid numeric format TEXT`, or tells that the number is missing.
Result<uint64_t> parse_number(std::string_view text, uint64_t max);
/// Pairs of hex digits, which periods may separate; none: a bad digit.
Result<Bytes> parse_hex_bytes(std::string_view text, std::string_view where);
/// What stands before and after `->`; the error is about what is missing.
struct Arrow {
    std::string_view before, after;
};
Result<Arrow> split_arrow(std::string_view text);
Result<uint8_t> parse_table(std::string_view text, const Names& names);

/// Appends text; borrows the string.
struct Printer {
    std::string& out;
    const Names& names;

    void put(std::string_view text) { out += text; }
    void number(uint64_t v) { out += std::to_string(v); }
    void hex(uint64_t v);
    void hex_bytes(ByteSpan bytes);  ///< 01.02.03
    void port(OfPort port) { out += flow::format_port(port, names.ports); }
    void table(uint8_t table) { out += flow::format_table(table, names.tables); }
    void list(const Actions& actions);
};

void print(const Output& a, Printer& p);
void print(const OutputReg& a, Printer& p);
void print(const OutputTrunc& a, Printer& p);
void print(const Controller& a, Printer& p);
void print(const SetField& a, Printer& p);
void print(const Move& a, Printer& p);
void print(const PushVlan& a, Printer& p);
void print(const StripVlan& a, Printer& p);
void print(const SetVlanVid& a, Printer& p);
void print(const SetVlanPcp& a, Printer& p);
void print(const SetTpPort& a, Printer& p);
void print(const PushMpls& a, Printer& p);
void print(const PopMpls& a, Printer& p);
void print(const SetMplsLabel& a, Printer& p);
void print(const SetMplsTc& a, Printer& p);
void print(const SetMplsTtl& a, Printer& p);
void print(const DecMplsTtl& a, Printer& p);
void print(const DecTtl& a, Printer& p);
void print(const StackPush& a, Printer& p);
void print(const StackPop& a, Printer& p);
void print(const Resubmit& a, Printer& p);
void print(const Learn& a, Printer& p);
void print(const Note& a, Printer& p);
void print(const FinTimeout& a, Printer& p);
void print(const Conjunction& a, Printer& p);
void print(const Exit& a, Printer& p);
void print(const Clone& a, Printer& p);
void print(const SetTunnelId& a, Printer& p);
void print(const SetQueue& a, Printer& p);
void print(const PopQueue& a, Printer& p);
void print(const Enqueue& a, Printer& p);
void print(const Group& a, Printer& p);
void print(const Meter& a, Printer& p);
void print(const Multipath& a, Printer& p);
void print(const Bundle& a, Printer& p);
void print(const Sample& a, Printer& p);
void print(const CheckPktLarger& a, Printer& p);
void print(const DeleteField& a, Printer& p);
void print(const Ct& a, Printer& p);
void print(const Nat& a, Printer& p);
void print(const CtClear& a, Printer& p);
void print(const Encap& a, Printer& p);
void print(const Decap& a, Printer& p);
void print(const DecNshTtl& a, Printer& p);
void print(const WriteActions& a, Printer& p);
void print(const ClearActions& a, Printer& p);
void print(const WriteMetadata& a, Printer& p);
void print(const GotoTable& a, Printer& p);

}  // namespace weft::action
