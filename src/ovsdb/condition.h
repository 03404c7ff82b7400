// SPDX-License-Identifier: Apache-2.0
// <condition>s of RFC 7047 5.1, with Open vSwitch's extensions: bare booleans; < <= >= > on optional numbers.
#pragma once

#include <optional>
#include <vector>

#include "ovsdb/row.h"

namespace weft::ovsdb {

/// Value type: a list of clauses about the rows of one table.
class Condition {
  public:
    /// `json` must be an array.
    static OpResult<Condition> parse(const codec::Json& json, const TableSchema& table,
                                     NamedUuids* names = nullptr);

    /// Fulfilled, in the sense of matches_any(), by every row.
    static Condition any_row() { return {}; }
    /// Rows that fulfil this or the other in the sense of matches_any().
    Condition or_else(const Condition& other) const;

    /// How transact combines clauses.
    bool matches_all(const Row& row) const;
    /// How monitors combine clauses; no clause at all means every row.
    bool matches_any(const Row& row) const;
    /// Every row fulfils matches_any(), whatever it holds.
    bool is_any_true() const;
    /// The one uuid that matches_all() can be true for, if a clause says so.
    std::optional<Uuid> only_uuid() const;
    /// What `column` must be equal to for matches_all(), or null.
    const Datum* equals(ColumnIndex column) const;
    bool uses(ColumnIndex column) const;

    bool operator==(const Condition&) const = default;

  private:
    enum class Function : uint8_t { always_false, always_true, eq, ne, lt, le, ge, gt, includes, excludes };
    struct Clause {
        Function function;
        ColumnIndex column;
        Datum arg;
        bool operator==(const Clause&) const = default;
    };
    static OpResult<Clause> parse_clause(const codec::Json& json, const TableSchema& table,
                                         NamedUuids* names);
    static bool holds(const Clause& clause, const Row& row);

    std::vector<Clause> clauses_;
};

}  // namespace weft::ovsdb
