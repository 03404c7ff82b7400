// SPDX-License-Identifier: Apache-2.0
// The replica as a protocol machine: messages in, messages out. The shell that owns the connection is
// net/ovsdb_client.h.
//
//     connected()
//       get_schema _Server -> monitor_cond _Server (is the database there, connected, does it lead?)
//       get_schema         -> monitor_cond_since | monitor_cond | monitor -> updates ...
//       lock
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "jsonrpc/message.h"
#include "ovsdb/client/contents.h"
#include "ovsdb/client/txn.h"
#include "ovsdb/client/view.h"

namespace weft::ovsdb::client {

/// What a program wants of a database.
struct Interest {
    std::string database = "Open_vSwitch";
    std::vector<TableInterest> tables = {};  ///< empty: all
    std::string lock = {};                   ///< to be held while connected; empty: none
    bool leader_only = true;                 ///< of a cluster, only the leader will do
};

/// Pure. Resource type; one thread.
class Session {
  public:
    explicit Session(Interest interest) : interest_(std::move(interest)) {}

    // Input. After each, send what take_output() gives and look at failure().
    void connected();
    void disconnected();
    void receive(jsonrpc::Message message);

    std::vector<jsonrpc::Message> take_output() { return std::exchange(output_, {}); }
    /// Why this connection is of no use, so that the owner tries the next remote (after telling
    /// disconnected()).
    const std::optional<std::string>& failure() const { return failure_; }
    /// Things worth a line in the log, since the last call.
    std::vector<std::string> take_notes() { return std::exchange(notes_, {}); }

    const View& view() const { return view_; }
    bool has_contents() const { return view_.schema() != nullptr; }
    bool is_synchronized() const { return state_ == State::synchronized; }
    /// Synchronized, and no condition is on its way.
    bool is_current() const {
        return is_synchronized() &&
               (method_ == Method::monitor || (!conditions_changed_ && !condition_change_pending_));
    }
    bool has_lock() const { return interest_.lock.empty() || has_lock_; }
    bool lock_is_contended() const { return lock_is_contended_; }
    /// Grows with each change of the contents, the lock or the connection.
    uint64_t change_count() const { return changes_; }

    using Done = std::move_only_function<void(const Outcome&)>;
    /// `done` may be called within, and within receive() and disconnected().
    void commit(Txn txn, Done done);
    void set_condition(const std::string& table, codec::JsonArray where);
    /// Holds this lock in place of the interest's from now on; empty: none.
    void set_lock(std::string name);
    /// Has the server carry out somebody else's transact request. `done` gets the answer, an error if there
    /// is no connection or it is lost; it may be called within, and within receive() and disconnected().
    void forward(codec::JsonArray params, std::move_only_function<void(const jsonrpc::Message&)> done);

  private:
    enum class State : uint8_t {
        disconnected,
        asking_server,
        waiting_for_database,
        asking_schema,
        asking_contents,
        synchronized
    };
    enum class Method : uint8_t { monitor_cond_since, monitor_cond, monitor };
    using Reply = std::move_only_function<void(const jsonrpc::Message&)>;

    void request(std::string method, codec::JsonArray params, Reply reply);
    void receive_reply(const jsonrpc::Message& message);
    void receive_notification(const jsonrpc::Message& message);
    void receive_update(const jsonrpc::Message& message, UpdateFormat format);

    void ask_server_database();
    void on_server_schema(const jsonrpc::Message& reply);
    void on_server_contents(const jsonrpc::Message& reply);
    void judge_server();
    void ask_schema();
    void on_schema(const jsonrpc::Message& reply);
    void ask_contents();
    void on_contents(const jsonrpc::Message& reply);
    void synchronized();
    void ask_lock();
    void lock_is(bool held, bool contended);
    void send_conditions();
    void fail_connection(std::string reason);
    void publish();
    void end_transactions();

    Interest interest_;
    State state_ = State::disconnected;
    Method method_ = Method::monitor_cond_since;
    std::vector<jsonrpc::Message> output_;
    std::optional<std::string> failure_;
    std::vector<std::string> notes_, missing_;  ///< missing_: of the interest in the server's schema
    std::map<int64_t, Reply> replies_, forwarded_;
    int64_t next_id_ = 1;
    uint64_t changes_ = 0;

    std::optional<Contents> server_;    ///< of _Server, while connected to a server that has it
    std::optional<Contents> contents_;  ///< of our database; kept while disconnected
    View view_;
    std::string last_txn_;  ///< known to the server as the state of contents_; empty: none
    bool conditions_changed_ = false, condition_change_pending_ = false;
    bool has_lock_ = false, lock_is_contended_ = false;

    struct Pending {
        Txn txn;
        std::string lock;  ///< that it asserts
        Done done;
    };
    std::map<int64_t, Pending> transactions_;
};

}  // namespace weft::ovsdb::client
