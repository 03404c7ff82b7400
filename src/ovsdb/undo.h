// SPDX-License-Identifier: Apache-2.0
// Taking back what a transaction did, whatever others did since.
#pragma once

#include <string>
#include <vector>

#include "base/prng.h"
#include "ovsdb/database.h"

namespace weft::ovsdb {

/// Something that was changed again since, and stays as it is.
struct Conflict {
    std::string table;
    Uuid row;
    std::string what;  ///< "Bridge br0: fail_mode is "secure" by now, not "standalone""
};

/// Value type.
struct Undo {
    Changes changes;  ///< to be committed; they may be empty
    std::vector<Conflict> conflicts;
};

/// What leads from the database as it is back to before `done`, in the columns, elements and keys that `done`
/// changed and nowhere else:
///  - a value comes back if it still is what `done` made it; elements of sets and keys of maps one by one;
///  - a row that `done` deleted comes back under its uuid;
///  - a row that `done` inserted goes, unless somebody edited it or refers to it.
/// What was edited since is a conflict, and so is what cannot come back because a row it refers to is gone or
/// another has its name. What is back already is none: undoing twice does nothing the second time. Columns of
/// state are passed over (is_state()). Of modified rows in `done` only the columns count that differ
/// (parse_change_json()). An error if the database would refuse the result.
OpResult<Undo> undo(const Database& db, const Changes& done, Prng& prng);

}  // namespace weft::ovsdb
