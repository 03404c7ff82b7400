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
    return stopped() ? Time(Duration(stopped_ns_.load(std::memory_order_acquire))) : machine_now();
}

std::chrono::nanoseconds Clock::since_1970() const {
    return stopped() ? now().time_since_epoch() + std::chrono::nanoseconds(calendar_ns_.load())
                     : machine_calendar();
}

void Clock::stop() {
    if (stopped()) return;
    const Time at = machine_now();
    stopped_ns_ = at.time_since_epoch().count();
    calendar_ns_ = (machine_calendar() - at.time_since_epoch()).count();
    stopped_.store(true, std::memory_order_release);
    tell();
}

void Clock::advance(Duration by) {
    CHECK(stopped() && by >= Duration::zero());
    stopped_ns_.fetch_add(by.count(), std::memory_order_acq_rel);
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
