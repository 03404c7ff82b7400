// SPDX-License-Identifier: Apache-2.0
// The switch's bond with the database: follows it while it holds the lock, and writes back what is so.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bridge/driver.h"
#include "bridge/status.h"
#include "net/ovsdb_client.h"

namespace weft::bridge {

/// Resource type; belongs to the loop's thread. Without the lock `ovs_vswitchd` (another daemon has it) it
/// stands by: nothing is applied and nothing written. A connection that is lost changes nothing that
/// forwards.
class DbSession {
  public:
    struct Options {
        loop::Loop& loop;
        net::Transport& transport;
        std::string remote;
        ProgramFacts facts;
        /// Keys for connections from now on; called when the row of SSL changes, and first of all.
        std::function<void(const std::optional<SslConfig>&)> use_keys = [](const auto&) {};
        int pid = 0;  ///< for the log
        obs::LogModule log = {};
    };
    DbSession(Options options, Switch& sw, Driver& driver);
    ~DbSession();
    DbSession(const DbSession&) = delete;
    DbSession& operator=(const DbSession&) = delete;

    /// Fails if the remote makes no sense.
    Result<> start();
    /// Called once, when the first configuration is in force, or this daemon stands by.
    void when_settled(std::function<void()> settled) { settled_ = std::move(settled); }
    /// Once, before the first configuration is applied.
    void before_first(std::function<void(const Config&)> call) { before_first_ = std::move(call); }

    const net::OvsdbClient* client() const { return client_.get(); }

  private:
    void changed();
    void stand_by();
    void follow();
    void report(Time now);
    void commit_state(Time now);
    void commit_statistics(Time now);
    Duration statistics_interval() const;
    void settle_first();

    Options options_;
    Switch& switch_;
    Driver& driver_;
    std::unique_ptr<net::OvsdbClient> client_;
    loop::Timer statistics_;
    std::function<void()> settled_;
    std::function<void(const Config&)> before_first_;
    Config applied_;
    bool has_applied_ = false, told_standby_ = false;
    bool committing_ = false, committing_statistics_ = false, again_ = false;
    Time retry_at_{}, next_report_{};
    uint64_t reported_ = 0;  ///< Switch::changes() then
};

}  // namespace weft::bridge
