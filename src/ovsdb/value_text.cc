// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/value_text.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "codec/json_text.h"

namespace weft::ovsdb {
namespace {

constexpr std::string_view delimiters = ":=, []{}!<>";
constexpr int64_t range_size_max = 4096;

std::string quote(std::string_view text) { return "\"" + std::string(text) + "\""; }

template <class T>
std::optional<T> parse_whole(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// The escape in a quoted string that JSON does not have; empty if there is none.
std::string_view bad_escape(std::string_view text) {
    for (size_t at = text.find('\\'); at < text.size() - 1; at = text.find('\\', at + 2))
        if (std::string_view("\"\\/bfnrtu").find(text[at + 1]) == std::string_view::npos)
            return text.substr(at, 2);
    return {};
}

Result<Atom> parse_string(std::string_view text) {
    if (text.empty())
        return fail("An empty string is not valid as input; use \"\" to represent the empty string");
    if (text[0] != '"') return Atom(text);
    if (text.size() < 2 || text.back() != '"')
        return fail(std::string(text) + ": missing quote at end of quoted string");
    const auto json = codec::parse_json(text);
    if (json && json->string()) return Atom(std::string_view(*json->string()));
    if (const auto escape = bad_escape(text); !escape.empty())
        return fail(std::string(text) + ": bad escape " + std::string(escape));
    return fail(std::string(text) + ": not a valid JSON string");
}

Result<Atom> parse_boolean(std::string_view text) {
    for (const auto* yes : {"true", "yes", "on", "1"})
        if (text == yes) return Atom(true);
    for (const auto* no : {"false", "no", "off", "0"})
        if (text == no) return Atom(false);
    return fail(quote(text) + " is not a valid boolean (use \"true\" or \"false\")");
}

Result<Atom> parse_uuid(std::string_view text, const BaseType& type, RowSymbols* symbols) {
    if (symbols && text.starts_with('@')) return Atom(symbols->row_named(text, type));
    const auto uuid = Uuid::parse(text);
    if (!uuid) return fail(quote(text) + " is not a valid UUID");
    return Atom(*uuid);
}

Result<Atom> parse_unchecked(std::string_view text, const BaseType& type, RowSymbols* symbols) {
    switch (type.type) {
        case AtomType::integer:
            if (const auto value = parse_whole<int64_t>(text)) return Atom(*value);
            return fail(quote(text) + " is not a valid integer or range");
        case AtomType::real:
            if (const auto value = parse_whole<double>(text)) return Atom(*value);
            return fail(quote(text) + " is not a valid real number");
        case AtomType::boolean:
            return parse_boolean(text);
        case AtomType::string:
            return parse_string(text);
        case AtomType::uuid:
            return parse_uuid(text, type, symbols);
    }
    std::unreachable();
}

/// "FIRST-LAST"; nullopt if it is no range.
std::optional<std::pair<int64_t, int64_t>> parse_range(std::string_view text) {
    const size_t dash = text.find('-', 1);
    if (text.empty() || dash == text.npos) return std::nullopt;
    const auto first = parse_whole<int64_t>(text.substr(0, dash));
    const auto last = parse_whole<int64_t>(text.substr(dash + 1));
    if (!first || !last) return std::nullopt;
    return std::pair(*first, *last);
}

Result<> check(const Atom& atom, const BaseType& type) {
    if (auto ok = type.check(atom); !ok) return std::unexpected(ok.error().to_error());
    return {};
}

/// Reads a set or map from left to right.
class DatumParser {
  public:
    DatumParser(std::string_view text, const ColumnType& type, RowSymbols* symbols)
        : text_(text), rest_(text), type_(type), symbols_(symbols), out_(type.is_map()) {}

    Result<Datum> parse() {
        skip_blanks();
        const bool bracketed = take(open());
        if (rest_.empty() && !bracketed)
            return fail(std::string("use \"") + open() + close() + "\" to specify the empty " + noun());
        for (skip_blanks(); !at_end(bracketed);) {
            if (rest_.empty())
                return fail(std::string(text_) + ": missing \"" + close() + "\" at end of data");
            TRY(take_element());
            skip_blanks();
            if (take(',')) skip_blanks();
        }
        if (bracketed && rest_.size() > 1)
            return fail(std::string(text_) + ": trailing garbage after \"" + close() + "\"");
        return finish();
    }

  private:
    char open() const { return type_.is_map() ? '{' : '['; }
    char close() const { return type_.is_map() ? '}' : ']'; }
    std::string noun() const { return type_.is_map() ? "map" : "set"; }
    bool at_end(bool bracketed) const { return bracketed ? rest_.starts_with(close()) : rest_.empty(); }
    void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size())); }
    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    Result<> take_element() {
        const std::string_view element = rest_;
        const std::string key = TRY(take_word(rest_));
        if (key.empty())
            return fail(std::string(text_) + ": unexpected \"" + rest_[0] + "\" parsing " +
                        type_.to_english());
        if (!type_.is_map()) return add_key(key);
        skip_blanks();
        if (!take('='))
            return fail(std::string(element) + ": syntax error at " +
                        (rest_.empty() ? "end of input" : quote(rest_.substr(0, 1))) + " expecting \"=\"");
        skip_blanks();
        Atom key_atom = TRY(parse_atom_text(key, type_.key, symbols_));
        const std::string value = TRY(take_word(rest_));
        out_.add(std::move(key_atom), TRY(parse_atom_text(value, *type_.value, symbols_)));
        return {};
    }

    Result<> add_key(std::string_view word) {
        const auto range = type_.key.type == AtomType::integer ? parse_range(word) : std::nullopt;
        if (!range) {
            out_.add(TRY(parse_atom_text(word, type_.key, symbols_)));
            return {};
        }
        const auto [first, last] = *range;
        if (first > last)
            return fail(quote(word) + " is not a valid range. Range end cannot be before start.");
        TRY(check(first, type_.key));
        TRY(check(last, type_.key));
        if (static_cast<uint64_t>(last) - static_cast<uint64_t>(first) >= range_size_max)
            return fail("constraint violation: Range " + quote(word) +
                        " is too big. Maximum allowed size is " + std::to_string(range_size_max) + ".");
        for (int64_t n = 0; n <= last - first; ++n) {
            TRY(check(first + n, type_.key));
            out_.add(first + n);
        }
        return {};
    }

    Result<Datum> finish() {
        bool duplicates = false;
        Datum datum = out_.build(&duplicates);
        const auto failed = [&](std::string what) { return fail(std::string(text_) + ": " + what); };
        if (duplicates)
            return failed(type_.is_map() ? "map contains duplicate key" : "set contains duplicate value");
        const std::string specified = std::to_string(datum.size()) +
                                      (type_.is_map() ? " pair(s)" : " value(s)") + " specified but the ";
        if (datum.size() < type_.min)
            return failed(specified + "minimum number is " + std::to_string(type_.min));
        if (datum.size() > type_.max)
            return failed(specified + "maximum number is " + std::to_string(type_.max));
        return datum;
    }

    std::string_view text_, rest_;
    const ColumnType& type_;
    RowSymbols* symbols_;
    DatumBuilder out_;
};

}  // namespace

Result<std::string> take_word(std::string_view& rest) {
    const std::string_view all = rest;
    std::string out;
    bool quoted = false;
    for (; !rest.empty(); rest.remove_prefix(1)) {
        const char c = rest[0];
        if (c == '\\') {
            if (rest.size() == 1) return fail(std::string(all) + ": backslash at end of argument");
            if (quoted) out += c;
            out += rest[1];
            rest.remove_prefix(1);
            continue;
        }
        if (c == '"')
            quoted = !quoted;
        else if (!quoted && delimiters.find(c) != delimiters.npos)
            break;
        out += c;
    }
    if (quoted) return fail(std::string(all) + ": quoted string extends past end of argument");
    return out;
}

Result<Atom> parse_atom_text(std::string_view text, const BaseType& type, RowSymbols* symbols) {
    Atom atom = TRY(parse_unchecked(text, type, symbols));
    TRY(check(atom, type));
    return atom;
}

Result<Datum> parse_datum_text(std::string_view text, const ColumnType& type, RowSymbols* symbols) {
    return DatumParser(text, type, symbols).parse();
}

}  // namespace weft::ovsdb
