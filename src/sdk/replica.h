// SPDX-License-Identifier: Apache-2.0
// A net::OvsdbClient on a thread of its own, for programs that have no loop of ours.
//
//     any thread --start, submit, set_...--> the loop's thread --Version, outcomes--> any thread (wait)
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "loop/clock.h"
#include "loop/loop.h"
#include "net/ovsdb_client.h"
#include "net/system_transport.h"
#include "net/tls.h"
#include "sdk/view.h"
#include "sys/poll_set.h"

namespace weft::sdk {

/// A transaction on its way; shared by whoever waits for it and the replica.
struct Commit {
    explicit Commit(ovsdb::client::Txn t) : txn(std::move(t)) {}

    ovsdb::client::Txn txn;  ///< the loop's thread's, once submitted
    bool sent = false;       ///< guarded by the replica, as the rest
    bool wanted = true;      ///< somebody still waits for it
    std::optional<ovsdb::client::Outcome> outcome = {};
};
using CommitPtr = std::shared_ptr<Commit>;

/// How to follow a database.
struct ReplicaSettings {
    std::string remotes;
    ovsdb::client::Interest interest;
    std::optional<net::TlsFiles> tls = {};
    Duration probe_interval = 5s;
};

/// Resource type; thread-safe. Its owner calls stop() when no other thread uses it; what still holds it then
/// gets errors.
class Replica {
  public:
    explicit Replica(ReplicaSettings settings) : settings_(std::move(settings)) {}
    ~Replica() { stop(); }
    Replica(const Replica&) = delete;
    Replica& operator=(const Replica&) = delete;

    /// Changes the settings; refused once it is started.
    Checked<> configure(const std::function<Checked<>(ReplicaSettings&)>& change);
    Checked<> start();
    /// Ends the thread. What was committed and has no outcome gets one.
    void stop();
    /// -1 before start().
    int fd() const;

    /// A version of another number than `seen`, or any if that is null. Negative: waits as long as it takes.
    Checked<VersionPtr> wait(const Version* seen, int timeout_ms);

    void submit(const CommitPtr& commit);
    /// Waits for the outcome; null if there is none in time.
    const ovsdb::client::Outcome* wait(const Commit& commit, int timeout_ms);
    /// Nobody waits any more: it is not sent if it was not yet.
    void forget(Commit& commit);

    Checked<> set_condition(const std::string& table, codec::JsonArray where);
    Checked<> set_lock(std::string name);
    Checked<> reconnect();

  private:
    enum class State : uint8_t { new_, running, stopped };

    void run();
    Checked<> require_running() const;
    /// Runs `act` on the loop's thread, and what follows from it for waiters.
    void on_loop(const std::function<void(net::OvsdbClient&)>& act);
    void changed();
    void publish();
    void send(const CommitPtr& commit);
    void finish(const CommitPtr& commit, ovsdb::client::Outcome outcome);
    bool wait_until(std::unique_lock<std::mutex>& lock, int timeout_ms, const std::function<bool()>& done);

    mutable std::mutex mutex_;
    std::condition_variable news_;
    // Guarded by mutex_.
    ReplicaSettings settings_;
    State state_ = State::new_;
    VersionPtr newest_;
    std::vector<LayoutPtr> layouts_;  ///< all there were: views and indexes point to them
    std::string trouble_;             ///< what keeps the replica from being current
    std::set<CommitPtr> underway_;    ///< submitted, without an outcome

    // The loop's thread's, while there is one.
    loop::Clock clock_;
    loop::Loop loop_{clock_};
    net::SystemTransport system_{loop_, {}};
    net::TlsTransport transport_{loop_, system_, {}};
    std::unique_ptr<net::OvsdbClient> client_;
    std::vector<CommitPtr> waiting_;  ///< for a connection

    std::optional<sys::Event> event_;
    std::thread thread_;
};

}  // namespace weft::sdk
