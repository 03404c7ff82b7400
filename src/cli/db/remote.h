// SPDX-License-Identifier: Apache-2.0
// The server that a command of "weft db" works with.
#pragma once

#include <memory>
#include <string>

#include "cli/ovsdb_rpc.h"
#include "cli/weft/local_call.h"
#include "ovsdb/snapshot.h"

namespace weft::cli::db {

/// Resource type.
class Remote {
  public:
    /// `database` empty: Open_vSwitch, or the only one there is.
    static Result<std::unique_ptr<Remote>> open(const weft_tool::LocalCall& call, std::string database);

    const std::string& database() const { return database_; }
    const ovsdb::SchemaPtr& schema() const { return schema_; }
    /// All of the database, and in which state it is (a <last-txn-id>, or empty).
    Result<ovsdb::Snapshot> fetch();
    const std::string& state() const { return state_; }

    /// The result; an error reply is an error as the server words it.
    Result<codec::Json> ask(std::string method, codec::JsonArray params);
    /// The error of ask() when the server does not know the method: it is not ours.
    static constexpr int unknown_method = -1;
    /// The error of ask() when the state is not the one of fetch() any more.
    static constexpr int has_changed = -2;

  private:
    std::unique_ptr<OvsdbRpc> rpc_;
    std::string database_, state_;
    ovsdb::SchemaPtr schema_;
    int64_t fetches_ = 0;
};

}  // namespace weft::cli::db
