// SPDX-License-Identifier: Apache-2.0
// ovs-vswitchd(8): builds the switch, its database session and its commands, and runs them.
#include <fmt/core.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include "apps/ovs_vswitchd_datapaths.h"
#include "bridge/db_session.h"
#include "bridge/driver.h"
#include "bridge/dummy_streams.h"
#include "bridge/openflow_net.h"
#include "cli/connection_usage.h"
#include "cli/daemon.h"
#include "cli/tls_options.h"
#include "ctl/context.h"
#include "ctl/drop_coverage.h"
#include "ctl/live_trace.h"
#include "ctl/metrics.h"
#include "ctl/metrics_server.h"
#include "loop/time_commands.h"
#include "obs/memory.h"
#include "sys/host_statistics.h"
#include "sys/ip_config.h"
#include "sys/process.h"

using namespace weft;

namespace {

std::string usage(const cli::Paths& paths) {
    return fmt::format(
        "ovs-vswitchd: Open vSwitch daemon\n"
        "usage: ovs-vswitchd [OPTIONS] [DATABASE]\n"
        "where DATABASE is a socket on which ovsdb-server is listening\n"
        "      (default: \"{}\").\n\n"
        "{}{}\n"
        "Switch options:\n"
        "  --metrics=ADDRESS       tell metrics to Prometheus: unix:PATH, tcp:[127.0.0.1:]PORT,\n"
        "                          or none (default: unix:RUNDIR/ovs-vswitchd.metrics)\n"
        "  --bpf-folder=FOLDER     keep eBPF programs in FOLDER, of a BPF file system, while this\n"
        "                          program is restarted, or none (default: {})\n"
        "  --no-checkpoint         start with empty flow tables after a crash, too\n",
        paths.default_database(), cli::active_usage("DATABASE"), cli::tls_usage(),
        apps::DatapathOptions::default_bpf_folder);
}

/// What the command line asks for.
struct Wishes {
    apps::DatapathOptions datapaths;
    bool lock_memory = false;
    net::TlsFiles tls;    ///< the database's row of SSL takes precedence
    std::string metrics;  ///< "": a socket in the run directory
    bool no_checkpoint = false, no_adoption = false;
};

void add_options(cli::Options& options, Wishes& wishes) {
    options.add({.name = "enable-dummy",
                 .argument = cli::Options::Argument::optional,
                 .apply = [&](cli::Options::Value value) -> Result<> {
                     return wishes.datapaths.enable_dummy(value.value_or(""));
                 }});
    options.flag("disable-system", wishes.datapaths.disable_system);
    options.flag("mlockall", wishes.lock_memory);
    options.text("metrics", wishes.metrics);
    cli::add_tls_options(options, wishes.tls);
    options.text("bpf-folder", wishes.datapaths.bpf_folder);
    options.flag("no-checkpoint", wishes.no_checkpoint);
    options.flag("no-adoption", wishes.no_adoption);
    options.ignore("disable-system-route");
    options.ignore("dummy-numa", cli::Options::Argument::required);
    options.ignore("dpdk", cli::Options::Argument::optional);
}

std::shared_ptr<void> call_when_readable(loop::Loop& loop, int fd, loop::Call call) {
    auto watch = std::make_shared<loop::FdWatch>(loop, fd, loop::FdWatch::Calls{.readable = std::move(call)});
    watch->watch(true, false);
    return watch;
}

bridge::OpenflowNet::Options openflow_options(cli::Daemon& daemon, std::function<void()> worked) {
    return {.loop = daemon.loop(),
            .transport = daemon.transport(),
            .rundir = daemon.paths().rundir,
            .log = daemon.log("rconn"),
            .worked = std::move(worked)};
}

/// `crank` is set once there is one.
bridge::Environment environment(cli::Daemon& daemon, apps::Datapaths& datapaths, bridge::Inbox& inbox,
                                sys::IpConfig& host, bridge::Driver*& crank) {
    bridge::Environment env;
    env.host = &host;
    env.resolve_type = [&](std::string_view type) { return datapaths.resolve(type); };
    env.why_other_type = [&](std::string_view type) { return datapaths.why_other(type); };
    env.note_settings = [&](const bridge::StringMap& other_config) { datapaths.prefer(other_config); };
    env.open_datapath = [&](const std::string& type) { return datapaths.open(type); };
    env.sink = &inbox;
    env.clock = &daemon.clock();
    env.log = daemon.log("bridge");
    env.wake = [&crank] {
        if (crank) crank->wake();
    };
    env.watch = [&](int fd, std::function<void()> readable) {
        return call_when_readable(daemon.loop(), fd, std::move(readable));
    };
    env.configure_datapath = [&](dp::Datapath& datapath, const bridge::StringMap& other_config) {
        datapaths.configure(datapath, other_config);
    };
    env.open_openflow = [&](const bridge::Bridge& bridge, openflow::Switch& of_switch) {
        return std::make_unique<bridge::OpenflowNet>(
            openflow_options(daemon, [&] { crank ? crank->wake() : void(); }), bridge, of_switch);
    };
    return env;
}

/// Before there are other threads: the heaps that glibc gives them grow by a page at a time, with a system
/// call for each, which was a tenth of what a new flow costs.
void set_up_memory(cli::Daemon& daemon, const Wishes& wishes) {
    mallopt(M_ARENA_MAX, 1);
    if (wishes.lock_memory && mlockall(MCL_CURRENT | MCL_FUTURE) != 0)
        LOG(daemon.log("vswitchd"), err, "mlockall failed");
}

/// As the row of SSL has it, else as the command line has it.
net::TlsFiles keys(net::TlsFiles files, const std::optional<bridge::SslConfig>& row) {
    if (!row) return files;
    files.private_key = row->private_key;
    files.certificate = row->certificate;
    files.ca_cert = row->ca_cert;
    files.bootstrap = row->bootstrap_ca_cert;
    return files;
}

ctl::MetricSources metric_sources(const bridge::DbSession& session) {
    return {
        .database_connected = [&session] { return session.client() && session.client()->is_synchronized(); },
        .resident_bytes = sys::resident_bytes};
}

void add_memory_usage(bridge::Switch& sw, const bridge::DbSession& session, obs::MemoryUsage& usage) {
    bridge::add_memory_usage(sw, usage);
    if (!session.client() || !session.client()->view().schema()) return;
    const ovsdb::Snapshot& replica = session.client()->view().snapshot();
    usage["idl-cells-" + replica.schema->name] += replica.cell_count();
}

void serve_metrics(cli::Daemon& daemon, const std::string& option, ctl::MetricsServer& server) {
    if (option == "none") return;
    const auto at = ctl::metrics_address(
        option.empty() ? "unix:" + daemon.paths().rundir + "/" + daemon.program() + ".metrics" : option);
    if (!at) daemon.fatal(at.error().message);
    if (const auto done = server.listen(daemon.transport(), *at); !done)
        daemon.fatal("--metrics: cannot listen on " + *at + ": " + done.error().message);
}

}  // namespace

int main(int argc, char** argv) {
    const cli::Paths paths = cli::Paths::from_environment();
    cli::Daemon daemon({.program = "ovs-vswitchd",
                        .usage = [&] { return usage(paths); },
                        .privilege = sys::Privilege::datapath,
                        .exit_can_clean_up = true},
                       argc, argv);
    Wishes wishes;
    add_options(daemon.options(), wishes);
    const auto args = daemon.parse();
    if (args.size() > 1) daemon.fatal("at most one non-option argument accepted; use --help for usage");
    const std::string remote = args.empty() ? daemon.paths().default_database() : args[0];
    daemon.start();
    daemon.use_tls(wishes.tls);
    set_up_memory(daemon, wishes);

    bridge::Inbox inbox;
    wishes.datapaths.adopt = !wishes.no_adoption;
    apps::Datapaths datapaths(daemon.clock(), wishes.datapaths, daemon.paths().rundir, daemon.log("dpif"));
    bridge::Checkpointer checkpointer(daemon.paths().rundir + "/" + daemon.program() + ".checkpoint",
                                      daemon.clock(), daemon.log("checkpoint"));
    bridge::Driver* crank = nullptr;
    sys::IpConfig host;
    bridge::Switch sw(environment(daemon, datapaths, inbox, host, crank));
    if (!wishes.no_checkpoint) sw.set_checkpointer(checkpointer);
    bridge::Driver driver(daemon.loop(), sw, inbox);
    crank = &driver;
    bridge::DummyStreams streams(daemon.loop(), daemon.transport(), sw);
    driver.after_run([&](Time) { streams.follow(); });
    bridge::ProgramFacts facts = datapaths.facts();
    facts.host_statistics = [&] { return sys::host_statistics(daemon.paths().rundir); };
    bridge::DbSession session({.loop = daemon.loop(),
                               .transport = daemon.transport(),
                               .remote = remote,
                               .facts = std::move(facts),
                               .use_keys = [&](const auto& row) { daemon.use_tls(keys(wishes.tls, row)); },
                               .pid = getpid(),
                               .log = daemon.log("bridge")},
                              sw, driver);
    LOG(daemon.log("bridge"), info, "ovs-vswitchd (Open vSwitch) 3.1.0");
    if (const auto started = session.start(); !started) daemon.fatal(started.error().message);
    loop::add_time_commands(daemon.commands(), daemon.loop());
    ctl::SpareDatapaths spare(
        [&](std::string_view type, std::string_view name) { return datapaths.open_spare(type, name); });
    driver.after_run([&](Time now) { spare.run(now); });
    const ctl::Context context{sw, daemon.loop(), spare};
    ctl::add_dummy_commands(daemon.commands(), context,
                            [&](const std::string& port) { return streams.state(port); });
    ctl::add_switch_commands(daemon.commands(), context);
    ctl::DropCoverage drop_coverage(daemon.coverage(), sw);
    driver.after_run([&](Time now) { drop_coverage.run(now); });
    ctl::LiveTrace live(context);
    live.add_commands(daemon.commands());
    daemon.memory().add([&](obs::MemoryUsage& usage) { add_memory_usage(sw, session, usage); });
    ctl::MetricsServer metrics(daemon.loop(), [&] {
        return ctl::collect_metrics(sw, metric_sources(session), daemon.loop().now());
    });
    serve_metrics(daemon, wishes.metrics, metrics);
    session.before_first([&](const bridge::Config& config) {
        datapaths.expect(config);
        if (!wishes.no_adoption) checkpointer.load();
    });
    session.when_settled([&] { daemon.ready(); });
    const int code = daemon.run();
    if (daemon.cleanup()) sw.apply({}, daemon.loop().now());
    sw.save_last(daemon.loop().now());
    crank = nullptr;
    return code;
}
