// SPDX-License-Identifier: Apache-2.0
#include "bridge/db_session.h"

#include "bridge/config_keys.h"
#include "bridge/config_reader.h"

namespace weft::bridge {

namespace {

using ovsdb::client::Outcome;
using ovsdb::client::Txn;

constexpr Duration report_interval = 500ms;

/// The configuration without what we write ourselves.
Config wanted_only(Config config) {
    for (BridgeConfig& b : config.bridges)
        for (PortConfig& p : b.ports)
            for (InterfaceConfig& i : p.interfaces) i.ofport.reset();
    return config;
}

}  // namespace

DbSession::DbSession(Options options, Switch& sw, Driver& driver)
    : options_(std::move(options)), switch_(sw), driver_(driver), statistics_(options_.loop, [this] {
          commit_statistics(options_.loop.now());
          statistics_.after(statistics_interval());
      }) {}

DbSession::~DbSession() = default;

Result<> DbSession::start() {
    net::OvsdbClient::Options client;
    client.remotes = options_.remote;
    client.interest.lock = "ovs_vswitchd";
    client.log = options_.log;
    client_ = TRY(net::OvsdbClient::open(options_.loop, options_.transport, std::move(client)));
    client_->on_change([this] { changed(); });
    driver_.after_run([this](Time now) {
        if (switch_.changes() != reported_ || next_report_ <= now) report(now);
    });
    statistics_.after(statistics_interval());
    return {};
}

Duration DbSession::statistics_interval() const {
    return std::chrono::milliseconds(
        number_of(switch_.config().other_config, "Open_vSwitch", "stats-update-interval"));
}

void DbSession::changed() {
    if (!client_->has_contents()) return;
    if (!client_->has_lock()) {
        if (client_->is_synchronized() && client_->lock_is_contended()) stand_by();
        return;
    }
    told_standby_ = false;
    follow();
}

void DbSession::stand_by() {
    if (!told_standby_)
        LOG(options_.log, err,
            "another ovs-vswitchd process is running, disabling this process (pid {}) until it goes away",
            options_.pid);
    told_standby_ = true;
    // While the connection was away, the other one got the lock: the devices are its own now.
    if (std::exchange(has_applied_, false)) switch_.release();
    settle_first();
}

void DbSession::follow() {
    Config config = read_config(client_->view());
    Config wanted = wanted_only(config);
    const bool news = !has_applied_ || wanted != applied_;
    if (news) {
        if (!has_applied_ && before_first_) before_first_(config);
        if (!has_applied_ || wanted.ssl != applied_.ssl) options_.use_keys(wanted.ssl);
        switch_.apply(config, options_.loop.now());
        applied_ = std::move(wanted);
        has_applied_ = true;
    }
    report(options_.loop.now());
    if (news) commit_statistics(options_.loop.now());
    settle_first();
}

void DbSession::settle_first() {
    if (settled_) std::exchange(settled_, nullptr)();
}

void DbSession::report(Time now) {
    if (!has_applied_ || !client_->is_synchronized() || !client_->has_lock()) return;
    reported_ = switch_.changes();
    next_report_ = now + report_interval;
    commit_state(now);
}

void DbSession::commit_state(Time now) {
    if (committing_) {
        again_ = true;
        return;
    }
    if (now < retry_at_) return;
    Txn txn(client_->view());
    write(report_state(switch_, options_.facts, now), txn);
    if (txn.empty()) return;
    committing_ = true;
    client_->commit(std::move(txn), [this](const Outcome& outcome) {
        committing_ = false;
        if (outcome.status == Outcome::Status::error) {
            LOG(options_.log, warn, "could not write status to the database: {}", outcome.error);
            retry_at_ = options_.loop.now() + 1s;
        }
        if (std::exchange(again_, false)) report(options_.loop.now());
    });
}

void DbSession::commit_statistics(Time) {
    if (!has_applied_ || committing_statistics_ || !client_->is_synchronized() || !client_->has_lock())
        return;
    Txn txn(client_->view());
    write(report_statistics(switch_, options_.facts), txn);
    if (txn.empty()) return;
    committing_statistics_ = true;
    client_->commit(std::move(txn), [this](const Outcome&) { committing_statistics_ = false; });
}

}  // namespace weft::bridge
