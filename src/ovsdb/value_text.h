// SPDX-License-Identifier: Apache-2.0
// Values as people write them on a command line ("Database Values" of ovs-vsctl(8)): the counterpart of
// Atom::to_text() and Datum::to_text(), and a little more liberal than what those print.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "ovsdb/type.h"

namespace weft::ovsdb {

/// Gives uuids to names of rows, "@name".
class RowSymbols {
  public:
    virtual ~RowSymbols() = default;
    /// `type` says what kind of reference the name stands in.
    virtual Uuid row_named(std::string_view name, const BaseType& type) = 0;
};

/// Takes one word off the front of `rest`: up to a blank or one of  : = , [ ] { } ! < >  outside of double
/// quotes, which it keeps. Outside of quotes a backslash takes the next character as it is. May be empty.
Result<std::string> take_word(std::string_view& rest);

/// One atom, which is the whole text. Strings in quotes are JSON strings. `symbols` null: "@name" is no uuid.
Result<Atom> parse_atom_text(std::string_view text, const BaseType& type, RowSymbols* symbols = nullptr);

/// A set ("1,2", "[1, 2]", "1-3") or map ("k=v, l=w", "{k=v}"), with all constraints of the type checked.
Result<Datum> parse_datum_text(std::string_view text, const ColumnType& type, RowSymbols* symbols = nullptr);

}  // namespace weft::ovsdb
