// SPDX-License-Identifier: Apache-2.0
// Counters of rare and interesting events, read by coverage/show and coverage/read-counter.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace weft::obs {

/// Counts events from any thread. A path that counts per packet keeps its own sum and adds it in batches.
class Counter {
  public:
    void add(uint64_t n = 1) { count_.fetch_add(n, std::memory_order_relaxed); }
    uint64_t value() const { return count_.load(std::memory_order_relaxed); }

  private:
    std::atomic<uint64_t> count_{0};
};

/// Resource type, one per program or simulated switch. Counters are declared while the program is built up
/// and live as long as this; all but Counter::add belongs to one thread.
class Coverage {
  public:
    Coverage() = default;
    Coverage(const Coverage&) = delete;
    Coverage& operator=(const Coverage&) = delete;

    /// Found or made; a name is listed in the order of declaration.
    Counter& counter(std::string_view name);
    std::optional<uint64_t> read(std::string_view name) const;

    /// Takes the samples that rates are computed from; call it at least every `sample_interval`.
    void sample(Time now);
    static constexpr Duration sample_interval = 5s;

    /// How often something happened, and per second over the last 5 seconds, minute and hour. Value type.
    struct Rates {
        std::string_view name;
        uint64_t total = 0;
        double five_s = 0, minute = 0, hour = 0;
    };
    /// Of all counters, in the order of declaration.
    std::vector<Rates> rates() const;
    /// The text of coverage/show.
    std::string show() const;

  private:
    static constexpr size_t samples_per_minute = 12, minutes = 60;
    struct Entry {
        std::string name;
        Counter counter;
        uint64_t sampled = 0;                               ///< value at the last sample
        std::array<uint64_t, samples_per_minute> five_s{};  ///< events in each of the last intervals
        std::array<uint64_t, minutes> minute{};
        uint64_t this_minute = 0;
    };
    const Entry* find(std::string_view name) const;

    std::deque<Entry> entries_;
    uint64_t samples_ = 0;
    std::optional<Time> sampled_at_;
};

}  // namespace weft::obs
