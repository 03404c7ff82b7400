// SPDX-License-Identifier: Apache-2.0
// The database server without its sockets: messages of sessions and the time go in, messages come out.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/prng.h"
#include "base/time.h"
#include "jsonrpc/message.h"
#include "obs/log.h"
#include "ovsdb/change_log.h"
#include "ovsdb/cluster.h"
#include "ovsdb/monitor.h"
#include "ovsdb/storage.h"
#include "ovsdb/transaction.h"

namespace weft::ovsdb {

struct SessionOptions {
    std::string name;  ///< for the log
    bool read_only = false;
    Identity identity = {};  ///< for the rules of RBAC_Role
};

/// What the shell has to do for a session: send head + shared + tail, or close the connection.
struct Output {
    SessionId session;
    std::string head = {};
    SharedText shared = {};  ///< null: nothing between head and tail
    std::string tail = {};
    bool close = false;

    std::string text() const { return head + (shared ? *shared : "") + tail; }
};

/// Where a relay's contents come from and its writes go: another server. Belongs to the shell.
class RelaySource {
  public:
    virtual ~RelaySource() = default;
    virtual bool is_connected() const = 0;
    /// Has the other server carry out a transact request. `done` is called once, later and not from within;
    /// with an error if the connection is not there or is lost.
    virtual void forward(codec::JsonArray params,
                         std::move_only_function<void(const jsonrpc::Message&)> done) = 0;
};

/// Resource type, one thread; no clock, no I/O but through Storage. RFC 7047 4 with the extensions of
/// ovsdb-server(7). A session that cannot take more (set_congested) gets no updates until it can; then it
/// gets the difference to what it saw last, so what a slow client costs is bounded by the size of the
/// database. Updates that a transaction causes come out before its result, results in the order of the
/// requests, save those that a "wait" or the disk holds up.
class Server {
  public:
    explicit Server(Prng prng, obs::LogModule log = {});
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// How answers that take reading `min_rows` rows and more are made: the first answer of a monitor, an
    /// update of so many rows for a client that is behind, what a new condition adds, and
    /// transactions that only select: these show the database as it was when they were begun. Other
    /// transactions have rows looked for that no index leads to, and are run on what the database says then.
    /// The caller looks for output after `done`. At once unless this is called.
    void set_aside(RunAside aside, size_t min_rows);

    // Databases. Sessions that are not aware of such changes are closed, so that they come back and look.

    /// `storage` null: the database lives in memory only. An error if there is one of that name.
    Result<> add_database(std::unique_ptr<Database> db, std::unique_ptr<Storage> storage);
    /// A relay (ovsdb(7)): not available until follow() brings its schema and contents; it lives in memory,
    /// and transactions that write go to `source`, which must outlive it.
    Result<> add_relay(const std::string& name, RelaySource& source);
    Result<> remove_database(const std::string& name);
    /// Makes the database say what another server's does, but for the tables named in `own`. That must have
    /// the same schema (same_schema()); a relay takes over any. Costs in proportion to what `now` changes
    /// against the one before.
    Result<> follow(const std::string& name, const Snapshot& now, const std::set<std::string>& own,
                    Time time);
    /// The next follow() compares all rows, for somebody else may have changed them.
    void stop_following(const std::string& name);
    /// Tells _Server whether the relay's source is connected.
    void source_changed(const std::string& name);

    // Clustered databases (server_cluster.cc). Transactions wait for their place in the log of `cluster`,
    // which must outlive the database.

    Result<> add_clustered(ClusterContents contents, Cluster& cluster, Time now);
    /// The next entry of the log; an error if it does not fit, which leaves the database as it was.
    Result<> cluster_entry(const std::string& name, ClusterEntry entry, Time now);
    /// The last proposal will never be in the log.
    void cluster_refused(const std::string& name, const Uuid& proposal, const Error& why);
    /// The last proposal will not be appended as it is: what is in it is run again.
    void cluster_void(const std::string& name, const Uuid& proposal);
    void cluster_caught_up(const std::string& name, Time now);
    /// The database as it is after entries that nobody told of.
    void cluster_reloaded(const std::string& name, ClusterContents contents, Time now);
    /// After all of the above, and when what state() or holds() say has changed.
    void cluster_changed(const std::string& name, Time now);

    /// Sorted; _Server included.
    std::vector<std::string> databases() const;
    /// Null if there is none.
    const Database* database(const std::string& name) const;
    Storage* storage(const std::string& name) const;
    /// Counts how often a database came or went, or had its contents replaced.
    uint64_t generation() const { return generation_; }
    /// Remembers the database's transactions, and rolls back those that are not confirmed in time, those of
    /// `options.records` too (server_changes.cc).
    Result<> keep_changes(const std::string& name, ChangeLog::Options options, Time now);
    /// ChangeLog::records() of a database of which changes are kept.
    std::vector<codec::Json> change_records(const std::string& name) const;
    /// Whether the log tells of each change of the table (server_table_log.cc).
    Result<> set_table_logged(const std::string& database, const std::string& table, bool logged);
    bool is_table_logged(const std::string& database, const std::string& table) const;
    /// Runs operations as the server's own; the array of results. They must not wait.
    codec::Json execute(const std::string& name, codec::JsonArray operations, Time now);

    // Sessions. The shell chooses the ids, each only once.

    void open(SessionId session, SessionOptions options);
    void close(SessionId session);
    void close_all(const std::string& reason);
    void set_read_only(SessionId session, bool read_only);
    /// From its next operation on; a transaction that waits is judged by the role of when it goes on.
    void set_role(SessionId session, std::string role);
    /// A backup: no session may write to it (ovsdb(7), "Active-Backup Database Service Model"). While all
    /// databases are, no session may lock.
    void set_backup(const std::string& database, bool backup);
    void receive(SessionId session, jsonrpc::Message message, Time now);
    void set_congested(SessionId session, bool congested);
    /// From now on there are no conditional monitors, as in servers of old; for tests of clients.
    void disable_conditional_monitors();
    /// Locks that the session owns (`owned`) or waits for.
    std::vector<std::string> locks_of(SessionId session, bool owned) const;
    size_t session_count() const { return sessions_.size(); }
    size_t monitor_count() const;  ///< different ones
    /// Transactions that wait, for a condition or a cluster.
    size_t waiting_count() const;

    /// Storage::sync(ticket) is done.
    void synced(uint64_t ticket, const Result<>& result);

    /// To be called at deadline().
    void tick(Time now);
    Time deadline() const;

    /// What there is to do since the last call, in order.
    std::vector<Output> take_output() { return std::exchange(output_, {}); }

  private:
    struct Served;
    struct Session;
    struct Blocked;
    struct Preparing;
    struct Converting;
    struct Round;
    struct Clustered;
    struct Step;
    using Reply = std::expected<std::string, codec::Json>;  ///< text of the result, or the error

    Reply handle(Session& session, const jsonrpc::Message& request);
    Reply get_schema(const jsonrpc::Message& request);
    struct OwnMonitor;
    struct ForMonitor;
    std::expected<OwnMonitor*, codec::Json> begin_monitor(Session& session, const jsonrpc::Message& request,
                                                          UpdateFormat format);
    void monitor_request(Session& session, const jsonrpc::Message& request, UpdateFormat format);
    Reply monitor_cancel(Session& session, const jsonrpc::Message& request);
    void monitor_cond_change(Session& session, const jsonrpc::Message& request);
    Reply lock(Session& session, const jsonrpc::Message& request);
    Reply unlock(Session& session, const jsonrpc::Message& request);
    Reply set_change_aware(Session& session, const jsonrpc::Message& request);
    void convert_request(Session& session, const jsonrpc::Message& request, Time now);
    std::expected<SchemaPtr, codec::Json> schema_to_convert_to(const Session& session, const Served& served,
                                                               const jsonrpc::Message& request) const;
    void convert_aside(Session& session, std::shared_ptr<Converting> what);
    void have_converted(SessionId session, const std::shared_ptr<Converting>& what);
    Reply convert(Served& served, Converting& what);
    void transact_request(Session& session, jsonrpc::Message request, Time now);
    void cancel(Session& session, const jsonrpc::Message& notification);

    std::expected<Served*, codec::Json> database_of(const jsonrpc::Message& request);
    /// Whether a transact request of that id is not answered yet.
    bool is_waiting(SessionId session, const std::string& id) const;
    void start(Served& served, Blocked transaction, Time now);
    /// True if it is over; false if it waits.
    bool run(Served& served, Blocked& transaction, Time now);
    TransactResult attempt(Served& served, Blocked& transaction, Time now,
                           std::set<std::string>* owned = nullptr);
    /// Of transact(); locks that turn out to be the session's are added to `owned`.
    std::function<bool(const std::string&)> owns_lock(SessionId session, std::set<std::string>* owned) const;
    void commit(Served& served, Changes changes, std::optional<Uuid> id = {});
    void log_changes(const Served& served, const Changes& changes);
    void retry_blocked(Served& served, Time now);
    /// Stores what is to be committed next.
    Result<> store(Served& served, const Changes& changes);

    // server_reading.cc
    using MakeText = std::move_only_function<std::string()>;
    bool is_long(const Snapshot& snapshot, const MonitorRequest& request) const;
    bool is_long(const OwnMonitor& own, const MonitorRequest& next) const;
    bool is_long(const Database& db, const codec::JsonArray& params) const;
    /// Answers with what `make` returns; `monitor` or null: of which that is the first answer.
    void read_aside(Session& session, const std::string& id, OwnMonitor* monitor, MakeText make);
    void have_read(SessionId session, uint64_t ticket, Reply reply);
    void first_answer_left(Session& session, const ForMonitor& of);
    /// Encodes what the client of the monitor has not seen; `before`: what it wanted until now.
    uint64_t update_aside(Session& session, OwnMonitor& own, const MonitorRequest& before);
    void have_updated(SessionId session, const ForMonitor& what, Seen seen, std::vector<std::string> updates);
    void hear_deferred(Session& session);
    static bool defer(Session& session, jsonrpc::Message& request, Time now);
    void search_aside(Session& session, RowSearch search);
    void have_searched(SessionId session, RowSearch search);
    static bool has_seen(const Session& session, uint64_t position);
    void forget(OwnMonitor& own);

    // server_cluster.cc
    void enqueue(Served& served, Blocked transaction, Time now);
    void start_round(Served& served, Time now);
    void run_round(Served& served, bool is_caught_up, Time now);
    void run_batch(Served& served, Time now);
    bool run_conversion(Served& served);
    void run_step(Served& served, Time now);
    void finish_round(Served& served, std::optional<Uuid> entry, Time now);
    void abandon_round(Served& served);
    void refuse_queued(Served& served, const std::string& why);
    void put_off(Served& served, const Blocked& transaction, const std::string& why);
    bool is_wanted(const Blocked& transaction) const;
    void answer(const Blocked& transaction, const Reply& result);
    Result<> take_entry(Served& served, const ClusterEntry& entry, Time now);
    bool is_clustered() const;
    bool lock_is_ours(const std::string& lock) const;
    void review_lock(const std::string& lock);
    void review_locks();

    // server_changes.cc
    void changes_request(Session& session, const jsonrpc::Message& request, Time now);
    static bool have_changed(const Served& served, const std::string& since, const Changes& changes);
    using Planned = std::expected<Step, codec::Json>;  ///< or the error that is the answer
    /// What a request comes to; nothing of it is made yet.
    Planned plan(Served& served, const Blocked& request, Time now, std::set<std::string>* locks);
    Planned plan_apply(Served& served, const Blocked& request, Time now, std::set<std::string>* locks);
    Planned plan_revert(Served& served, const Blocked& request, Time now);
    static Planned plan_confirm(const Served& served, const codec::JsonArray& params);
    static Planned history(const Served& served, const codec::JsonArray& params);
    struct Making {
        Time now;
        std::optional<int64_t> within_ms = {};  ///< to be confirmed
        std::string instead_of = {};            ///< the pending transaction that this takes back
    };
    static Planned prepare(Served& served, Changes changes, const Making& how);
    Reply carry_out(Served& served, Step step, Time now);
    void tell_end(const Served& served, const ChangeLog::Ended& ended) const;
    static bool rolls_back(const Served& served);
    void roll_back_due(Served& served, Time now);
    Step plan_roll_back(const Served& served, const std::string& id);
    void roll_back(Served& served, const std::string& id, Time now);
    void roll_back_synced(uint64_t ticket, const Result<>& result);

    void reply(Session& session, const std::string& id, Reply reply);
    void reply_when_durable(Session& session, Served& served, const std::string& id, Reply reply);
    void flush_replies(Session& session);
    Seen seen_now(const Served& served) const;
    /// `transaction`: with which the client is up to date then.
    void tell(const Monitor& monitor, const Uuid& transaction, std::string update);
    void tell(const Monitor& monitor, const Uuid& transaction, const SharedText& update);
    void tell(const LockTable::Notices& notices);
    void catch_up(Session& session);
    void disconnect(Session& session, const std::string& reason);
    void databases_changed(const std::string& reason);
    void cancel_monitors(Served& served);
    void cancel_blocked(Served& served);
    void forward(SessionId session, Served& served, const std::string& id, codec::JsonArray params);
    Result<> serve(std::unique_ptr<Served> served);
    void replace_contents(Served& served, std::unique_ptr<Database> db);
    static bool is_read_only(const Session& session, const Served& served);
    bool refuses_locks(const Session& session) const;
    void update_server_row(const Served& served, bool present);
    void add_server_database();

    Prng prng_;
    RunAside aside_ = run_at_once();
    size_t aside_min_rows_ = ~size_t{0};
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    obs::LogModule log_;
    obs::LogLimit table_log_;
    bool has_conditional_monitors_ = true;
    Uuid server_id_;
    std::map<std::string, std::unique_ptr<Served>> databases_;
    std::map<SessionId, std::unique_ptr<Session>> sessions_;
    LockTable locks_;
    std::set<std::string> granted_;  ///< locks that the clusters let this server have
    size_t congested_ = 0;           ///< sessions
    uint64_t next_ticket_ = 1, generation_ = 1;
    uint64_t position_ = 0;  ///< rows changed by all commits: a place among them, and how much is between two
    std::map<uint64_t, std::pair<std::string, std::string>>
        rolling_back_;                              ///< by ticket: database, transaction
    std::optional<std::string> changed_databases_;  ///< why sessions are to be closed after the reply
    std::vector<Output> output_;
};

}  // namespace weft::ovsdb
