// SPDX-License-Identifier: Apache-2.0
// Changes as one record of Open vSwitch's database log (ovsdb(5), "Standalone Format"), and back.
#pragma once

#include <cstdint>
#include <string>

#include "ovsdb/snapshot.h"

namespace weft::ovsdb {

struct RecordOptions {
    int64_t date_ms = 0;   ///< since 1970
    bool use_diff = true;  ///< sets and maps of modified rows as differences (Open vSwitch 2.15 and newer)
};

/// JSON text without a line end; empty if the changes touch nothing that is stored (ephemeral columns only).
std::string format_record(const Changes& changes, const Schema& schema, const RecordOptions& options);

/// The changes that a record makes to `to`. Tables and columns that the schema does not have are errors.
OpResult<Changes> parse_record(const codec::Json& record, const Snapshot& to);

/// The whole of a version as changes from nothing, for compaction.
Changes everything(const Snapshot& snapshot);

}  // namespace weft::ovsdb
