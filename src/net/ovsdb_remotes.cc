// SPDX-License-Identifier: Apache-2.0
#include "net/ovsdb_remotes.h"

#include <algorithm>
#include <charconv>

namespace weft::net {
namespace {

using codec::Json;
using codec::JsonArray;
using codec::JsonObject;
using ovsdb::AtomType;

constexpr Duration status_interval = 5s;

/// A column of the row with the given type of keys and at most one of them; null if there is none.
const ovsdb::ColumnSchema* optional_column(const ovsdb::TableSchema& table, std::string_view name,
                                           AtomType type) {
    const auto* column = table.find(name);
    return column && column->type.key.type == type && column->type.max == 1 && !column->type.is_map()
               ? column
               : nullptr;
}

/// What other_config:dscp says, if it makes sense.
std::optional<uint8_t> dscp_of(const ovsdb::TableSchema& table, const ovsdb::Row& row) {
    constexpr int dscp_max = 63;
    const auto* column = table.find("other_config");
    if (!column || !column->type.is_map() || column->type.key.type != AtomType::string ||
        column->type.value->type != AtomType::string)
        return {};
    const ovsdb::Datum& datum = row[column->index];
    for (size_t i = 0; i < datum.keys().size(); ++i) {
        if (datum.keys()[i].string() != "dscp") continue;
        const std::string_view text = datum.values()[i].string();
        int dscp = -1;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), dscp);
        if (error != std::errc() || end != text.data() + text.size() || dscp < 0 || dscp > dscp_max)
            return {};
        return static_cast<uint8_t>(dscp);
    }
    return {};
}

std::string join(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : ",") + word;
    return out;
}

}  // namespace

OvsdbRemotes::OvsdbRemotes(loop::Loop& loop, ovsdb::Server& server, OvsdbSessions& sessions)
    : loop_(loop), server_(server), sessions_(sessions), status_timer_(loop, [this] {
          write_status();
          status_timer_.after(status_interval);
      }) {
    status_timer_.after(status_interval);
}

Result<OvsdbRemotes::Column> OvsdbRemotes::parse(const std::string& remote) {
    std::string_view rest = std::string_view(remote).substr(3);
    Column out;
    for (std::string* part : {&out.db, &out.table, &out.column}) {
        const size_t end = part == &out.column ? rest.size() : rest.find(',');
        if (end == rest.npos || end == 0) return fail("\"" + remote + "\": invalid syntax");
        *part = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return out;
}

Result<> OvsdbRemotes::check(const Column& c) const {
    const ovsdb::Database* db = server_.database(c.db);
    if (!db) return fail("no database named " + c.db);
    const auto* table = db->schema().find(c.table);
    if (!table) return fail("no table named " + c.table);
    const auto* column = table->find(c.column);
    if (!column) return fail("table \"" + c.table + "\" has no column \"" + c.column + "\"");
    const auto& key = column->type.key;
    const bool names_rows = key.type == AtomType::uuid && key.is_ref();
    if (column->type.is_map() || (key.type != AtomType::string && !names_rows))
        return fail("type mismatch for column \"" + c.column + "\" in table \"" + c.table +
                    "\": strings or references to rows are needed");
    return {};
}

Result<> OvsdbRemotes::add(const std::string& remote, const OvsdbRemoteOptions& options) {
    if (remote.starts_with("db:")) {
        const Column column = TRY(parse(remote));
        if (const auto good = check(column); !good)
            return fail("\"" + remote + "\": " + good.error().message);
    }
    remotes_[remote] = options;
    changed_ = true;
    return {};
}

bool OvsdbRemotes::remove(const std::string& remote) {
    changed_ = true;
    return remotes_.erase(remote) > 0;
}

const ovsdb::RowMap& OvsdbRemotes::rows_of(const ovsdb::Database& db, ovsdb::TableIndex table) {
    return seen_[{&db, table}] = db.snapshot().tables[table];
}

bool OvsdbRemotes::take_news() {
    if (configuring_) return false;  // configure() pumps, which leads here
    const auto has_changed = [](const auto& item) {
        const auto& [db, table] = item.first;
        return !db->snapshot().tables[table].same(item.second);
    };
    if (!changed_ && generation_ == server_.generation() && std::ranges::none_of(seen_, has_changed))
        return false;
    seen_.clear();
    changed_ = false;
    generation_ = server_.generation();
    return true;
}

std::string OvsdbRemotes::value_of(const std::string& text) {
    if (!text.starts_with("db:")) return text;
    const auto c = parse(text);
    const ovsdb::Database* db = c ? server_.database(c->db) : nullptr;
    const auto* table = db ? db->schema().find(c->table) : nullptr;
    const auto* column = table ? table->find(c->column) : nullptr;
    if (!column || column->type.is_map() || column->type.key.type != AtomType::string) return {};
    for (const ovsdb::Row& row : rows_of(*db, table->index))
        if (!row[column->index].empty()) return std::string(row[column->index].keys().front().string());
    return {};
}

void OvsdbRemotes::configure() {
    configuring_ = true;
    OvsdbSessions::Remotes wanted, from_rows;
    rows_.clear();
    for (const auto& [remote, options] : remotes_)
        if (!remote.starts_with("db:")) {
            wanted[remote] = options;
        } else if (const auto column = parse(remote); column && check(*column)) {
            read(*column, from_rows);
        }
    from_rows.merge(wanted);  // where both name it, the row says how it is served
    sessions_.configure(from_rows);
    configuring_ = false;
}

void OvsdbRemotes::read(const Column& c, OvsdbSessions::Remotes& out) {
    const ovsdb::Database& db = *server_.database(c.db);
    const auto& table = *db.schema().find(c.table);
    const auto& column = *table.find(c.column);
    if (column.type.key.type != AtomType::string) rows_of(db, column.key_table);
    for (const ovsdb::Row& row : rows_of(db, table.index))
        for (const ovsdb::Atom& atom : row.get(column.index).keys()) {
            if (column.type.key.type == AtomType::string) {
                out.try_emplace(std::string(atom.string()));
            } else if (const ovsdb::Row* to = db.find(column.key_table, atom.uuid())) {
                read_row(c.db, db.schema().tables[column.key_table], *to, out);
            }
        }
}

void OvsdbRemotes::read_row(const std::string& db, const ovsdb::TableSchema& table, const ovsdb::Row& row,
                            OvsdbSessions::Remotes& out) {
    const auto value = [&](std::string_view name, AtomType type) -> const ovsdb::Atom* {
        const auto* column = optional_column(table, name, type);
        return column && !row[column->index].empty() ? &row[column->index].scalar() : nullptr;
    };
    const auto* target = value("target", AtomType::string);
    if (!target || target->string().empty()) return;
    OvsdbRemoteOptions options;
    if (const auto* backoff = value("max_backoff", AtomType::integer))
        options.max_backoff =
            std::chrono::milliseconds(std::clamp<int64_t>(backoff->integer(), 1000, 3'600'000));
    if (const auto* probe = value("inactivity_probe", AtomType::integer))
        options.probe_interval =
            std::chrono::milliseconds(std::clamp<int64_t>(probe->integer(), 0, 3'600'000));
    if (const auto* read_only = value("read_only", AtomType::boolean))
        options.read_only = read_only->boolean();
    if (const auto* role = value("role", AtomType::string)) options.role = role->string();
    options.dscp = dscp_of(table, row);
    const auto [same, is_first] = out.try_emplace(std::string(target->string()), options);
    // Of two rows for one remote the one with a role counts: nobody gets more rights by another's row.
    if (!is_first && (same->second.role.empty() || !options.role.empty())) same->second = options;
    rows_.push_back(
        {db, std::string(target->string()), server_.database(db)->snapshot().schema, &table, row.uuid()});
}

JsonObject OvsdbRemotes::status_columns(const Row& row, const OvsdbRemoteStatus& status) const {
    JsonObject out;
    if (optional_column(*row.table, "is_connected", AtomType::boolean))
        out.set("is_connected", status.connected);
    const auto* column = row.table->find("status");
    if (!column || !column->type.is_map() || column->type.key.type != AtomType::string ||
        column->type.value->type != AtomType::string)
        return out;
    JsonArray pairs;
    const auto add = [&](const char* key, const std::string& value) {
        if (!value.empty()) pairs.push_back(Json::array({key, value}));
    };
    const auto seconds = [&](const std::optional<Time>& since) {
        return since ? std::to_string(to_ms(loop_.now() - *since) / 1000) : "";
    };
    add("state", status.state);
    if (!status.state.empty()) add("last_error", status.last_error);
    add("sec_since_connect", seconds(status.connected_at));
    add("sec_since_disconnect", seconds(status.disconnected_at));
    if (status.connections > 1) add("n_connections", std::to_string(status.connections));
    if (status.bound_port) add("bound_port", std::to_string(status.bound_port));
    add("locks_held", join(status.locks_held));
    add("locks_waiting", join(status.locks_waiting));
    out.set("status", Json::array({"map", std::move(pairs)}));
    return out;
}

void OvsdbRemotes::write_status() {
    std::map<std::string, JsonArray> operations;
    for (const Row& row : rows_) {
        JsonObject columns = status_columns(row, sessions_.status(row.target));
        if (columns.empty()) continue;
        const Json uuid = Json::array({"uuid", row.uuid.to_string()});
        operations[row.db].push_back(
            Json::object({{"op", "update"},
                          {"table", row.table->name},
                          {"where", Json::array({Json::array({"_uuid", "==", uuid})})},
                          {"row", std::move(columns)}}));
    }
    for (auto& [db, list] : operations) server_.execute(db, std::move(list), loop_.now());
    if (!operations.empty()) sessions_.pump();
}

}  // namespace weft::net
