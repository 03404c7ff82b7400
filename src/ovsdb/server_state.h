// SPDX-License-Identifier: Apache-2.0
// What a Server keeps for each database and each session; for server*.cc only.
#pragma once

#include "ovsdb/change_log.h"
#include "ovsdb/convert.h"
#include "ovsdb/server.h"

namespace weft::ovsdb {

constexpr size_t max_rounds_aside = 8;             ///< for what is changed all the while
constexpr Duration roll_back_retry_interval = 5s;  ///< where disk or log refused it

/// A transact request, or another that waits for its turn, that is not answered yet.
struct Server::Blocked {
    SessionId session;
    std::string id;  ///< JSON text
    codec::JsonArray params;
    Time received;
    Time deadline = never;
    uint64_t tried_at = 0;       ///< version of the database at the last try
    RowSearch search = {};       ///< what its conditions are about, as of the last try
    SchemaPtr convert_to = {};   ///< a convert request instead
    std::string method = {};     ///< one of server_changes.cc instead
    std::string roll_back = {};  ///< no request: the server's own, takes that transaction back

    bool is_step() const { return !method.empty() || !roll_back.empty(); }
};

/// A transaction whose rows are looked for aside, or a conversion. Later requests of its session wait for it.
struct Server::Preparing {
    Blocked transaction;
    Served* served;
    uint64_t position = 0;  ///< of what is looked at
    size_t rounds = 1;
    bool is_canceled = false;
};

/// Worked at aside.
struct Server::Converting {
    Conversion conversion;
    std::unique_ptr<Replacement> file;  ///< null: there is no storage
    std::optional<codec::Json> error = {};

    void advance(const Snapshot& now);
};

/// What a request of server_changes.cc, or a roll-back, does.
struct Server::Step {
    codec::JsonObject about = {};  ///< what the client is told of the changes
    std::string reply = {};        ///< JSON text
    Changes changes = {};
    std::optional<ChangeLog::Pending> begins = {};
    std::optional<ChangeLog::Ended> ends = {};
};

/// What is on its way to a cluster's log.
struct Server::Round {
    struct Item {
        Blocked transaction;
        Reply results = {};
        Changes changes = {};
        bool is_stored = false;  ///< has a record in the proposal
        std::optional<ChangeLog::Pending> begins = {};
        std::optional<ChangeLog::Ended> ends = {};
    };
    std::list<Item> items;                          ///< a conversion or a step is alone
    int64_t date_ms = 0;                            ///< of what it proposes
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
    std::set<std::string> logged_tables = {};
    bool is_reserved = false;  ///< _Server: clients may not write
    bool is_backup = false;
    RelaySource* source = nullptr;
    std::unique_ptr<Clustered> clustered = {};
    std::optional<Snapshot> followed = {};  ///< what follow() saw last
    Uuid server_row;                        ///< its row in _Server

    const std::string& name() const { return db->schema().name; }
    bool is_available() const { return !source || followed; }
};

struct Server::OwnMonitor {
    Monitor monitor;
    Served* served;
    /// Tickets of what is made aside, until it has left; updates wait for that.
    uint64_t first_answer = 0, update = 0;

    bool is_waiting() const { return first_answer || update; }
};

/// What is made aside for a monitor, by its id; the ticket tells it from another of that id. Empty: none.
struct Server::ForMonitor {
    std::string id = {};
    uint64_t ticket = 0;
};

struct Server::Session {
    SessionId id;
    SessionOptions options;
    bool change_aware = false;
    bool congested = false;
    bool closing = false;  ///< the shell was told to close it; nothing more is sent
    std::map<std::string, std::unique_ptr<OwnMonitor>> monitors;  ///< by JSON text of the id
    struct Waiting {
        uint64_t ticket;  ///< 0: ready
        std::string id;
        Reply reply;
        uint64_t position;  ///< what had changed by then is told before
        ForMonitor first_answer_of = {};
    };
    std::list<Waiting> replies;  ///< held up by a durable transaction or a long read, in order
    std::unique_ptr<Preparing> preparing = {};
    /// Until what is made aside for monitors has left, or for a transaction was found.
    std::list<std::pair<jsonrpc::Message, Time>> deferred = {};
};

}  // namespace weft::ovsdb
