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
    /// effect with the next configure(). One that is there gets the options.
    Result<> add(const std::string& remote, const OvsdbRemoteOptions& options = {});
    /// False if there is none of that name.
    bool remove(const std::string& remote);
    const std::map<std::string, OvsdbRemoteOptions>& all() const { return remotes_; }

    /// Of "db:DB,TABLE,COLUMN": the string in the first row that has one, else nothing; of other text:
    /// itself.
    std::string value_of(const std::string& text);

    /// Whether value_of() or configure() may find something else than they did before. If so, forgets what
    /// they read: ask both again.
    bool take_news();
    /// Reads the databases and configures the sessions.
    void configure();

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
    const ovsdb::RowMap& rows_of(const ovsdb::Database& db, ovsdb::TableIndex table);
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
    /// What was read, while the server's databases are the same.
    std::map<std::pair<const ovsdb::Database*, ovsdb::TableIndex>, ovsdb::RowMap> seen_;
    uint64_t generation_ = 0;
    bool changed_ = true, configuring_ = false;
    loop::Timer status_timer_;
};

}  // namespace weft::net
