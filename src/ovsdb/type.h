// SPDX-License-Identifier: Apache-2.0
// <type> and <base-type> of RFC 7047 3.2: what a column may hold.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "ovsdb/datum.h"

namespace weft::ovsdb {

enum class RefType : uint8_t { strong, weak };

/// Value type: the type of keys or of values, with its constraints.
struct BaseType {
    AtomType type = AtomType::integer;
    Datum enumeration = {};  ///< the allowed values; empty: all
    int64_t min_integer = std::numeric_limits<int64_t>::min();
    int64_t max_integer = std::numeric_limits<int64_t>::max();
    double min_real = std::numeric_limits<double>::lowest();
    double max_real = std::numeric_limits<double>::max();
    uint32_t min_length = 0;  ///< of strings, in characters
    uint32_t max_length = std::numeric_limits<uint32_t>::max();
    std::string ref_table = {};  ///< uuids name rows of this table; empty: they are just uuids
    RefType ref_type = RefType::strong;

    bool operator==(const BaseType&) const = default;
    bool is_ref() const { return !ref_table.empty(); }
    bool is_strong_ref() const { return is_ref() && ref_type == RefType::strong; }
    bool is_weak_ref() const { return is_ref() && ref_type == RefType::weak; }
    bool has_constraints() const { return *this != unconstrained(); }
    BaseType unconstrained() const { return {.type = type}; }
    /// The constraint that `atom` violates, if it does.
    OpResult<> check(const Atom& atom) const;
    codec::Json to_json() const;
};

inline constexpr uint32_t unlimited = std::numeric_limits<uint32_t>::max();

/// Value type.
struct ColumnType {
    BaseType key;
    std::optional<BaseType> value = {};  ///< present in maps
    uint32_t min = 1, max = 1;           ///< number of elements

    bool operator==(const ColumnType&) const = default;
    static ColumnType scalar_of(AtomType type) { return {.key = {.type = type}}; }
    bool is_map() const { return value.has_value(); }
    bool is_scalar() const { return min == 1 && max == 1 && !is_map(); }
    bool is_optional_scalar() const { return min == 0 && max == 1 && !is_map(); }
    bool has_strong_ref() const { return key.is_strong_ref() || (value && value->is_strong_ref()); }
    bool has_weak_ref() const { return key.is_weak_ref() || (value && value->is_weak_ref()); }

    /// What a new row has here: empty if that is allowed, else one default atom (RFC 7047 5.2.1).
    Datum default_datum() const;
    bool is_default(const Datum& d) const;
    /// Number of elements and constraints of each.
    OpResult<> check(const Datum& d) const;

    codec::Json to_json() const;
    /// As error messages put it: "map of (string, integer) pairs", "set of up to 3 strings".
    std::string to_english() const;
};

OpResult<ColumnType> parse_type(const codec::Json& json);
OpResult<BaseType> parse_base_type(const codec::Json& json);

/// <value> of RFC 7047 5.1, with all constraints of the type checked. `names` null: named-uuids are errors.
OpResult<Datum> parse_datum(const codec::Json& json, const ColumnType& type, NamedUuids* names = nullptr);
/// As parse_datum(), for a difference (see diff()): any number of elements.
OpResult<Datum> parse_diff(const codec::Json& json, const ColumnType& type);

}  // namespace weft::ovsdb
