// SPDX-License-Identifier: Apache-2.0
// Equal values as one object: a million flows often do one of a few things.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "action/action.h"
#include "action/dp_action.h"

namespace weft::bridge {

/// Cheap: kinds and numbers of ports, tables and groups are what lists differ in most often.
uint64_t hash(const action::dp::Actions& actions);
uint64_t hash(const action::Actions& actions);

template <class T>
void compact(std::vector<T>& list) {
    list.shrink_to_fit();
}

/// Resource type, thread-safe. Remembers values that somebody has, up to a number of them: those it has
/// forgotten become another object. Of a value it wants hash() and compact().
template <class Value>
class SharedPool {
  public:
    using Ptr = std::shared_ptr<const Value>;

    /// One that equals `value`, which is copied or moved if there is none.
    template <class V>
    Ptr share(V&& value) {
        const uint64_t h = hash(value);
        const std::lock_guard lock(mutex_);
        Ptr known = slots_[h % slots_.size()].lock();
        if (known && *known == value) return known;
        if (known && ++displaced_ > slots_.size() && slots_.size() < most_slots) grow();
        auto fresh = std::make_shared<Value>(std::forward<V>(value));
        compact(*fresh);
        slots_[h % slots_.size()] = fresh;
        return fresh;
    }

  private:
    static constexpr size_t first_slots = 64, most_slots = 65536;

    void grow() {
        std::vector<std::weak_ptr<const Value>> more(slots_.size() * 4);
        for (const auto& slot : slots_)
            if (const Ptr known = slot.lock()) more[hash(*known) % more.size()] = known;
        slots_.swap(more);
        displaced_ = 0;
    }

    std::mutex mutex_;
    std::vector<std::weak_ptr<const Value>> slots_{first_slots};
    size_t displaced_ = 0;  ///< values that lost their slot since it grew
};

}  // namespace weft::bridge
