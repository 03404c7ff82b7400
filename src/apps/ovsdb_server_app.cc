// SPDX-License-Identifier: Apache-2.0
#include "apps/ovsdb_server_app.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <random>

#include "store/change_log_file.h"
#include "sys/process.h"

namespace weft::apps {
namespace {

constexpr Duration compaction_check_interval = 5s;
constexpr size_t rows_read_at_once = 5000;  // a few milliseconds

Prng random_prng() {
    std::random_device device;
    return Prng(static_cast<uint64_t>(device()) << 32 | device());
}

}  // namespace

OvsdbServer::OvsdbServer(cli::Daemon& daemon, Options options)
    : daemon_(daemon),
      options_(std::move(options)),
      log_(daemon.log("ovsdb_server")),
      aside_(daemon.loop()),
      long_aside_(daemon.loop()),
      server_(random_prng(), daemon.log("ovsdb_jsonrpc_server")),
      sessions_(daemon.loop(), daemon.transport(), server_, log_),
      remotes_(daemon.loop(), server_, sessions_),
      backup_(daemon, server_, sessions_, options_.backup),
      etcd_(daemon, server_, sessions_, long_aside_.run_aside(), options_.etcd),
      compaction_timer_(daemon.loop(), [this] { compact_what_is_due(); }) {
    sessions_.set_after_pump([this] { refresh(); });
    server_.set_aside(
        [this, aside = long_aside_.run_aside()](auto work, auto done) {
            aside(std::move(work), [this, done = std::move(done)]() mutable {
                done();
                sessions_.pump();
            });
        },
        rows_read_at_once);
    daemon.memory().add([this](obs::MemoryUsage& usage) { report_memory(usage); });
    add_commands();
}

OvsdbServer::~OvsdbServer() {
    sessions_.set_after_pump(nullptr);
    for (const auto& [name, relay] : relays_) std::ignore = server_.remove_database(name);
    etcd_.remove_all();
    child_.reset();
    if (child_pid_ > 0) ::kill(child_pid_, SIGTERM);
}

Result<> OvsdbServer::start() {
    for (const std::string& what : options_.databases)
        TRY(wait_for(what, [&](Done done) { add_database(what, std::move(done)); }));
    TRY(backup_.start());
    if (const std::string& file = options_.config_file; !file.empty())
        TRY(wait_for(file, [&](Done done) { reload(std::move(done)); }));
    for (const std::string& remote : options_.remotes) TRY(remotes_.add(remote));
    refresh();
    compaction_timer_.after(compaction_check_interval);
    return {};
}

void OvsdbServer::refresh() {
    if (!remotes_.take_news()) return;
    net::TlsFiles files = options_.tls;
    for (std::string* one : {&files.private_key, &files.certificate, &files.ca_cert, &files.peer_ca_cert,
                             &files.protocols, &files.ciphers, &files.ciphersuites})
        *one = remotes_.value_of(*one);
    daemon_.use_tls(std::move(files));
    remotes_.configure();
}

void OvsdbServer::add_database(const std::string& what, Done done) {
    constexpr std::string_view relay = "relay:";
    if (store::etcd::is_address(what))
        return etcd_.add(what, [done = std::move(done)](const Result<std::string>& name) mutable {
            done(name ? Result<>() : std::unexpected(name.error()));
        });
    auto added =
        what.starts_with(relay) ? add_relay(std::string_view(what).substr(relay.size())) : add_file(what);
    sessions_.pump();
    done(std::move(added));
}

Result<> OvsdbServer::wait_for(const std::string& what, std::move_only_function<void(Done)> begin) {
    auto result = std::make_shared<std::optional<Result<>>>();
    auto is_waiting = std::make_shared<bool>(false);
    begin([this, result, is_waiting](Result<> done) {
        *result = std::move(done);
        if (*is_waiting) daemon_.loop().stop();
    });
    *is_waiting = !*result;
    if (*is_waiting) daemon_.loop().run();
    return *result ? **result : fail(what + ": stopped before that was done");
}

Result<> OvsdbServer::add_relay(std::string_view description) {
    const size_t colon = description.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == description.size())
        return fail("relay:" + std::string(description) +
                    ": expected relay:DATABASE:REMOTE, as in relay:OVN_Southbound:tcp:HOST:6642");
    return open_relay(std::string(description.substr(0, colon)),
                      {.remotes = std::string(description.substr(colon + 1))});
}

Result<> OvsdbServer::open_relay(const std::string& name, const net::OvsdbSourceConfig& source) {
    relays_[name] = TRY(net::OvsdbFollower::open(daemon_.loop(), daemon_.transport(), server_, sessions_,
                                                 {.database = name,
                                                  .remotes = source.remotes,
                                                  .probe_interval = source.probe_interval,
                                                  .max_backoff = source.max_backoff,
                                                  .dscp = source.dscp,
                                                  .log = daemon_.log("relay")}));
    return {};
}

Result<> OvsdbServer::add_file(const std::string& path) {
    TRY(open_file(path));
    return {};
}

Result<std::string> OvsdbServer::open_file(const std::string& path) {
    for (const std::string& name : server_.databases())
        if (const auto* file = storage(name); file && file->path() == path)
            return fail("ovsdb error: " + path + ": already open");
    const auto date_ms = [this] {
        return std::chrono::duration_cast<std::chrono::milliseconds>(daemon_.clock().since_1970()).count();
    };
    store::FileOptions options{.fs = &disk_,
                               .date_ms = date_ms,
                               .aside = aside_.run_aside(),
                               .long_aside = long_aside_.run_aside(),
                               .synced =
                                   [this](uint64_t ticket, const Result<>& result) {
                                       server_.synced(ticket, result);
                                       sessions_.pump();
                                   },
                               .use_diff = options_.use_diff,
                               .log = log_};
    auto opened = TRY(store::FileStorage::open(path, std::move(options)));
    const std::string name = opened.db->schema().name;
    auto changes = store::ChangeLogFile::open(disk_, opened.storage->path(), log_);
    if (!changes)  // the network is worth more than its history
        LOG(log_, err, "{}: changes that wait for a confirmation are not known: {}", path,
            changes.error().message);
    TRY(server_.add_database(std::move(opened.db), std::move(opened.storage)));
    TRY(server_.keep_changes(name,
                             {.date_ms = date_ms,
                              .store = changes ? std::move(changes->store) : nullptr,
                              .records = changes ? std::move(changes->records) : std::vector<codec::Json>(),
                              .past = std::move(opened.past)},
                             daemon_.loop().now()));
    backup_.database_added(name);
    return name;
}

Result<std::string> OvsdbServer::remove_database(const std::string& name) {
    if (name == "_Server") return fail("Cannot remove reserved database.");
    if (!server_.remove_database(name)) return fail("Failed to find the database.");
    backup_.database_removed(name);
    relays_.erase(name);
    etcd_.remove(name);
    sessions_.pump();
    return "";
}

store::FileStorage* OvsdbServer::storage(const std::string& name) const {
    return static_cast<store::FileStorage*>(server_.storage(name));  // nothing else is ever added
}

void OvsdbServer::compact(const std::string& name, Done done) {
    auto told = [this, name, done = std::move(done)](Result<> result) mutable {
        if (result)
            trim_heap();
        else
            LOG(log_, warn, "{}: compaction failed: {}", name, result.error().message);
        done(std::move(result));
    };
    if (auto* etcd = etcd_.find(name)) return etcd->compact(std::move(told));
    storage(name)->compact(server_.database(name)->snapshot(), daemon_.loop().now(), std::move(told));
}

/// What is free between the rows that are left malloc() keeps; if it is most of the heap, rows have gone.
void OvsdbServer::trim_heap() const {
    if (always_trims_ || sys::free_heap_bytes() > sys::resident_bytes() / 2) sys::trim_heap();
}

void OvsdbServer::compact_what_is_due() {
    for (const std::string& name : server_.databases()) {
        const auto* file = storage(name);
        const auto* etcd = etcd_.find(name);
        if (etcd ? !etcd->is_due_for_compaction()
                 : !file || !file->is_due_for_compaction(daemon_.loop().now()))
            continue;
        LOG(log_, info, "{}: compacting the database", name);
        compact(name, [](Result<>) {});
    }
    compaction_timer_.after(compaction_check_interval);
}

void OvsdbServer::report_memory(obs::MemoryUsage& usage) const {
    usage["monitors"] += server_.monitor_count();
    if (const size_t n = server_.session_count()) usage["sessions"] += n;
    if (const size_t n = server_.waiting_count()) usage["triggers"] += n;
    for (const std::string& name : server_.databases()) {
        const ovsdb::Database& db = *server_.database(name);
        usage["cells"] += db.cells();
        usage["atoms"] += db.atoms();
        usage["n-weak-refs"] += db.weak_references();
    }
}

Result<> OvsdbServer::run_command() {
    if (options_.run.empty()) return {};
    child_ =
        std::make_unique<loop::SignalWatch>(daemon_.loop(), std::initializer_list<int>{SIGCHLD}, [this](int) {
            int status = 0;
            if (::waitpid(child_pid_, &status, WNOHANG) != child_pid_) return;
            child_pid_ = -1;
            exit_status_ = WIFEXITED(status) && WEXITSTATUS(status) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
            daemon_.stop();
        });
    child_pid_ = ::fork();
    if (child_pid_ < 0) return fail("cannot start \"" + options_.run + "\": fork failed");
    if (child_pid_ > 0) return {};
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execl("/bin/sh", "sh", "-c", options_.run.c_str(), static_cast<char*>(nullptr));
    ::_exit(127);
}

}  // namespace weft::apps
