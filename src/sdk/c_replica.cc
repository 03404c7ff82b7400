// SPDX-License-Identifier: Apache-2.0
// The C API: replicas.
#include "codec/json_text.h"
#include "sdk/handles.h"

using namespace weft;
using namespace weft::sdk;

namespace {

/// NULL: every row.
Checked<codec::JsonArray> conditions(const char* where) {
    if (!where) return codec::JsonArray{};
    const auto json = codec::parse_json(TRY(text_of(where, "where")));
    if (json && json->array()) return *json->array();
    return refuse(WEFT_OVSDB_BAD_ARGUMENT,
                  std::string("where: expected an array of conditions, [[\"name\",\"==\",\"br0\"]], not ") +
                      where + (json ? "" : " (" + json.error().message + ")"));
}

Checked<ovsdb::client::TableInterest> interest_in(const char* table, const char* const* columns,
                                                  const char* where) {
    ovsdb::client::TableInterest out{.table = std::string(TRY(text_of(table, "table")))};
    for (auto column = columns; column && *column; ++column)
        out.columns.emplace_back(TRY(text_of(*column, "column")));
    if (columns && out.columns.empty())
        return refuse(WEFT_OVSDB_BAD_ARGUMENT,
                      "table " + out.table + ": no column is named; NULL stands for all");
    out.where = TRY(conditions(where));
    return out;
}

template <class F>
int configure(weft_ovsdb* db, F change) {
    return guarded([&]() -> Checked<> {
        TRY(not_null(db, "db"));
        return db->replica->configure(std::move(change));
    });
}

}  // namespace

extern "C" {

const char* weft_ovsdb_error() { return last_failure(); }

int weft_ovsdb_new(const char* remotes, const char* database, weft_ovsdb** db) {
    return guarded([&]() -> Checked<> {
        TRY(not_null(db, "db"));
        *db = nullptr;
        ReplicaSettings settings{.remotes = std::string(TRY(text_of(remotes, "remotes"))),
                                 .interest = {.database = std::string(TRY(text_of(database, "database")))}};
        *db = new weft_ovsdb{std::make_shared<Replica>(std::move(settings))};
        return {};
    });
}

void weft_ovsdb_free(weft_ovsdb* db) {
    if (!db) return;
    db->replica->stop();
    delete db;
}

int weft_ovsdb_follow(weft_ovsdb* db, const char* table, const char* const* columns, const char* where) {
    return configure(db, [&](ReplicaSettings& settings) -> Checked<> {
        auto wanted = TRY(interest_in(table, columns, where));
        for (const auto& one : settings.interest.tables)
            if (one.table == wanted.table)
                return refuse(WEFT_OVSDB_BAD_ARGUMENT, "table " + one.table + " is followed already");
        settings.interest.tables.push_back(std::move(wanted));
        return {};
    });
}

int weft_ovsdb_set_tls(weft_ovsdb* db, const char* private_key, const char* certificate,
                       const char* ca_cert) {
    return configure(db, [&](ReplicaSettings& settings) -> Checked<> {
        auto& files = settings.tls.emplace();
        files.private_key = TRY(text_of(private_key, "private_key"));
        files.certificate = TRY(text_of(certificate, "certificate"));
        files.ca_cert = TRY(text_of(ca_cert, "ca_cert"));
        return {};
    });
}

int weft_ovsdb_set_leader_only(weft_ovsdb* db, bool leader_only) {
    return configure(db, [&](ReplicaSettings& settings) -> Checked<> {
        settings.interest.leader_only = leader_only;
        return {};
    });
}

int weft_ovsdb_set_probe_interval(weft_ovsdb* db, unsigned milliseconds) {
    return configure(db, [&](ReplicaSettings& settings) -> Checked<> {
        settings.probe_interval = std::chrono::milliseconds(milliseconds);
        return {};
    });
}

int weft_ovsdb_start(weft_ovsdb* db) {
    return guarded([&]() -> Checked<> {
        TRY(not_null(db, "db"));
        return db->replica->start();
    });
}

int weft_ovsdb_wait(weft_ovsdb* db, const weft_ovsdb_view* seen, int timeout_ms, weft_ovsdb_view** view) {
    return guarded([&]() -> Checked<> {
        TRY(not_null(db, "db"));
        TRY(not_null(view, "view"));
        *view = nullptr;
        auto version = TRY(db->replica->wait(seen ? seen->version.get() : nullptr, timeout_ms));
        *view = new weft_ovsdb_view{std::move(version)};
        return {};
    });
}

int weft_ovsdb_fd(const weft_ovsdb* db) { return db ? db->replica->fd() : -1; }

int weft_ovsdb_set_condition(weft_ovsdb* db, const char* table, const char* where) {
    return guarded([&]() -> Checked<> {
        TRY(not_null(db, "db"));
        return db->replica->set_condition(std::string(TRY(text_of(table, "table"))), TRY(conditions(where)));
    });
}

int weft_ovsdb_set_lock(weft_ovsdb* db, const char* name) {
    return guarded([&]() -> Checked<> {
        TRY(not_null(db, "db"));
        return db->replica->set_lock(name ? std::string(TRY(text_of(name, "name"))) : std::string());
    });
}

int weft_ovsdb_reconnect(weft_ovsdb* db) {
    return guarded([&]() -> Checked<> {
        TRY(not_null(db, "db"));
        return db->replica->reconnect();
    });
}

}  // extern "C"
