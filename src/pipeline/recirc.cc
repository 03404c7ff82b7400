// SPDX-License-Identifier: Apache-2.0
#include "pipeline/recirc.h"

#include <algorithm>

namespace weft::pipeline {

RecircPtr RecircTable::intern(const Frozen& state) {
    Bytes key = encode(state);
    const std::lock_guard lock(mutex_);
    if (const auto it = by_state_.find(key); it != by_state_.end()) {
        Entry& entry = by_id_.at(it->second);
        entry.unused = never;
        return entry.state;
    }
    do {
        ++last_;
    } while (last_ == 0 || by_id_.contains(last_));
    auto fresh = std::make_shared<const Recirculation>(last_, state);
    by_state_.emplace(key, last_);
    by_id_.emplace(last_, Entry{fresh, std::move(key)});
    return fresh;
}

bool RecircTable::restore(uint32_t id, const Frozen& state) {
    Bytes key = encode(state);
    const std::lock_guard lock(mutex_);
    if (id == 0 || by_id_.contains(id) || by_state_.contains(key)) return false;
    by_state_.emplace(key, id);
    by_id_.emplace(id, Entry{std::make_shared<const Recirculation>(id, state), std::move(key)});
    return true;
}

void RecircTable::skip(uint32_t last) {
    const std::lock_guard lock(mutex_);
    last_ = std::max(last_, last);
}

std::vector<RecircPtr> RecircTable::all() const {
    std::vector<RecircPtr> out;
    const std::lock_guard lock(mutex_);
    for (const auto& [id, entry] : by_id_) out.push_back(entry.state);
    return out;
}

uint64_t RecircTable::changes() const {
    const std::lock_guard lock(mutex_);
    return uint64_t{last_} << 32 | static_cast<uint32_t>(by_id_.size());
}

RecircPtr RecircTable::find(uint32_t id) const {
    const std::lock_guard lock(mutex_);
    const auto it = by_id_.find(id);
    return it == by_id_.end() ? nullptr : it->second.state;
}

void RecircTable::sweep(Time now) {
    const std::lock_guard lock(mutex_);
    for (auto it = by_id_.begin(); it != by_id_.end();) {
        Entry& entry = it->second;
        const bool held = entry.state.use_count() > 1;
        if (held)
            entry.unused = never;
        else if (entry.unused == never)
            entry.unused = now;
        if (held || entry.unused + grace > now) {
            ++it;
            continue;
        }
        by_state_.erase(entry.key);
        it = by_id_.erase(it);
    }
}

size_t RecircTable::size() const {
    const std::lock_guard lock(mutex_);
    return by_id_.size();
}

}  // namespace weft::pipeline
