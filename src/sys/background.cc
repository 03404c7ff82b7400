// SPDX-License-Identifier: Apache-2.0
#include "sys/background.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "sys/process_title.h"

namespace weft::sys {
namespace {

/// A child that reports by one byte that it serves.
struct Child {
    pid_t pid = 0;  ///< 0 in the child itself
    Fd pipe;        ///< the parent's end reads, the child's writes
};

Result<Child> fork_child() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return fail_errno("pipe");
    Fd read_end(ends[0]), write_end(ends[1]);
    std::fflush(nullptr);
    const pid_t pid = ::fork();
    if (pid < 0) return fail_errno("fork");
    return Child{pid, pid == 0 ? std::move(write_end) : std::move(read_end)};
}

int wait_for_end(pid_t pid) {
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

/// "exit status 1", "killed (Segmentation fault), core dumped"
std::string describe_end(int status) {
    if (WIFEXITED(status)) return "exit status " + std::to_string(WEXITSTATUS(status));
    return std::string("killed (") + strsignal(WTERMSIG(status)) + ")" +
           (WCOREDUMP(status) ? ", core dumped" : "");
}

/// Waits until the child serves; exits with its status if it ends before.
void await_ready(const Child& child, const std::string& program) {
    char byte;
    ssize_t n;
    while ((n = ::read(child.pipe.get(), &byte, 1)) < 0 && errno == EINTR) {
    }
    if (n == 1) return;
    const int status = wait_for_end(child.pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) != 0) ::_exit(WEXITSTATUS(status));
    std::fprintf(stderr, "%s: the daemon ended before it was ready: %s\n", program.c_str(),
                 describe_end(status).c_str());
    ::_exit(EXIT_FAILURE);
}

void notify(Fd& pipe) {
    const char byte = 0;
    if (pipe.valid() && ::write(pipe.get(), &byte, 1) < 0)
        std::perror("the process that started this one is gone");
    pipe.reset();
}

void leave_terminal(bool keep_stdout) {
    const Fd null(::open("/dev/null", O_RDWR));
    if (!null.valid()) return;
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (fd != STDOUT_FILENO || !keep_stdout) ::dup2(null.get(), fd);
}

/// Signals that a program gets for its own errors: worth a new start.
bool is_crash(int status) {
    constexpr int crashes[] = {SIGABRT, SIGALRM, SIGBUS, SIGFPE, SIGILL, SIGPIPE, SIGSEGV, SIGXCPU, SIGXFSZ};
    return WIFSIGNALED(status) && std::ranges::find(crashes, WTERMSIG(status)) != std::end(crashes);
}

constexpr Duration restart_interval = 10s;

/// Says what happened and waits, so that a daemon that always crashes does not keep the machine busy.
void before_restart(obs::Logging& logging, const std::string& history, Time last_start) {
    const auto log = logging.module("daemon_unix");
    const Duration wait = last_start + restart_interval - logging.now();
    if (last_start != Time{} && wait > Duration::zero()) {
        LOG(log, warn, "{}, waiting until {} seconds since last restart", history,
            to_ms(restart_interval) / 1000);
        ::usleep(static_cast<useconds_t>(wait / 1us));
    }
    LOG(log, err, "{}, restarting", history);
}

struct MonitorState {
    unsigned crashes = 0;
    Time last_restart{};
    std::string history;  ///< "2 crashes: pid 77 died, killed (Aborted)"
};

/// Watches one child to its end; exits unless it crashed.
void watch(const Child& child, MonitorState& state, const std::string& program, obs::Logging& logging,
           ProcessTitle& title) {
    title.set(program + ": monitoring pid " + std::to_string(child.pid) + " (" +
              (state.crashes ? state.history : "healthy") + ")");
    const int status = wait_for_end(child.pid);
    if (!logging.file_path().empty() && !logging.reopen_file()) logging.close_file();
    const std::string end = "pid " + std::to_string(child.pid) + " died, " + describe_end(status);
    if (!is_crash(status)) {
        LOG(logging.module("daemon_unix"), info, "{}, exiting", end);
        ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE);
    }
    state.history = std::to_string(++state.crashes) + " crashes: " + end;
    before_restart(logging, state.history, state.last_restart);
    state.last_restart = logging.now();
}

}  // namespace

Result<std::unique_ptr<Background>> Background::start(Options options, obs::Logging& logging) {
    std::unique_ptr<Background> self(new Background(std::move(options), logging));
    if (self->options_.detach) {
        Child child = TRY(fork_child());
        if (child.pid != 0) {
            await_ready(child, self->options_.program);
            ::_exit(EXIT_SUCCESS);
        }
        ::setsid();
        self->notify_ = std::move(child.pipe);
    }
    if (self->options_.monitor) {
        obs::set_thread_name("monitor");
        ProcessTitle title(self->options_.argc, self->options_.argv);
        MonitorState state;
        for (;;) {
            Child child = TRY(fork_child());
            if (child.pid == 0) {
                title.restore();
                obs::set_thread_name(state.crashes ? self->options_.program : "");
                self->notify_ = std::move(child.pipe);
                break;
            }
            // Only the first one is waited for by the starter; a restarted one that cannot start ends
            // everything.
            await_ready(child, self->options_.program);
            if (state.crashes == 0) self->ready();
            logging.close_file();  // the daemon's from now on, so that it can be rotated
            watch(child, state, self->options_.program, logging, title);
        }
    }
    logging.set_pid(::getpid());
    return self;
}

void Background::ready() {
    notify(notify_);
    if (!options_.detach) return;
    logging_.set_sink(obs::LogTo::console, nullptr);
    leave_terminal(options_.keep_stdout);
    if (options_.change_directory && ::chdir("/") != 0) return;
}

}  // namespace weft::sys
