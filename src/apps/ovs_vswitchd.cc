// SPDX-License-Identifier: Apache-2.0
// ovs-vswitchd(8): builds the switch, its database session and its commands, and runs them.
#include <fmt/core.h>
#include <sys/mman.h>
#include <unistd.h>

#include "apps/ovs_vswitchd_datapaths.h"
#include "bridge/db_session.h"
#include "bridge/driver.h"
#include "bridge/dummy_streams.h"
#include "bridge/openflow_net.h"
#include "cli/daemon.h"
#include "ctl/context.h"
#include "loop/time_commands.h"
#include "sys/host_statistics.h"

using namespace weft;

namespace {

std::string usage(const cli::Paths& paths) {
    return fmt::format(
        "ovs-vswitchd: Open vSwitch daemon\n"
        "usage: ovs-vswitchd [OPTIONS] [DATABASE]\n"
        "where DATABASE is a socket on which ovsdb-server is listening\n"
        "      (default: \"{}\").\n",
        paths.default_database());
}

/// What the command line asks for.
struct Wishes {
    apps::DatapathOptions datapaths;
    bool lock_memory = false;
};

void add_options(cli::Options& options, Wishes& wishes) {
    options.add({.name = "enable-dummy",
                 .argument = cli::Options::Argument::optional,
                 .apply = [&](cli::Options::Value value) -> Result<> {
                     return wishes.datapaths.enable_dummy(value.value_or(""));
                 }});
    options.flag("disable-system", wishes.datapaths.disable_system);
    options.flag("mlockall", wishes.lock_memory);
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
    if (wishes.lock_memory && mlockall(MCL_CURRENT | MCL_FUTURE) != 0)
        LOG(daemon.log("vswitchd"), err, "mlockall failed");

    bridge::Inbox inbox;
    apps::Datapaths datapaths(daemon.clock(), wishes.datapaths);
    bridge::Environment env;
    env.resolve_type = [&](std::string_view type) { return datapaths.resolve(type); };
    env.open_datapath = [&](const std::string& type) { return datapaths.open(type); };
    env.sink = &inbox;
    env.log = daemon.log("bridge");
    bridge::Driver* crank = nullptr;
    env.wake = [&] {
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

    bridge::Switch sw(std::move(env));
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
    daemon.memory().add([&](obs::MemoryUsage& usage) { bridge::add_memory_usage(sw, usage); });
    session.before_first([&](const bridge::Config& config) { datapaths.expect(config); });
    session.when_settled([&] { daemon.ready(); });
    const int code = daemon.run();
    if (daemon.cleanup()) sw.apply({}, daemon.loop().now());
    crank = nullptr;
    return code;
}
