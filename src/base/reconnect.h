// SPDX-License-Identifier: Apache-2.0
// When to connect, and when to try again: for connections of any protocol that must be kept up.
#pragma once

#include <cstddef>

#include "base/time.h"

namespace weft {

/// Pure, value type. Tries at once; after a failure waits 1, 2, 4 ... seconds up to a maximum. A connection
/// that outlived its backoff is retried at once when it is lost. With several remotes, each in turn is tried
/// before any wait.
class Reconnect {
  public:
    struct Options {
        Duration backoff_min = 1s, backoff_max = 8s;
        Duration connect_timeout = 0s;  ///< of one attempt; zero: the current backoff, at least backoff_min
        size_t remotes = 1;
    };
    enum class State : uint8_t { stopped, waiting, connecting, connected };

    explicit Reconnect(Options options) : options_(options) {}

    void start(Time now);
    void stop() { state_ = State::stopped; }

    /// True when an attempt is due; the owner then connects to remote(), and tells how it went. Also true
    /// when the attempt under way took too long: the owner drops it and calls failed().
    bool due(Time now) const { return deadline() <= now; }
    Time deadline() const;

    void connecting(Time now);
    /// A passive attempt waits for the peer as long as it takes.
    void listening() { until_ = never; }
    void connected(Time now);
    /// An attempt failed, or a connection was lost.
    void failed(Time now);

    State state() const { return state_; }
    size_t remote() const { return remote_; }
    /// How long it waits now, or would after the next failure.
    Duration backoff() const { return backoff_; }
    void set_backoff_max(Duration max);
    void set_remotes(size_t count);

  private:
    void wait(Time until);

    Options options_;
    State state_ = State::stopped;
    size_t remote_ = 0, tried_ = 0;  ///< remotes tried since the last wait
    Duration backoff_{};
    Time until_ = never;  ///< of waiting or connecting
    Time connected_at_{};
};

}  // namespace weft
