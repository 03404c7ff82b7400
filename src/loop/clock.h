// SPDX-License-Identifier: Apache-2.0
// The only place that reads the machine's clocks.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <vector>

#include "base/time.h"
#include "obs/log_pattern.h"

namespace weft::loop {

/// Time for one program or one simulation. It runs with the machine's clocks until it is stopped; then it
/// moves by advance() only. Resource type; thread-safe; outlives the loops that use it.
class Clock {
  public:
    enum class Kind { real, simulated };
    /// A simulated clock is stopped from the start, at the same instant in every run.
    explicit Clock(Kind kind = Kind::real);
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;

    /// Monotonic.
    Time now() const;
    /// The calendar: nanoseconds since 1970, UTC. Stops and advances together with now().
    std::chrono::nanoseconds since_1970() const;
    obs::LogStamp stamp() const { return {now(), since_1970()}; }

    bool stopped() const { return stopped_.load(std::memory_order_acquire); }
    /// From now on time stands still (time/stop). No way back, as in Open vSwitch.
    void stop();
    /// Moves time on, stopped or running, and tells everybody.
    void advance(Duration by);

    /// `moved` is called after each jump or stop, on the thread that made it, until forget().
    using Listener = size_t;
    Listener listen(std::function<void()> moved);
    void forget(Listener listener);

  private:
    void tell();
    std::atomic<bool> stopped_{false};
    std::atomic<int64_t> stopped_ns_{0};
    std::atomic<int64_t> ahead_ns_{0};     ///< of the machine's clocks, while running
    std::atomic<int64_t> calendar_ns_{0};  ///< since_1970() - now(), fixed when stopped
    std::mutex mutex_;
    std::vector<std::pair<Listener, std::function<void()>>> listeners_;
    Listener next_listener_ = 0;
};

}  // namespace weft::loop
