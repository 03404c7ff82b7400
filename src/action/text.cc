// SPDX-License-Identifier: Apache-2.0
#include "action/text.h"

#include <array>
#include <charconv>

#include "action/text_codec.h"
#include "flow/key_value.h"

namespace weft::action {
namespace {

constexpr int max_depth = 64;

const TextForm* find_form(std::string_view name) {
    const std::array all{texts::output(),
                         texts::controller(),
                         texts::set_field(),
                         texts::legacy_set(),
                         texts::move(),
                         texts::vlan(),
                         texts::mpls(),
                         texts::ttl(),
                         texts::stack(),
                         texts::resubmit(),
                         texts::learn(),
                         texts::note(),
                         texts::clone(),
                         texts::tunnel(),
                         texts::queue(),
                         texts::instructions(),
                         texts::conjunction(),
                         texts::fin_timeout(),
                         texts::group(),
                         texts::meter(),
                         texts::hash_choice(),
                         texts::sample(),
                         texts::check_pkt_larger(),
                         texts::delete_field(),
                         texts::ct(),
                         texts::encap()};
    for (const texts::Rows& rows : all) {
        for (const TextForm& f : rows) {
            if (f.name == name) return &f;
        }
    }
    return nullptr;
}

Result<> parse_one(const flow::KeyValue& kv, const Names& names, int depth, Actions& out) {
    if (const TextForm* form = find_form(kv.key)) return form->parse({kv.key, kv.value, names, depth}, out);
    const auto port = flow::parse_port(kv.key, names.ports);
    if (!port) return fail("unknown action " + std::string(kv.key));
    const bool by_number = kv.key.starts_with('6');  // then nothing of the packet goes up, as in Open vSwitch
    out.push_back(Output{*port, *port == ofpp::controller && !by_number ? whole_packet : uint16_t{0}});
    return {};
}

/// The instruction an action stands for, in the order flows must keep.
struct Instruction {
    int rank;
    std::string_view name;
};
Instruction instruction_of(const Action& a) {
    if (std::holds_alternative<Meter>(a.v)) return {-1, "meter"};
    if (std::holds_alternative<ClearActions>(a.v)) return {1, "clear_actions"};
    if (std::holds_alternative<WriteActions>(a.v)) return {2, "write_actions"};
    if (std::holds_alternative<WriteMetadata>(a.v)) return {3, "write_metadata"};
    if (std::holds_alternative<GotoTable>(a.v)) return {4, "goto_table"};
    return {0, "apply_actions"};
}

Result<> check_order(const Actions& actions, int depth) {
    Instruction last{-2, ""};
    for (const Action& a : actions) {
        const Instruction now = instruction_of(a);
        if (depth > 0 && now.rank > 0)
            return fail(std::string(now.name) + " action not allowed in a list of actions");
        if (now.rank < last.rank && depth == 0)
            return fail("invalid instruction ordering: " + std::string(now.name) + " must appear before " +
                        std::string(last.name) + ", for OpenFlow 1.1+ compatibility");
        if (now.rank == last.rank && now.rank != 0 && depth == 0)
            return fail("duplicate " + std::string(now.name) +
                        " instruction not allowed, for OpenFlow 1.1+ compatibility");
        last = now;
    }
    return {};
}

Result<Actions> parse_list(std::string_view text, const Names& names, int depth) {
    if (depth > max_depth) return fail("actions are nested too deeply (more than 64 levels)");
    Actions out;
    bool drop = false;
    size_t n = 0;
    for (std::string_view items = text; const auto kv = flow::next_key_value(items); ++n) {
        if (kv->key == "drop")
            drop = true;
        else
            TRY(parse_one(*kv, names, depth, out));
    }
    if (drop && n > 1) return fail("\"drop\" must not be accompanied by any other action or instruction");
    TRY(check_order(out, depth));
    TRY(check_conjunction(out));
    TRY(check_outside_ct(out));
    return out;
}

std::optional<uint64_t> to_number(std::string_view text) {
    int base = 10;
    const bool negative = text.starts_with("-");
    if (negative) text.remove_prefix(1);
    if (text.starts_with("0x") || text.starts_with("0X")) {
        text.remove_prefix(2);
        base = 16;
    }
    uint64_t v = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), v, base);
    if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return negative ? uint64_t{0} - v : v;
}

}  // namespace

std::string to_text(const Actions& actions, const Names& names) {
    std::string out;
    Printer(out, names).list(actions);
    return out;
}

Result<Actions> parse_actions(std::string_view text, const Names& names) {
    return parse_list(text, names, 0);
}

Result<Actions> parse_inside_ct(const TextArgs& a) {
    if (a.depth > max_depth) return fail("actions are nested too deeply (more than 64 levels)");
    Actions out;
    TRY(parse_one({.key = a.name, .value = a.args, .text = a.name}, a.names, a.depth, out));
    return out;
}

Result<Actions> parse_nested(const TextArgs& a) { return parse_list(a.args, a.names, a.depth + 1); }

void Printer::list(const Actions& actions) {
    if (actions.empty()) return put("drop");
    bool first = true;
    for (const Action& a : actions) {
        if (!first) put(",");
        first = false;
        std::visit([this](const auto& one) { print(one, *this); }, a.v);
    }
}

// As printf %#x: zero has no prefix.
void Printer::hex(uint64_t v) {
    if (v == 0) return put("0");
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), v, 16).ptr;
    (out += "0x").append(digits.data(), end);
}

void Printer::hex_bytes(ByteSpan bytes) {
    for (size_t i = 0; i < bytes.size(); ++i) {
        if (i) put(".");
        out += format_hex(bytes.subspan(i, 1));
    }
}

Result<uint64_t> parse_number(std::string_view text, std::string_view what, uint64_t max) {
    const auto v = to_number(text);
    if (!v || *v > max) return fail("invalid " + std::string(what) + " \"" + std::string(text) + "\"");
    return *v;
}

Result<uint64_t> parse_number(std::string_view text, uint64_t max) {
    if (text.empty()) return fail("missing required numeric argument");
    if (text == "-1" && max == UINT32_MAX) return max;  // all ones, as of 64 bits
    const auto v = to_number(text);
    if (!v || *v > max) return fail("invalid numeric format " + std::string(text));
    return *v;
}

Result<Bytes> parse_hex_bytes(std::string_view text, std::string_view where) {
    std::string digits;
    for (const char c : text) {
        if (c != '.') digits += c;
    }
    auto bytes = parse_hex(digits);
    if (!bytes) return fail("bad hex digit in " + std::string(where));
    return bytes;
}

Result<Arrow> split_arrow(std::string_view text) {
    const size_t at = text.find("->");
    if (at == std::string_view::npos) return fail(std::string(text) + ": missing `->'");
    return Arrow{text.substr(0, at), text.substr(at + 2)};
}

Result<uint8_t> parse_table(std::string_view text, const Names& names) {
    const auto table = flow::parse_table(text, names.tables);
    if (!table) return fail("unknown table \"" + std::string(text) + "\"");
    return *table;
}

}  // namespace weft::action
