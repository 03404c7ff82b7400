// SPDX-License-Identifier: Apache-2.0
#include "bridge/punts.h"

namespace weft::bridge {

void Punts::add(const pipeline::Punt& punt, Time now) {
    const std::lock_guard lock(mutex_);
    Entry& entry = map_[punt.id];
    if (!entry.punt) entry.punt = std::make_shared<const pipeline::Punt>(punt);
    entry.used = now;
}

std::shared_ptr<const pipeline::Punt> Punts::find(uint32_t id) const {
    const std::lock_guard lock(mutex_);
    const auto it = map_.find(id);
    return it == map_.end() ? nullptr : it->second.punt;
}

void Punts::sweep(const std::unordered_set<uint32_t>& named, Time now) {
    const std::lock_guard lock(mutex_);
    std::erase_if(map_, [&](const auto& item) {
        return !named.contains(item.first) && item.second.used + grace < now;
    });
}

size_t Punts::size() const {
    const std::lock_guard lock(mutex_);
    return map_.size();
}

}  // namespace weft::bridge
