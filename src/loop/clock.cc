// SPDX-License-Identifier: Apache-2.0
#include "loop/clock.h"

#include "base/result.h"

namespace weft::loop {
namespace {

Time machine_now() { return Time(std::chrono::steady_clock::now().time_since_epoch()); }
std::chrono::nanoseconds machine_calendar() { return std::chrono::system_clock::now().time_since_epoch(); }

}  // namespace

Clock::Clock(Kind kind) {
    if (kind == Kind::real) return;
    stopped_ns_ = Duration(1s).count();
    calendar_ns_ = Duration(1'700'000'000s).count();
    stopped_ = true;
}

Time Clock::now() const {
    if (stopped()) return Time(Duration(stopped_ns_.load(std::memory_order_acquire)));
    return machine_now() + Duration(ahead_ns_.load(std::memory_order_relaxed));
}

std::chrono::nanoseconds Clock::since_1970() const {
    if (stopped()) return now().time_since_epoch() + std::chrono::nanoseconds(calendar_ns_.load());
    return machine_calendar() + Duration(ahead_ns_.load(std::memory_order_relaxed));
}

void Clock::stop() {
    if (stopped()) return;
    const Time at = now();
    calendar_ns_ = (since_1970() - at.time_since_epoch()).count();
    stopped_ns_ = at.time_since_epoch().count();
    stopped_.store(true, std::memory_order_release);
    tell();
}

void Clock::advance(Duration by) {
    CHECK(by >= Duration::zero());
    (stopped() ? stopped_ns_ : ahead_ns_).fetch_add(by.count(), std::memory_order_acq_rel);
    tell();
}

Clock::Listener Clock::listen(std::function<void()> moved) {
    const std::lock_guard lock(mutex_);
    listeners_.emplace_back(next_listener_, std::move(moved));
    return next_listener_++;
}

void Clock::forget(Listener listener) {
    const std::lock_guard lock(mutex_);
    std::erase_if(listeners_, [&](const auto& entry) { return entry.first == listener; });
}

void Clock::tell() {
    const std::lock_guard lock(mutex_);
    for (auto& [id, moved] : listeners_) moved();
}

}  // namespace weft::loop
