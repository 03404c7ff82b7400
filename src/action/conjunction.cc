// SPDX-License-Identifier: Apache-2.0
// conjunction(id, k/n): the flow is one of the ways to meet condition k of the n that flow `conj_id=id` asks
// for (ovs-fields(7) "Conjunctive Match Fields"). The classifier acts on it; executed, it does nothing.
#include <algorithm>
#include <array>
#include <charconv>

#include "action/codec.h"
#include "action/text_codec.h"

namespace weft::action {
namespace {

using enum Version;

constexpr unsigned min_clauses = 2, max_clauses = 64;

template <class T>
bool is(const Action& a) {
    return std::holds_alternative<T>(a.v);
}

/// Clauses count from 0 on the wire.
OfResult<Action> decode_conjunction(Body& b) {
    Conjunction a;
    a.clause = b.in.u8();
    a.n_clauses = b.in.u8();
    a.id = b.in.u32();
    if (a.n_clauses < min_clauses || a.n_clauses > max_clauses || a.clause >= a.n_clauses)
        return refuse(OfError::nxbac_bad_conjunction);
    return a;
}

constexpr std::array rows{WireForm{nicira_vendor, 34, v10, v15, 16, false, decode_conjunction}};

}  // namespace

forms::Rows forms::conjunction() { return rows; }

void encode(const Conjunction& a, Encoder& e) {
    const auto open = e.nicira(34);
    e.out().u8(a.clause);
    e.out().u8(a.n_clauses);
    e.out().u32(a.id);
}

const Action* stranger_to_conjunction(const Actions& actions) {
    if (std::ranges::none_of(actions, is<Conjunction>)) return nullptr;
    const auto it =
        std::ranges::find_if(actions, [](const Action& a) { return !is<Conjunction>(a) && !is<Note>(a); });
    return it == actions.end() ? nullptr : &*it;
}

// Text.

namespace {

/// Takes blanks, a number in C's notation (unless `decimal`), and blanks off the text.
std::optional<uint64_t> take_number(std::string_view& text, bool decimal) {
    const auto skip_blanks = [&] {
        text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    };
    skip_blanks();
    const bool minus = text.starts_with('-');
    if (minus || text.starts_with('+')) text.remove_prefix(1);
    const bool hex = !decimal && (text.starts_with("0x") || text.starts_with("0X"));
    if (hex) text.remove_prefix(2);
    const int base = hex ? 16 : !decimal && text.starts_with('0') ? 8 : 10;
    uint64_t v = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), v, base);
    if (ec != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    skip_blanks();
    return minus ? ~v + 1 : v;
}

bool take(std::string_view& text, char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
}

Result<> parse_conjunction(const TextArgs& a, Actions& out) {
    std::string_view text = a.args;
    const auto id = take_number(text, false);
    const bool comma = id && take(text, ',');
    const auto clause = comma ? take_number(text, true) : std::nullopt;
    const bool slash = clause && take(text, '/');
    const auto n = slash ? take_number(text, true) : std::nullopt;
    if (!n || !text.empty()) return fail("\"conjunction\" syntax is \"conjunction(id,i/n)\"");
    const auto k = static_cast<uint8_t>(*clause), n_clauses = static_cast<uint8_t>(*n);
    if (n_clauses < min_clauses) return fail("conjunction must have at least 2 clauses");
    if (n_clauses > max_clauses) return fail("conjunction must have at most 64 clauses");
    if (k < 1) return fail("clause index must be positive");
    if (k > n_clauses) return fail("clause index must be less than or equal to number of clauses");
    out.emplace_back(Conjunction{static_cast<uint32_t>(*id), static_cast<uint8_t>(k - 1), n_clauses});
    return {};
}

constexpr std::array names_of_conjunction{TextForm{"conjunction", parse_conjunction}};

}  // namespace

texts::Rows texts::conjunction() { return names_of_conjunction; }

void print(const Conjunction& a, Printer& p) {
    p.put("conjunction(");
    p.number(a.id);
    p.put(",");
    p.number(a.clause + 1u);
    p.put("/");
    p.number(a.n_clauses);
    p.put(")");
}

namespace {

/// The name that a message about an action uses: that of its text, but where one action has several.
std::string name_of(const Action& a) {
    const auto* set = std::get_if<SetField>(&a.v);
    if (set && set->form != SetField::Form::legacy) return "set_field";
    if (is<OutputReg>(a)) return "output_reg";
    if (is<OutputTrunc>(a)) return "output_trunc";
    if (is<Bundle>(a)) return "bundle";
    if (is<SetVlanVid>(a)) return "set_vlan_vid";
    if (is<SetVlanPcp>(a)) return "set_vlan_pcp";
    const std::string text = to_text({a});
    const bool is_output = is<Output>(a) || text.starts_with("CONTROLLER:");
    return is_output ? "output" : text.substr(0, text.find_first_of(":(="));
}

}  // namespace

Result<> check_conjunction(const Actions& actions) {
    if (const Action* other = stranger_to_conjunction(actions))
        return fail(
            "\"conjunction\" actions may be used along with \"note\" but not any other kind of action "
            "(such as the \"" +
            name_of(*other) + "\" action used here)");
    return {};
}

}  // namespace weft::action
