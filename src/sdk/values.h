// SPDX-License-Identifier: Apache-2.0
// Atoms and values of the C API to datums and back.
#pragma once

#include <span>
#include <string>

#include "ovsdb/schema.h"
#include "sdk/failure.h"

namespace weft::sdk {

weft_ovsdb_uuid to_c(const Uuid& uuid);
Uuid from_c(const weft_ovsdb_uuid& uuid);
/// Strings stay the atom's own.
weft_ovsdb_atom to_c(const ovsdb::Atom& atom);
/// The datum stays the row's own.
weft_ovsdb_value to_c(const ovsdb::ColumnType& type, const ovsdb::Datum& datum);

/// What a program gives for a column; `values` empty: keys alone.
struct Elements {
    std::span<const weft_ovsdb_atom> keys, values = {};
    /// NULL is refused where there are to be elements.
    static Checked<Elements> of(const weft_ovsdb_atom* keys, const weft_ovsdb_atom* values, size_t n);
};

/// A column, with the name that error messages call it by.
struct NamedColumn {
    const ovsdb::ColumnSchema& schema;
    std::string name;  ///< TABLE:COLUMN
};

/// An atom of the column's keys or values, for error messages `what`; the constraints of the type are not
/// looked at.
Checked<ovsdb::Atom> atom_of(const weft_ovsdb_atom& atom, const ovsdb::BaseType& type,
                             const std::string& what);
/// A value that the column can hold.
Checked<ovsdb::Datum> datum_of(const NamedColumn& column, const Elements& elements);
/// The operand of a mutation (RFC 7047 5.1).
Checked<ovsdb::Datum> operand_of(const NamedColumn& column, std::string_view mutator,
                                 const Elements& elements);

}  // namespace weft::sdk
