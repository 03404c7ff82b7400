// SPDX-License-Identifier: Apache-2.0
// The contents of a replica: a snapshot, and how update notifications change it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "codec/json.h"
#include "ovsdb/snapshot.h"

namespace weft::ovsdb::client {

/// Which part of a table a program wants.
struct TableInterest {
    std::string table;
    std::vector<std::string> columns = {};  ///< empty: all
    codec::JsonArray where = {};            ///< any of these conditions; empty: all rows

    bool operator==(const TableInterest&) const = default;
};

enum class UpdateFormat : uint8_t {
    rows,         ///< <table-updates> of RFC 7047 4.1.6: old and new values
    differences,  ///< <table-updates2> of ovsdb-server(7) 4.1.14
};

/// Resource type. A row holds all columns of the schema; those not asked for stay at their default.
class Contents {
  public:
    explicit Contents(SchemaPtr schema) : snapshot_(std::move(schema)) {}

    const Snapshot& snapshot() const { return snapshot_; }
    const Schema& schema() const { return *snapshot_.schema; }

    /// Applies the updates to what is there; on an error nothing is changed, and the replica must start
    /// afresh.
    OpResult<> apply(const codec::Json& updates, UpdateFormat format);
    /// Makes the updates, all "initial", the contents. Rows that do not differ stay the same in memory.
    OpResult<> replace(const codec::Json& updates, UpdateFormat format);

  private:
    Snapshot snapshot_;
};

/// The <monitor-requests> for what there is of the interest in the schema; what there is not is added to
/// `missing`
/// ("table X", "column X:Y"). No interest: every table.
codec::JsonObject monitor_requests(const Schema& schema, const std::vector<TableInterest>& interest,
                                   bool with_conditions, std::vector<std::string>& missing);

}  // namespace weft::ovsdb::client
