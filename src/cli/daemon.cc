// SPDX-License-Identifier: Apache-2.0
#include "cli/daemon.h"

#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/hash.h"
#include "base/version.h"
#include "obs/log_modules.h"
#include "obs/standard_commands.h"
#include "sys/process.h"

namespace weft::cli {

namespace {

constexpr Duration stay_awake = 50us;  // a client's next request often comes within that

}  // namespace

Daemon::Daemon(About about, int argc, char** argv)
    : about_(std::move(about)),
      argc_(argc),
      argv_(argv),
      logging_({.program = about_.program,
                .host = sys::host_name(),
                .pid = sys::process_id(),
                .clock = [this] { return clock_.stamp(); },
                .modules = obs::log_modules}) {
    ::signal(SIGPIPE, SIG_IGN);
    if (!about_.console_level.empty()) CHECK(logging_.set("console:" + about_.console_level));
    add_common_options();
    add_common_commands();
}

Daemon::About Daemon::tool(std::string program, std::function<std::string(const Paths&)> help,
                           std::string console_level) {
    return {.program = std::move(program),
            .usage = {},
            .keep_stdout = true,
            .help = [help = std::move(help)] { return help(Paths::from_environment()); },
            .is_tool = true,
            .console_level = std::move(console_level)};
}

void Daemon::add_common_options() {
    if (!about_.is_tool) {
        add_daemon_options(options_, daemon_options_);
        options_.text("unixctl", daemon_options_.unixctl);
    }
    add_log_options(options_, log_options_, logging_);
    options_.add({"help", 'h', Options::Argument::none, [this](Options::Value) -> Result<> {
                      std::fputs(help().c_str(), stdout);
                      std::exit(EXIT_SUCCESS);
                  }});
    options_.add({"version", 'V', Options::Argument::none, [this](Options::Value) -> Result<> {
                      std::fputs((version_text(program()) + about_.version_note).c_str(), stdout);
                      std::exit(EXIT_SUCCESS);
                  }});
}

std::string Daemon::help() const {
    if (about_.help) return about_.help();
    return about_.usage() + daemon_usage(paths_, program()) + log_usage(paths_, program()) +
           "\nOther options:\n"
           "  --unixctl=SOCKET          override default control socket name\n"
           "  -h, --help                display this help message\n"
           "  -V, --version             display version information\n";
}

void Daemon::add_common_commands() {
    obs::add_general_commands(commands_, version_text(program()));
    obs::add_log_commands(commands_, logging_);
    obs::add_counter_commands(commands_, coverage_, memory_);
    commands_.add_late("exit", about_.exit_can_clean_up ? "[--cleanup]" : "", 0,
                       about_.exit_can_clean_up ? 1 : 0,
                       [this](obs::CommandArgs args, obs::CommandReply reply) {
                           cleanup_ = !args.empty() && args[0] == "--cleanup";
                           exit_replies_.push_back(std::move(reply));
                           loop_->stop();
                       });
}

std::vector<std::string> Daemon::parse(Options::Order order) {
    const std::vector<std::string> args(argv_ + 1, argv_ + argc_);
    auto rest = options_.parse(args, order);
    if (rest) return std::move(*rest);
    if (rest.error().code != usage_error) fatal(rest.error().message);
    std::fprintf(stderr, "%s: %s\n", argv_[0], rest.error().message.c_str());
    std::exit(EXIT_FAILURE);
}

uint64_t Daemon::new_seed() {
    const auto mixed = hash_mix(static_cast<uint64_t>(clock_.since_1970().count()),
                                static_cast<uint64_t>(sys::process_id()));
    return hash_mix(mixed, ++seeds_given_);
}

void Daemon::open_log() {
    auto done = start_logging(log_options_, logging_, paths_, program());
    if (done) return;
    if (done.error().code != 0) std::exit(EXIT_FAILURE);  // the file: the log has told already
    fatal(done.error().message);
}

void Daemon::make_loop() {
    loop_ = std::make_unique<loop::Loop>(clock_);
    loop_->stay_awake(stay_awake);
    sockets_ = std::make_unique<net::SystemTransport>(
        *loop_, net::SystemTransport::Options{.rundir = paths_.rundir, .log = log("stream")});
    transport_ = std::make_unique<net::TlsTransport>(*loop_, *sockets_,
                                                     net::TlsTransport::Options{.log = log("stream_ssl")});
}

void Daemon::start_tool() {
    open_log();
    make_loop();
    catch_signals(sys::die_by_signal);
}

void Daemon::start() {
    open_log();
    if (!daemon_options_.user.empty()) become_user();
    auto background = sys::Background::start({.detach = daemon_options_.detach,
                                              .monitor = daemon_options_.monitor,
                                              .change_directory = daemon_options_.change_directory,
                                              .keep_stdout = about_.keep_stdout,
                                              .program = program(),
                                              .argc = argc_,
                                              .argv = argv_},
                                             logging_);
    if (!background) fatal(background.error().message);
    background_ = std::move(*background);
    if (daemon_options_.has_pidfile) {
        const auto path = within(paths_.rundir, daemon_options_.pidfile.value_or(program() + ".pid"));
        auto pidfile = sys::Pidfile::create(path, daemon_options_.overwrite_pidfile);
        if (!pidfile) fatal(pidfile.error().message);
        pidfile_ = std::move(*pidfile);
    }
    make_loop();
    catch_signals([this](int number) {
        signal_ = number;
        loop_->stop();
    });
    listen_for_commands();
    started_ = clock_.now();
    sampler_ = std::make_unique<loop::Timer>(*loop_, [this] { sample(); });
    sample();
}

void Daemon::become_user() {
    const auto user = sys::find_user(daemon_options_.user);
    if (!user) fatal(user.error().message);
    if (!logging_.file_path().empty())
        if (auto given = sys::give_file(logging_.file_path(), *user); !given) fatal(given.error().message);
    if (auto done = sys::become_user(*user, about_.privilege); !done) fatal(done.error().message);
}

std::string Daemon::control_socket() const {
    if (!daemon_options_.unixctl.empty()) return within(paths_.rundir, daemon_options_.unixctl);
    return paths_.rundir + "/" + program() + "." + std::to_string(sys::process_id()) + ".ctl";
}

void Daemon::listen_for_commands() {
    unixctl_ = std::make_unique<net::Unixctl>(
        *loop_, commands_,
        net::Unixctl::Options{.log = log("unixctl"),
                              .received = &coverage_.counter("unixctl_received"),
                              .replied = &coverage_.counter("unixctl_replied")});
    if (daemon_options_.unixctl == "none") return;
    const std::string path = control_socket();
    const auto name = net::ConnectionName::parse("punix:" + path, 0);
    if (auto listening = unixctl_->listen(*transport_, *name); !listening)
        fatal(path + ": could not initialize control socket (" + std::strerror(listening.error().code) + ")");
}

void Daemon::catch_signals(std::move_only_function<void(int)> caught) {
    signals_ = std::make_unique<loop::SignalWatch>(
        *loop_, std::initializer_list<int>{SIGTERM, SIGINT, SIGHUP, SIGALRM},
        [this, caught = std::move(caught)](int number) mutable {
            LOG(log("fatal_signal"), warn, "terminating with signal {} ({})", number,
                sys::signal_name(number));
            caught(number);
        });
}

void Daemon::sample() {
    coverage_.sample(clock_.now());
    constexpr Duration settled = 10s;  // by then a start's memory has been used
    if (const Duration age = clock_.now() - started_; age >= settled && !memory_told_) {
        memory_told_ = true;
        LOG(log("memory"), info, "{} kB peak resident set size after {:.1f} seconds", sys::peak_memory_kb(),
            std::chrono::duration<double>(age).count());
        if (const auto usage = memory_.show(); !usage.empty()) LOG(log("memory"), info, "{}", usage);
    }
    sampler_->after(obs::Coverage::sample_interval);
}

void Daemon::ready() { background_->ready(); }

int Daemon::run() {
    loop_->run();
    return EXIT_SUCCESS;
}

Daemon::~Daemon() {
    signals_.reset();
    if (unixctl_) unixctl_->stop_listening();
    pidfile_.reset();
    for (auto& reply : exit_replies_) reply("");
    constexpr int patience = 100;  // a client that does not read its answer is not waited for
    for (int i = 0; unixctl_ && !unixctl_->drained() && i < patience; ++i) loop_->run_ready();
    if (signal_ != 0) sys::die_by_signal(signal_);
}

void Daemon::fatal(const std::string& message) {
    std::fprintf(stderr, "%s: %s\n", program().c_str(), message.c_str());
    pidfile_.reset();
    unixctl_.reset();  // removes its socket's file
    std::exit(EXIT_FAILURE);
}

}  // namespace weft::cli
