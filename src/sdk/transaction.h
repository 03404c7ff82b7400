// SPDX-License-Identifier: Apache-2.0
// A transaction of the C API: ovsdb::client::Txn with every argument checked against the schema and the view.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "sdk/replica.h"

namespace weft::sdk {

/// Resource type; one thread.
class Transaction {
  public:
    Transaction(std::shared_ptr<Replica> replica, VersionPtr version);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    /// A column of a row.
    struct Cell {
        const char* table;
        Uuid row;
        const char* column;
    };
    Checked<Uuid> insert(const char* table);
    Checked<> set(const Cell& cell, const Elements& elements);
    Checked<> mutate(const Cell& cell, const char* mutator, const Elements& elements);
    Checked<> erase(const char* table, const Uuid& row);
    Checked<> verify(const Cell& cell);
    Checked<> comment(const char* text);

    /// A weft_ovsdb_status; last_failure() has the text of those that are no success.
    int commit(int timeout_ms);
    Checked<Uuid> inserted(const Uuid& uuid) const;

  private:
    Checked<const FollowedTable*> open_table(const char* name) const;
    bool is_new(const FollowedTable& table, const Uuid& row) const {
        return new_.contains({table.schema->name, row});
    }
    /// Of the view; what this transaction inserts is refused.
    Checked<ovsdb::client::RowView> old_row(const FollowedTable& table, const Uuid& row) const;

    std::shared_ptr<Replica> replica_;
    VersionPtr version_;
    CommitPtr commit_;
    std::set<std::pair<std::string, Uuid>> new_;
    const ovsdb::client::Outcome* outcome_ = nullptr;
    bool submitted_ = false;
};

}  // namespace weft::sdk
