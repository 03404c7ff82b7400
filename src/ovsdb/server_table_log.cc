// SPDX-License-Identifier: Apache-2.0
// Tables of which each change is told in the log (ovsdb-server(1), ovsdb-server/tlog-set).
#include "ovsdb/server_state.h"

namespace weft::ovsdb {
namespace {

/// "table:Bridge,op:updated,_uuid:...,name:br0"
std::string describe(const TableSchema& table, const RowChange& change) {
    const char* op = !change.before ? "inserted" : !change.after ? "deleted" : "updated";
    std::string out = "table:" + table.name + ",op:" + op;
    const Row& row = change.after ? *change.after : *change.before;
    for (ColumnIndex c = 0; c < table.columns.size(); ++c)
        out += "," + table.columns[c].name + ":" + row.get(c).to_text(table.columns[c].type);
    return out;
}

}  // namespace

Result<> Server::set_table_logged(const std::string& database, const std::string& table, bool logged) {
    const auto it = databases_.find(database);
    if (it == databases_.end()) return fail("no such database");
    Served& served = *it->second;
    if (!served.db->schema().find(table)) return fail("no such table");
    if (logged)
        served.logged_tables.insert(table);
    else
        served.logged_tables.erase(table);
    return {};
}

bool Server::is_table_logged(const std::string& database, const std::string& table) const {
    return databases_.at(database)->logged_tables.contains(table);
}

void Server::log_changes(const Served& served, const Changes& changes) {
    if (served.logged_tables.empty()) return;
    for (const RowChange& change : changes.rows) {
        const TableSchema& table = served.db->schema().tables[change.table];
        if (served.logged_tables.contains(table.name)) LOG(table_log_, info, "{}", describe(table, change));
    }
}

}  // namespace weft::ovsdb
