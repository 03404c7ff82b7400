// SPDX-License-Identifier: Apache-2.0
#include "dp/core/meter.h"

#include <algorithm>

namespace weft::dp {

namespace {
namespace flag = action::meter_flag;
constexpr double ns_per_s = 1e9, bits_per_kbit = 1000;
}  // namespace

Meter::Meter(action::MeterSpec spec, Time now) : spec_(std::move(spec)), bands_(spec_.bands.size()) {
    const bool kbps = spec_.flags & flag::kbps;
    for (size_t i = 0; i < bands_.size(); ++i) {
        const action::MeterBand& band = spec_.bands[i];
        const double rate = std::max<uint32_t>(band.rate, 1) * (kbps ? bits_per_kbit : 1);
        // Without a burst of its own, a band lets through what a second brings.
        const double burst =
            spec_.flags & flag::burst && band.burst ? band.burst * (kbps ? bits_per_kbit : 1) : rate;
        bands_[i].unit_ns = ns_per_s / rate;
        bands_[i].capacity_ns = static_cast<int64_t>(burst * bands_[i].unit_ns);
        bands_[i].full_at = now.time_since_epoch().count();
    }
}

bool Meter::take(Band& band, uint64_t units, int64_t now) const {
    const auto cost = static_cast<int64_t>(static_cast<double>(units) * band.unit_ns);
    int64_t seen = band.full_at.load(std::memory_order_relaxed);
    for (;;) {
        const int64_t next = std::max(seen, now) + cost;
        if (next - now > band.capacity_ns) return false;
        if (band.full_at.compare_exchange_weak(seen, next, std::memory_order_relaxed)) return true;
    }
}

bool Meter::admit(uint64_t bytes, Time now) {
    packets_.fetch_add(1, std::memory_order_relaxed);
    bytes_.fetch_add(bytes, std::memory_order_relaxed);
    const uint64_t units = spec_.flags & flag::kbps ? bytes * 8 : 1;
    // Of the bands whose rate is exceeded, the one with the highest counts.
    Band* drop = nullptr;
    uint32_t highest = 0;
    for (size_t i = 0; i < bands_.size(); ++i) {
        if (take(bands_[i], units, now.time_since_epoch().count())) continue;
        if (drop && spec_.bands[i].rate < highest) continue;
        drop = &bands_[i];
        highest = spec_.bands[i].rate;
    }
    if (!drop) return true;
    drop->packets.fetch_add(1, std::memory_order_relaxed);
    drop->bytes.fetch_add(bytes, std::memory_order_relaxed);
    return false;
}

action::MeterCounts Meter::counts() const {
    action::MeterCounts out{packets_.load(), bytes_.load(), {}};
    for (const Band& b : bands_) out.bands.push_back({b.packets.load(), b.bytes.load()});
    return out;
}

Result<uint32_t> Meters::set(std::optional<uint32_t> id, const action::MeterSpec& spec, Time now) {
    if (!id) {
        const ById& all = by_id_.current();
        const auto free = std::ranges::find(all, nullptr);
        id = static_cast<uint32_t>(free - all.begin());
    }
    if (*id >= ids_max) return fail("all " + std::to_string(ids_max) + " meters of the datapath are taken");
    publish(*id, std::make_shared<Meter>(spec, now));
    return *id;
}

void Meters::remove(uint32_t id) {
    if (id < by_id_.current().size()) publish(id, nullptr);
}

std::optional<action::MeterCounts> Meters::counts(uint32_t id) const {
    const ById& all = by_id_.current();
    return id < all.size() && all[id] ? std::optional(all[id]->counts()) : std::nullopt;
}

void Meters::publish(uint32_t id, std::shared_ptr<Meter> meter) {
    CHECK(id < ids_max);
    auto next = std::make_unique<ById>(by_id_.current());
    if (next->size() <= id) next->resize(id + 1);
    (*next)[id] = std::move(meter);
    while (!next->empty() && !next->back()) next->pop_back();
    by_id_.publish(std::move(next));
}

}  // namespace weft::dp
