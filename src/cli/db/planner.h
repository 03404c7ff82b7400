// SPDX-License-Identifier: Apache-2.0
// What a script would do to a database, found out on a copy of it. Pure.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/db/script.h"
#include "cli/paths.h"
#include "ovsdb/snapshot.h"

namespace weft::cli::db {

/// Value type.
struct Plan {
    codec::JsonArray operations;  ///< to be sent
    ovsdb::Changes changes;       ///< garbage collection and weak references included
    ovsdb::Snapshot before, after;
    std::vector<std::string> doubts;  ///< what the database takes but nobody can mean
    std::string output;               ///< of commands that print
    std::string text;                 ///< change_text()
};

/// Errors are those of a command, or of an operation with its number, the offending name and what may have
/// been meant; and what the database would refuse: types, constraints, references, indexes.
Result<Plan> make_plan(const Script& script, const ovsdb::Snapshot& contents, const Paths& paths,
                       uint64_t seed);

}  // namespace weft::cli::db
