// SPDX-License-Identifier: Apache-2.0
// What a Server keeps for each database and each session; for server*.cc only.
#pragma once

#include "ovsdb/change_log.h"
#include "ovsdb/server.h"

namespace weft::ovsdb {

/// A transact request that is not answered yet.
struct Server::Blocked {
    SessionId session;
    std::string id;  ///< JSON text
    codec::JsonArray params;
    Time received;
    Time deadline = never;
    uint64_t tried_at = 0;      ///< version of the database at the last try
    SchemaPtr convert_to = {};  ///< a convert request instead
};

/// What is on its way to a cluster's log.
struct Server::Round {
    struct Item {
        Blocked transaction;
        std::string results = {};
        Changes changes = {};
        bool is_stored = false;  ///< has a record in the proposal
    };
    std::list<Item> items;
    std::optional<Uuid> proposal;                   ///< nullopt: only waits for Server::cluster_caught_up()
    std::unique_ptr<Database> converted = nullptr;  ///< the one item is a conversion
};

/// What a clustered database has beside others.
struct Server::Clustered {
    Cluster& log;
    std::list<Blocked> queue = {};  ///< for the next round
    std::optional<Round> round = {};
};

struct Server::Served {
    std::unique_ptr<Database> db;
    std::unique_ptr<Storage> storage;
    uint64_t version = 1;
    Uuid last_transaction;
    MonitorGroups monitors;
    History history;
    std::unique_ptr<ChangeLog> changes = {};  ///< null: none is kept
    std::list<Blocked> blocked;
    bool is_reserved = false;  ///< _Server: clients may not write
    bool is_backup = false;
    RelaySource* source = nullptr;
    std::unique_ptr<Clustered> clustered = {};
    std::optional<Snapshot> followed = {};  ///< what follow() saw last
    Uuid server_row;                        ///< its row in _Server

    const std::string& name() const { return db->schema().name; }
    bool is_available() const { return !source || followed; }
};

struct Server::Session {
    SessionId id;
    SessionOptions options;
    bool change_aware = false;
    bool congested = false;
    bool closing = false;  ///< the shell was told to close it; nothing more is sent
    struct OwnMonitor {
        Monitor monitor;
        Served* served;
    };
    std::map<std::string, std::unique_ptr<OwnMonitor>> monitors;  ///< by JSON text of the id
    struct Waiting {
        uint64_t ticket;  ///< 0: ready
        std::string id;
        Reply reply;
    };
    std::list<Waiting> replies;  ///< held up by a durable transaction, in order
};

}  // namespace weft::ovsdb
