// SPDX-License-Identifier: Apache-2.0
#include "dp/core/meter.h"

#include <algorithm>
#include <atomic>
#include <span>

namespace weft::dp {

namespace {

namespace flag = action::meter_flag;
constexpr double ns_per_s = 1e9, bytes_per_kbit = 125;

template <class T>
std::atomic_ref<T> shared(T& word) {
    return std::atomic_ref(word);
}
void count(uint64_t& packets, uint64_t& bytes, uint64_t size) {
    shared(packets).fetch_add(1, std::memory_order_relaxed);
    shared(bytes).fetch_add(size, std::memory_order_relaxed);
}
uint64_t ns_of(Time time) { return static_cast<uint64_t>(time.time_since_epoch().count()); }

MeterCell::Band band_of(const action::MeterBand& band, uint16_t flags, Time now) {
    const double scale = flags & flag::kbps ? bytes_per_kbit : 1;
    const double rate = std::max<uint32_t>(band.rate, 1) * scale;
    // Without a burst of its own, a band lets through what a second brings.
    const double burst = flags & flag::burst && band.burst ? band.burst * scale : rate;
    return {.full_at = ns_of(now),
            .unit = static_cast<uint64_t>(ns_per_s * (1u << MeterCell::unit_shift) / rate),
            .capacity_ns = static_cast<uint64_t>(burst * ns_per_s / rate),
            .rate = band.rate};
}

bool take(MeterCell::Band& band, uint64_t units, uint64_t now) {
    const uint64_t cost = units * band.unit >> MeterCell::unit_shift, empty = now + band.capacity_ns;
    const auto full_at = shared(band.full_at);
    uint64_t seen = full_at.load(std::memory_order_relaxed);
    for (;;) {
        const uint64_t next = std::max(seen, now) + cost;
        if (next > empty) {
            // What a band of another rate left behind: it would stay empty for long.
            if (seen > empty) full_at.compare_exchange_strong(seen, empty, std::memory_order_relaxed);
            return false;
        }
        if (full_at.compare_exchange_weak(seen, next, std::memory_order_relaxed)) return true;
    }
}

}  // namespace

Meter::Meter(action::MeterSpec spec, Time now, std::shared_ptr<MeterCell> cell)
    : spec_(std::move(spec)), shared_(std::move(cell)), cell_(*shared_) {
    retire();
    CHECK(spec_.bands.size() <= MeterCell::bands_max);
    cell_.by_bytes = (spec_.flags & flag::kbps) != 0;
    cell_.n_bands = static_cast<uint32_t>(spec_.bands.size());
    cell_.packets = cell_.bytes = 0;
    for (size_t i = 0; i < spec_.bands.size(); ++i)
        cell_.bands[i] = band_of(spec_.bands[i], spec_.flags, now);
    shared(cell_.in_use).store(1, std::memory_order_release);
}

void Meter::retire() { shared(cell_.in_use).store(0, std::memory_order_release); }

bool Meter::admit(uint64_t bytes, Time now) {
    count(cell_.packets, cell_.bytes, bytes);
    const uint64_t units = cell_.by_bytes ? bytes : 1;
    // Of the bands whose rate is exceeded, the one with the highest counts.
    MeterCell::Band* drop = nullptr;
    for (MeterCell::Band& band : std::span(cell_.bands).first(spec_.bands.size())) {
        if (take(band, units, ns_of(now))) continue;
        if (!drop || band.rate >= drop->rate) drop = &band;
    }
    if (!drop) return true;
    count(drop->packets, drop->bytes, bytes);
    return false;
}

action::MeterCounts Meter::counts() const {
    const auto read = [](uint64_t& word) { return shared(word).load(std::memory_order_relaxed); };
    action::MeterCounts out{read(cell_.packets), read(cell_.bytes), {}};
    for (MeterCell::Band& b : std::span(cell_.bands).first(spec_.bands.size()))
        out.bands.push_back({read(b.packets), read(b.bytes)});
    return out;
}

Result<uint32_t> Meters::set(std::optional<uint32_t> id, const action::MeterSpec& spec, Time now) {
    if (!id) {
        const ById& all = by_id_.current();
        const auto free = std::ranges::find(all, nullptr);
        id = static_cast<uint32_t>(free - all.begin());
    }
    if (*id >= ids_max) return fail("all " + std::to_string(ids_max) + " meters of the datapath are taken");
    publish(*id, cells_ ? std::make_shared<Meter>(spec, now, TRY(cells_(*id)))
                        : std::make_shared<Meter>(spec, now));
    return *id;
}

void Meters::remove(uint32_t id) {
    if (id >= by_id_.current().size()) return;
    if (const auto& meter = by_id_.current()[id]) meter->retire();
    publish(id, nullptr);
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
