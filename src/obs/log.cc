// SPDX-License-Identifier: Apache-2.0
#include "obs/log.h"

#include <fmt/format.h>

#include <string>

#include "obs/logging.h"

namespace weft::obs {
namespace {

std::string& own_thread_name() {
    thread_local std::string name;
    return name;
}

auto whole_seconds(Duration d) { return std::chrono::duration_cast<std::chrono::seconds>(d).count(); }

}  // namespace

void set_thread_name(std::string_view name) { own_thread_name() = name; }
std::string_view thread_name() { return own_thread_name(); }

void LogModule::vprint(Level level, fmt::string_view format, fmt::format_args args) const {
    if (state_) state_->logging->write(*state_, level, fmt::vformat(format, args));
}

void LogModule::write(Level level, std::string_view message) const {
    if (enabled(level)) state_->logging->write(*state_, level, message);
}

LogModule LogModule::sibling(std::string_view name) const {
    return state_ ? state_->logging->module(name) : LogModule{};
}

Time LogModule::now() const { return state_ ? state_->logging->now() : Time{}; }

bool LogLimit::take(Time now) {
    const int64_t elapsed = to_ms(now - filled_);
    if (elapsed > 0) {
        const uint64_t full = uint64_t{burst_} * cost_of_one;
        const uint64_t gained = std::min(static_cast<uint64_t>(elapsed), full) * per_minute_;
        tokens_ = std::min(full, tokens_ + gained);
        filled_ = now;
    }
    if (tokens_ < cost_of_one) return false;
    tokens_ -= cost_of_one;
    return true;
}

bool LogLimit::enabled(Level level) {
    if (!module_.enabled(level)) return false;
    if (!module_.rate_limited()) return true;
    unsigned dropped = 0;
    Duration since_first{}, since_last{};
    {
        const std::lock_guard lock(mutex_);
        const Time now = module_.now();
        if (!take(now)) {
            if (dropped_++ == 0) first_dropped_ = now;
            last_dropped_ = now;
            return false;
        }
        dropped = std::exchange(dropped_, 0);
        since_first = now - first_dropped_;
        since_last = now - last_dropped_;
    }
    if (dropped > 0)
        module_.print(level,
                      "Dropped {} log messages in last {} seconds (most recently, {} seconds ago) due to "
                      "excessive rate",
                      dropped, whole_seconds(since_first), whole_seconds(since_last));
    return true;
}

}  // namespace weft::obs
