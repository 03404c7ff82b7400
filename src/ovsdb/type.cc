// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/type.h"

#include <algorithm>

#include "codec/json_text.h"

namespace weft::ovsdb {
namespace {

std::string real_text(double value) {
    std::string out;
    codec::append_json_real(out, value);
    return out;
}

/// `text` is the number that is out of [min, max]; min or max are left out where they are the type's own.
template <class T>
std::unexpected<OpError> out_of_range(const std::string& text, T min, T max, std::string (*print)(T)) {
    using Limits = std::numeric_limits<T>;
    if (min != Limits::lowest() && max != Limits::max())
        return constraint_violation(text + " is not in the valid range " + print(min) + " to " + print(max) +
                                    " (inclusive)");
    if (min != Limits::lowest())
        return constraint_violation(text + " is less than minimum allowed value " + print(min));
    return constraint_violation(text + " is greater than maximum allowed value " + print(max));
}

OpResult<> check_length(const BaseType& type, std::string_view s) {
    const auto starts_character = [](char c) { return (static_cast<uint8_t>(c) & 0xc0) != 0x80; };
    const auto length = static_cast<size_t>(std::ranges::count_if(s, starts_character));
    if (length >= type.min_length && length <= type.max_length) return {};
    const std::string start = "\"" + std::string(s) + "\" length " + std::to_string(length) + " is ";
    return length < type.min_length ? constraint_violation(start + "less than minimum allowed length " +
                                                           std::to_string(type.min_length))
                                    : constraint_violation(start + "greater than maximum allowed length " +
                                                           std::to_string(type.max_length));
}

OpResult<> check_enumeration(const BaseType& type, const Atom& atom) {
    if (type.enumeration.contains(atom)) return {};
    std::string allowed;
    for (const Atom& a : type.enumeration.keys()) {
        if (!allowed.empty()) allowed += ", ";
        allowed += a.to_text();
    }
    return constraint_violation(atom.to_text() + " is not one of the allowed values ([" + allowed + "])");
}

std::string print_integer(int64_t i) { return std::to_string(i); }

}  // namespace

OpResult<> BaseType::check(const Atom& atom) const {
    if (!enumeration.empty()) return check_enumeration(*this, atom);
    switch (type) {
        case AtomType::integer:
            if (atom.integer() >= min_integer && atom.integer() <= max_integer) return {};
            return out_of_range<int64_t>(atom.to_text(), min_integer, max_integer, print_integer);
        case AtomType::real:
            if (atom.real() >= min_real && atom.real() <= max_real) return {};
            return out_of_range<double>(atom.to_text(), min_real, max_real, real_text);
        case AtomType::string:
            if (min_length == 0 && max_length == unlimited) return {};
            return check_length(*this, atom.string());
        case AtomType::boolean:
        case AtomType::uuid:
            return {};
    }
    CHECK(false);
}

Datum ColumnType::default_datum() const {
    if (min == 0) return {};
    if (!is_map()) return Datum(Atom::default_of(key.type));
    return Datum::map({{Atom::default_of(key.type), Atom::default_of(value->type)}});
}

bool ColumnType::is_default(const Datum& d) const {
    if (min == 0 || d.empty()) return min == 0 && d.empty();
    return d.size() == 1 && d.keys()[0] == Atom::default_of(key.type) &&
           (!is_map() || d.values()[0] == Atom::default_of(value->type));
}

OpResult<> ColumnType::check(const Datum& d) const {
    if (d.size() < min || d.size() > max)
        return constraint_violation(std::to_string(d.size()) + " values when type requires between " +
                                    std::to_string(min) + " and " + std::to_string(max));
    for (const Atom& atom : d.keys()) TRY(key.check(atom));
    for (const Atom& atom : d.values()) TRY(value->check(atom));
    return {};
}

std::string ColumnType::to_english() const {
    const std::string key_name(to_string(key.type));
    if (is_scalar()) return key_name;
    std::string out = is_map() ? "map" : "set";
    if (max == unlimited) {
        out += min ? " of " + std::to_string(min) + " or more" : " of";
    } else if (min) {
        out += " of " + std::to_string(min) + " to " + std::to_string(max);
    } else {
        out += " of up to " + std::to_string(max);
    }
    if (is_map()) return out + " (" + key_name + ", " + std::string(to_string(value->type)) + ") pairs";
    return out + " " + key_name + "s";
}

}  // namespace weft::ovsdb
