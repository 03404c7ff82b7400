// SPDX-License-Identifier: Apache-2.0
// Which remotes a database server serves: those it was told, and those that rows of its databases name
// ("db:DB,TABLE,COLUMN"); and what those rows are told of them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "net/ovsdb_sessions.h"

namespace weft::net {

/// Resource type; belongs to the loop's thread.
class OvsdbRemotes {
  public:
    OvsdbRemotes(loop::Loop& loop, ovsdb::Server& server, OvsdbSessions& sessions);

    /// "db:" remotes must name a column that can hold remotes; how those are served their rows say. Takes
    /// effect with the next refresh(). One that is there gets the options.
    Result<> add(const std::string& remote, const OvsdbRemoteOptions& options = {});
    /// False if there is none of that name.
    bool remove(const std::string& remote);
    const std::map<std::string, OvsdbRemoteOptions>& all() const { return remotes_; }

    /// Of "db:DB,TABLE,COLUMN": the string in the first row that has one, else nothing; of other text:
    /// itself.
    std::string value_of(const std::string& text) const;

    /// Reads the databases if they have changed, and configures the sessions.
    void refresh();

  private:
    /// One row that stands for a remote, to be told about it.
    struct Row {
        std::string db, target;
        ovsdb::SchemaPtr schema;  ///< keeps `table`
        const ovsdb::TableSchema* table;
        Uuid uuid;
    };
    struct Column {
        std::string db, table, column;
    };
    static Result<Column> parse(const std::string& remote);
    Result<> check(const Column& column) const;
    void read(const Column& column, OvsdbSessions::Remotes& out);
    void read_row(const std::string& db, const ovsdb::TableSchema& table, const ovsdb::Row& row,
                  OvsdbSessions::Remotes& out);
    void write_status();
    codec::JsonObject status_columns(const Row& row, const OvsdbRemoteStatus& status) const;

    loop::Loop& loop_;
    ovsdb::Server& server_;
    OvsdbSessions& sessions_;
    std::map<std::string, OvsdbRemoteOptions> remotes_;
    std::vector<Row> rows_;
    std::map<std::string, uint64_t> seen_;  ///< version of each database that was read
    bool changed_ = true, refreshing_ = false;
    loop::Timer status_timer_;
};

}  // namespace weft::net
