// SPDX-License-Identifier: Apache-2.0
// The database _Server, which tells clients about the others (ovsdb-server(5)).
#include "codec/json_text.h"
#include "ovsdb/server_state.h"

namespace weft::ovsdb {
namespace {

constexpr std::string_view server_schema =
    R"({"name":"_Server","version":"1.2.0","tables":{"Database":{"columns":{
    "name":{"type":"string"},
    "model":{"type":{"key":{"type":"string","enum":["set",["clustered","relay","standalone"]]}}},
    "connected":{"type":"boolean"},
    "leader":{"type":"boolean"},
    "schema":{"type":{"key":"string","min":0}},
    "cid":{"type":{"key":"uuid","min":0}},
    "sid":{"type":{"key":"uuid","min":0}},
    "index":{"type":{"key":"integer","min":0}}}}}})";

}  // namespace

void Server::add_server_database() {
    auto schema = parse_schema(*codec::parse_json(server_schema));
    CHECK(schema);
    auto served = std::make_unique<Served>();
    served->db = std::make_unique<Database>(*schema);
    served->is_reserved = true;
    served->server_row = Uuid::random(prng_);
    served->last_transaction = Uuid::random(prng_);
    const Served& added = *(databases_["_Server"] = std::move(served));
    update_server_row(added, true);
}

void Server::update_server_row(const Served& served, bool present) {
    Served& server = *databases_.at("_Server");
    const TableSchema& table = server.db->schema().tables[0];
    const RowPtr before = RowPtr::share(server.db->find(table.index, served.server_row));
    RowPtr after;
    if (present) {
        RowEdit edit = before ? RowEdit(before) : RowEdit(table, served.server_row);
        const auto set = [&](std::string_view column, Atom value) {
            edit.set(table.find(column)->index, Datum(std::move(value)));
        };
        set("name", Text(served.name()));
        set("model", served.source ? "relay" : served.clustered ? "clustered" : "standalone");
        if (served.clustered) {
            const Cluster::State state = served.clustered->log.state();
            set("connected", state.connected);
            set("leader", state.leader);
            set("cid", state.cid);
            set("sid", state.sid);
            set("index", static_cast<int64_t>(state.index));
        } else {
            set("connected", !served.source || served.source->is_connected());
            set("leader", !served.source);
        }
        if (served.is_available()) set("schema", Text(codec::format_json(served.db->schema().to_json())));
        if (before && same_data(*before, edit.row())) return;
        edit.set_version(Uuid::random(prng_));
        after = std::move(edit).take();
    }
    Changes changes;
    changes.rows.push_back({table.index, served.server_row, before, after});
    commit(server, std::move(changes));
}

}  // namespace weft::ovsdb
