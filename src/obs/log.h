// SPDX-License-Identifier: Apache-2.0
// Writing to the log. Where messages go, and which, is decided by logging.h, which only applications include.
//
//     LOG(log_, info, "bridge {}: added interface {} on port {}", bridge, name, port);
//
// A LogModule is a small handle that a constructor takes and keeps: `explicit Bridge(obs::LogModule log)`. A
// message below the module's level costs one relaxed load; its arguments are not evaluated.
#pragma once

#include <fmt/core.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <utility>

#include "base/time.h"

namespace weft::obs {

/// From silent to chatty: a destination at level L takes messages at L and the levels before it.
enum class Level : uint8_t { off, emer, err, warn, info, dbg };

class Logging;

/// What a LogModule points to; owned by Logging.
struct LogState {
    std::atomic<Level> chattiest{Level::off};  ///< over all destinations
    std::atomic<bool> rate_limited{true};
    Logging* logging = nullptr;
    std::string_view name;
};

/// Value type: names one log module of one Logging, which must outlive it. Made by Logging::module(); a
/// default-constructed one is silent, which suits tests and pure code. Thread-safe.
class LogModule {
  public:
    LogModule() = default;
    explicit LogModule(LogState* state) : state_(state) {}

    bool enabled(Level level) const {
        return state_ && level <= state_->chattiest.load(std::memory_order_relaxed);
    }
    template <class... A>
    void print(Level level, fmt::format_string<A...> format, A&&... args) const {
        vprint(level, format, fmt::make_format_args(args...));
    }
    void write(Level level, std::string_view message) const;
    std::string_view name() const { return state_ ? state_->name : std::string_view{}; }
    /// False after vlog/disable-rate-limit.
    bool rate_limited() const { return state_ && state_->rate_limited.load(std::memory_order_relaxed); }
    /// A sibling module of the same Logging (silent if this one is).
    LogModule sibling(std::string_view name) const;
    Time now() const;

  private:
    void vprint(Level level, fmt::string_view format, fmt::format_args args) const;
    LogState* state_ = nullptr;
};

/// A module whose messages are limited to a rate; what it withheld is told by the next message that passes.
/// Resource type, a member beside what may fail often; used as `LOG(limit_, warn, ...)`. Thread-safe.
class LogLimit {
  public:
    explicit LogLimit(LogModule module, unsigned per_minute = 5, unsigned burst = 5)
        : module_(module), per_minute_(per_minute), burst_(burst), tokens_(uint64_t{burst} * cost_of_one) {}

    /// Takes a token: call it once per message, as LOG does.
    bool enabled(Level level);
    template <class... A>
    void print(Level level, fmt::format_string<A...> format, A&&... args) const {
        module_.print(level, format, std::forward<A>(args)...);
    }

  private:
    static constexpr uint64_t cost_of_one = 60'000;  // a bucket gains per_minute_ per millisecond
    bool take(Time now);

    LogModule module_;
    unsigned per_minute_, burst_;
    std::mutex mutex_;
    uint64_t tokens_;
    Time filled_{};
    unsigned dropped_ = 0;
    Time first_dropped_{}, last_dropped_{};
};

/// The name of the calling thread in log lines ("upcall0", say); the main thread has none.
void set_thread_name(std::string_view name);
std::string_view thread_name();

}  // namespace weft::obs

/// LOG(module or limit, level, "format {}", arguments...)
#define LOG(to, level, ...)                                        \
    do {                                                           \
        auto&& log_to_ = (to);                                     \
        if (log_to_.enabled(::weft::obs::Level::level))            \
            log_to_.print(::weft::obs::Level::level, __VA_ARGS__); \
    } while (false)
