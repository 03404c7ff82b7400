// SPDX-License-Identifier: Apache-2.0
// The event loop: timers, descriptors, signals and calls from other threads, one thread per loop.
#pragma once

#include <deque>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "loop/clock.h"

namespace boost::asio {
class io_context;
}

namespace weft::loop {

using Call = std::move_only_function<void()>;

class Timer;

/// Resource type. All but post(), stop() and now() belongs to the thread that runs it; the watches and timers
/// of a loop must end before it does. Timers fire in order of their deadline, those of one deadline in the
/// order they were set, so a simulation on one loop always takes the same course.
class Loop {
  public:
    explicit Loop(Clock& clock);
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    Clock& clock() { return clock_; }
    Time now() const { return clock_.now(); }

    /// Runs `call` on the loop's thread, soon; calls of one thread keep their order. Any thread.
    void post(Call call);

    /// Runs `call` on the loop's thread once there is nothing else to do; to be called on that thread.
    void when_idle(Call call) { idle_calls_.push_back(std::move(call)); }

    /// Serves events until stop().
    void run();
    /// While events come less than `most` apart, run() looks for the next one for that long before it
    /// sleeps: to wake up costs more than most events do. Others that want the core get it. Zero: never.
    void stay_awake(Duration most) { awake_ = most; }
    /// Makes run() return; if it is not running, the next run() returns at once. Any thread.
    void stop();

    /// Serves all that is ready without waiting, and what that makes ready; true if there was anything.
    bool run_ready();
    /// Simulated time only: serves events, going from deadline to deadline without waiting, until `done`
    /// holds or `limit` has passed; what `done` says at the end.
    bool run_until(const std::function<bool()>& done, Duration limit);
    /// Simulated time only: serves all events of the next `span`.
    void run_for(Duration span);

    /// When the next timer is due, or never.
    Time next_deadline() const { return timers_.empty() ? never : timers_.begin()->first.first; }

    /// For code that speaks to Boost.Asio itself (HTTP); include <boost/asio/io_context.hpp>.
    boost::asio::io_context& context();

  private:
    friend class Timer;
    friend class FdWatch;
    friend class SignalWatch;
    using TimerKey = std::pair<Time, uint64_t>;
    struct Impl;
    bool fire_due_timers();
    bool run_idle_call();
    void wait();
    bool wait_awake(Time end);
    void sleep(Time deadline);

    Clock& clock_;
    std::unique_ptr<Impl> impl_;
    std::map<TimerKey, Timer*> timers_;
    uint64_t next_timer_ = 0;
    Duration awake_{}, last_wait_ = Duration::max();
    std::deque<Call> idle_calls_;
    Clock::Listener listener_;
};

/// Calls `due` once for each time it is set. Resource type; belongs to the loop's thread. `due` may set the
/// timer again or destroy it.
class Timer {
  public:
    Timer(Loop& loop, Call due);
    ~Timer() { cancel(); }
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    /// Replaces an earlier deadline. A deadline in the past fires in the next turn; `never` cancels.
    void at(Time deadline);
    void after(Duration delay) { at(loop_.now() + delay); }
    void cancel();
    Time deadline() const { return key_.first; }
    bool is_set() const { return key_.first != never; }

  private:
    friend class Loop;
    Loop& loop_;
    std::shared_ptr<Call> due_;  ///< kept by the loop while it runs
    Loop::TimerKey key_{never, 0};
};

/// Watches a descriptor that it does not own, level-triggered. Resource type; belongs to the loop's thread. A
/// callback may destroy the watch. Errors and hang-ups show as readable and writable.
class FdWatch {
  public:
    struct Calls {
        Call readable = {}, writable = {};
    };
    /// Watches nothing until watch() is called. The watch must end before the descriptor is closed.
    FdWatch(Loop& loop, int fd, Calls calls);
    ~FdWatch();
    FdWatch(const FdWatch&) = delete;
    FdWatch& operator=(const FdWatch&) = delete;

    /// What to call for from now on.
    void watch(bool readable, bool writable);

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

/// Takes over the handling of signals for the process. Resource type; belongs to the loop's thread.
class SignalWatch {
  public:
    SignalWatch(Loop& loop, std::initializer_list<int> signals, std::move_only_function<void(int)> caught);
    ~SignalWatch();
    SignalWatch(const SignalWatch&) = delete;
    SignalWatch& operator=(const SignalWatch&) = delete;

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace weft::loop
