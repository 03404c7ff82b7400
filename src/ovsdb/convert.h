// SPDX-License-Identifier: Apache-2.0
// A database of one schema read as one of another (ovsdb-server(7) 4.1.19).
#pragma once

#include <memory>
#include <optional>

#include "base/prng.h"
#include "ovsdb/database.h"

namespace weft::ovsdb {

/// Tables and columns that the new schema does not have are left out, those that are new get their default;
/// everything must then fulfil the new schema's constraints.
OpResult<std::unique_ptr<Database>> convert(const Snapshot& from, SchemaPtr to, Prng& prng);

/// The same for a database that goes on changing: made of one version of it and brought forward to the next
/// at the cost of what changed. Resource type; any thread, one at a time.
class Conversion {
  public:
    Conversion(SchemaPtr to, Prng prng) : to_(std::move(to)), prng_(prng) {}

    /// Makes database() that of `now`. What changed in it; nullopt: all of it was made anew.
    OpResult<std::optional<Changes>> advance(const Snapshot& now);
    /// Whether the next advance() can follow what changes. Not if the new schema has made rows or references
    /// go that a change might have kept.
    bool can_follow() const { return can_follow_; }
    const Database& database() const { return *db_; }
    std::unique_ptr<Database> take() { return std::move(db_); }

  private:
    OpResult<> begin(const Snapshot& now);
    OpResult<Changes> follow(const Snapshot& now);

    SchemaPtr to_;
    Prng prng_;
    Snapshot at_;
    std::unique_ptr<Database> db_;
    bool can_follow_ = false;
};

}  // namespace weft::ovsdb
