// SPDX-License-Identifier: Apache-2.0
// Measurements of a running program as values: what a scrape of its metrics consists of.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"

namespace weft::obs {

/// How long something took, in buckets. Any thread observes, any reads.
class Histogram {
  public:
    /// Upper bounds; what takes longer goes into one more.
    static constexpr std::array<Duration, 12> bounds{2us,   5us,   10us, 20us, 50us, 100us,
                                                     200us, 500us, 1ms,  5ms,  20ms, 100ms};
    struct Snapshot {
        std::array<uint64_t, bounds.size() + 1> counts{};
        Duration sum{};
    };

    void observe(Duration took, uint64_t times = 1) {
        size_t i = 0;
        while (i < bounds.size() && took > bounds[i]) ++i;
        counts_[i].fetch_add(times, std::memory_order_relaxed);
        sum_ns_.fetch_add(std::chrono::nanoseconds(took).count() * static_cast<int64_t>(times),
                          std::memory_order_relaxed);
    }
    Snapshot snapshot() const {
        Snapshot out;
        for (size_t i = 0; i < counts_.size(); ++i)
            out.counts[i] = counts_[i].load(std::memory_order_relaxed);
        out.sum = std::chrono::nanoseconds(sum_ns_.load(std::memory_order_relaxed));
        return out;
    }

  private:
    std::array<std::atomic<uint64_t>, bounds.size() + 1> counts_{};
    std::atomic<int64_t> sum_ns_{0};
};

/// All samples of one name. Value type.
struct MetricFamily {
    enum class Kind : uint8_t { counter, gauge, histogram };
    using Labels = std::vector<std::pair<std::string, std::string>>;
    struct Sample {
        Labels labels;
        double value = 0;                 ///< counter, gauge
        Histogram::Snapshot histogram{};  ///< histogram, in seconds
    };

    std::string name, help;
    Kind kind = Kind::gauge;
    std::vector<Sample> samples = {};

    void add(Labels labels, double value) { samples.push_back({std::move(labels), value, {}}); }
};
using Metrics = std::vector<MetricFamily>;

}  // namespace weft::obs
