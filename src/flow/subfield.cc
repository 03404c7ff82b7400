// SPDX-License-Identifier: Apache-2.0
// Subfield text: `NXM_NX_REG0[0..15]`.
#include <charconv>
#include <optional>

#include "flow/field.h"

namespace weft::flow {
namespace {

std::optional<unsigned> parse_number(std::string_view& text) {
    unsigned v = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), v);
    if (ec != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    return v;
}

bool eat(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

/// What stands in brackets: nothing (the whole field), a bit, or a range.
struct Range {
    unsigned start, end;
};
std::optional<Range> parse_range(std::string_view text, unsigned n_bits) {
    if (text == "[]") return Range{0, n_bits - 1};
    if (!eat(text, "[")) return std::nullopt;
    const auto start = parse_number(text);
    if (!start) return std::nullopt;
    auto end = start;
    if (eat(text, "..")) end = parse_number(text);
    if (!end || text != "]") return std::nullopt;
    return Range{*start, *end};
}

}  // namespace

Result<Subfield> parse_subfield(std::string_view text) {
    const std::string whole_text(text);
    const std::string_view name = text.substr(0, text.find('['));
    const Field* f = find_field_or_wire_name(name);
    if (!f) return fail(whole_text + ": unknown field `" + std::string(name) + "'");
    TRY(check_header(*f));
    const unsigned n_bits = f->subfield_bits();
    if (name.size() == text.size()) return Subfield{f->id, 0, static_cast<uint16_t>(n_bits)};

    const auto range = parse_range(text.substr(name.size()), n_bits);
    if (!range) return fail(whole_text + ": syntax error expecting [] or [<bit>] or [<start>..<end>]");
    const auto not_valid = [&](const char* which, unsigned bit) {
        return fail(whole_text + ": " + which + " bit " + std::to_string(bit) +
                    " is not valid because field is only " + std::to_string(n_bits) + " bits wide");
    };
    if (range->start > range->end)
        return fail(whole_text + ": starting bit " + std::to_string(range->start) + " is after ending bit " +
                    std::to_string(range->end));
    if (range->start >= n_bits) return not_valid("starting", range->start);
    if (range->end >= n_bits) return not_valid("ending", range->end);
    return Subfield{f->id, static_cast<uint16_t>(range->start),
                    static_cast<uint16_t>(range->end - range->start + 1)};
}

std::string format_subfield(Subfield sf) {
    const Field& f = field(sf.field);
    std::string out(f.n_wire ? f.wire[0].name : f.name);
    if (sf.ofs == 0 && sf.n_bits >= subfield_bits(sf)) return out + "[]";
    out += "[" + std::to_string(sf.ofs);
    if (sf.n_bits != 1) out += ".." + std::to_string(sf.ofs + sf.n_bits - 1);
    return out + "]";
}

}  // namespace weft::flow
