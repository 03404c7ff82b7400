// SPDX-License-Identifier: Apache-2.0
#include "obs/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/bytes.h"
#include "base/hash.h"

namespace weft::obs {

const Coverage::Entry* Coverage::find(std::string_view name) const {
    const auto it = std::ranges::find(entries_, name, &Entry::name);
    return it == entries_.end() ? nullptr : &*it;
}

Counter& Coverage::counter(std::string_view name) {
    if (const auto* entry = find(name)) return const_cast<Entry*>(entry)->counter;
    auto& made = entries_.emplace_back();
    made.name = name;
    return made.counter;
}

std::optional<uint64_t> Coverage::read(std::string_view name) const {
    const auto* entry = find(name);
    return entry ? std::optional(entry->counter.value()) : std::nullopt;
}

void Coverage::sample(Time now) {
    if (!sampled_at_) sampled_at_ = now;
    while (now - *sampled_at_ >= sample_interval) {
        *sampled_at_ += sample_interval;
        const size_t slot = samples_ % samples_per_minute;
        const bool minute_ends = slot == samples_per_minute - 1;
        for (auto& e : entries_) {
            const uint64_t value = e.counter.value();
            e.five_s[slot] = value - e.sampled;
            e.this_minute += value - e.sampled;
            e.sampled = value;
            if (minute_ends)
                e.minute[samples_ / samples_per_minute % minutes] = std::exchange(e.this_minute, 0);
        }
        ++samples_;
        // After a long sleep only the events of the last hour can still be seen.
        if (now - *sampled_at_ > sample_interval * samples_per_minute * minutes) *sampled_at_ = now;
    }
}

std::vector<Coverage::Rates> Coverage::rates() const {
    const auto sum = [](const auto& a) { return std::accumulate(a.begin(), a.end(), uint64_t{0}); };
    std::vector<Rates> out;
    out.reserve(entries_.size());
    for (const auto& e : entries_) {
        const uint64_t last = samples_ ? e.five_s[(samples_ - 1) % samples_per_minute] : 0;
        out.push_back({.name = e.name,
                       .total = e.counter.value(),
                       .five_s = static_cast<double>(last) / 5,
                       .minute = static_cast<double>(sum(e.five_s)) / 60,
                       .hour = static_cast<double>(sum(e.minute) + e.this_minute) / 3600});
    }
    return out;
}

std::string Coverage::show() const {
    std::string rows;
    size_t never = 0;
    uint64_t hash = 0;
    for (const Rates& r : rates()) {
        if (r.total == 0) {
            ++never;
            continue;
        }
        hash = hash_bytes(as_bytes(r.name), hash);
        rows += fmt::format("{:<24} {:5.1f}/sec {:9.3f}/sec {:13.4f}/sec   total: {}\n", r.name, r.five_s,
                            r.minute, r.hour, r.total);
    }
    return fmt::format(
        "Event coverage, avg rate over last: 5 seconds, last minute, last hour,  hash={:08x}:\n"
        "{}{} events never hit\n",
        static_cast<uint32_t>(hash), rows, never);
}

}  // namespace weft::obs
