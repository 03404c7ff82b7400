// SPDX-License-Identifier: Apache-2.0
#include "base/reconnect.h"

#include <algorithm>

#include "base/result.h"

namespace weft {

void Reconnect::start(Time now) {
    backoff_ = Duration::zero();
    tried_ = 0;
    wait(now);
}

Time Reconnect::deadline() const {
    return state_ == State::waiting || state_ == State::connecting ? until_ : never;
}

void Reconnect::wait(Time until) {
    state_ = State::waiting;
    until_ = until;
}

void Reconnect::connecting(Time now) {
    CHECK(state_ == State::waiting);
    state_ = State::connecting;
    until_ = now + (options_.connect_timeout > Duration::zero() ? options_.connect_timeout
                                                                : std::max(backoff_, options_.backoff_min));
}

void Reconnect::connected(Time now) {
    state_ = State::connected;
    connected_at_ = now;
}

void Reconnect::failed(Time now) {
    if (state_ == State::stopped) return;
    if (state_ == State::connected && now - connected_at_ >= std::max(backoff_, options_.backoff_min)) {
        backoff_ = Duration::zero();
        tried_ = 0;
    }
    remote_ = (remote_ + 1) % options_.remotes;
    if (++tried_ < options_.remotes) return wait(now);
    tried_ = 0;
    backoff_ = std::clamp(backoff_ * 2, options_.backoff_min, options_.backoff_max);
    wait(now + backoff_);
}

void Reconnect::set_backoff_max(Duration max) {
    options_.backoff_max = std::max(max, options_.backoff_min);
    backoff_ = std::min(backoff_, options_.backoff_max);
}

void Reconnect::set_remotes(size_t count) {
    CHECK(count > 0);
    options_.remotes = count;
    remote_ %= count;
    tried_ = 0;
}

}  // namespace weft
