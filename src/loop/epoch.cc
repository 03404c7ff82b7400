// SPDX-License-Identifier: Apache-2.0
#include "loop/epoch.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace weft::loop {

EpochDomain::~EpochDomain() {
    collect();
    CHECK(std::ranges::none_of(slots_, &Slot::taken));
}

EpochDomain::Slot& EpochDomain::take_slot() {
    const std::lock_guard lock(mutex_);
    auto it = std::ranges::find(slots_, false, &Slot::taken);
    Slot& slot = it != slots_.end() ? *it : slots_.emplace_back();
    slot.taken = true;
    return slot;
}

void EpochDomain::give_back(Slot& slot) {
    const std::lock_guard lock(mutex_);
    CHECK(slot.epoch.load() == 0);
    slot.taken = false;
}

void EpochDomain::retire(std::move_only_function<void()> reclaim) {
    const std::lock_guard lock(mutex_);
    retired_.push_back({epoch_.fetch_add(1), std::move(reclaim)});
}

uint64_t EpochDomain::oldest_pinned() const {
    uint64_t oldest = std::numeric_limits<uint64_t>::max();
    for (const auto& slot : slots_)
        if (const uint64_t epoch = slot.epoch.load()) oldest = std::min(oldest, epoch);
    return oldest;
}

size_t EpochDomain::collect() {
    std::vector<std::move_only_function<void()>> free_now;
    {
        const std::lock_guard lock(mutex_);
        // A reader pinned at epoch e may hold what was retired at e or later.
        const uint64_t oldest = oldest_pinned();
        while (!retired_.empty() && retired_.front().epoch < oldest) {
            free_now.push_back(std::move(retired_.front().reclaim));
            retired_.pop_front();
        }
    }
    for (auto& reclaim : free_now) reclaim();  // outside the lock: it may retire more
    return free_now.size();
}

size_t EpochDomain::pending() const {
    const std::lock_guard lock(mutex_);
    return retired_.size();
}

}  // namespace weft::loop
