// SPDX-License-Identifier: Apache-2.0
// <mutation>s of RFC 7047 5.1.
#pragma once

#include "ovsdb/row.h"

namespace weft::ovsdb {

/// Value type: one change to one column, relative to what the column holds.
class Mutation {
  public:
    static OpResult<Mutation> parse(const codec::Json& json, const TableSchema& table, NamedUuids* names);

    ColumnIndex column() const { return column_->index; }
    /// The mutated value; domain, range and constraint errors.
    OpResult<Datum> apply(const Datum& value) const;

  private:
    enum class Mutator : uint8_t { add, sub, mul, div, mod, insert, remove };
    struct Name {
        std::string_view text;
        Mutator mutator;
    };
    static const Name names_[7];
    Mutation(const ColumnSchema& column, const Name& name) : column_(&column), name_(&name) {}
    OpResult<Datum> parse_arg(const codec::Json& mutation, NamedUuids* names) const;
    OpResult<Datum> arithmetic(const Datum& value) const;
    OpResult<Atom> calculate(const Atom& a, const Atom& b) const;

    const ColumnSchema* column_;
    const Name* name_;
    Datum arg_;
};

}  // namespace weft::ovsdb
