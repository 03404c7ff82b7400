// SPDX-License-Identifier: Apache-2.0
// Objects by the FlowId that each has, one cache line away: with many flows a new one costs mostly that.
#pragma once

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "dp/datapath.h"

namespace weft::dp {

/// Resource type that moves; owns its objects. `T` has id_of(const T&). Used under its owner's lock, but for
/// prefetch(). Open addressing, with the hash beside the pointer: growing touches no object.
template <class T>
class IdTable {
  public:
    IdTable() = default;
    IdTable(IdTable&& other) noexcept { *this = std::move(other); }
    IdTable& operator=(IdTable&& other) noexcept {
        slots_ = std::exchange(other.slots_, {});
        size_ = std::exchange(other.size_, 0);
        publish();
        other.publish();
        return *this;
    }

    size_t size() const { return size_; }
    T* find(const FlowId& id) const {
        if (slots_.empty()) return nullptr;
        const uint64_t h = hash(id);
        for (size_t i = h & mask(); slots_[i].object; i = (i + 1) & mask())
            if (slots_[i].hash == h && id_of(*slots_[i].object) == id) return slots_[i].object.get();
        return nullptr;
    }
    /// One that is not there yet.
    void insert(std::unique_ptr<T> object) {
        if ((size_ + 1) * 3 > slots_.size() * 2) grow();
        const uint64_t h = hash(id_of(*object));
        place(slots_, {h, std::move(object)});
        ++size_;
    }
    /// Null if it is not there.
    std::unique_ptr<T> take(const FlowId& id) {
        if (slots_.empty()) return nullptr;
        const uint64_t h = hash(id);
        size_t i = h & mask();
        for (; slots_[i].object; i = (i + 1) & mask())
            if (slots_[i].hash == h && id_of(*slots_[i].object) == id) break;
        std::unique_ptr<T> out = std::move(slots_[i].object);
        if (out) close_gap(i);
        return out;
    }
    template <class Visit>
    void for_each(const Visit& visit) const {
        for (const Slot& slot : slots_)
            if (slot.object) visit(*slot.object);
    }
    /// Any thread, without the lock: what insert() and find() will look at is fetched. At worst something
    /// else is.
    void prefetch(const FlowId& id) const {
        const size_t i = hash(id) & mask_.load(std::memory_order_relaxed);
        __builtin_prefetch(first_.load(std::memory_order_relaxed) + i);
    }
    /// The object that find() will most likely look at.
    void prefetch_object(const FlowId& id) const {
        if (!slots_.empty()) __builtin_prefetch(slots_[hash(id) & mask()].object.get());
    }

  private:
    struct Slot {
        uint64_t hash = 0;
        std::unique_ptr<T> object;
    };
    static constexpr size_t slots_min = 8;

    static uint64_t hash(const FlowId& id) { return hash_mix(id.hi, id.lo); }
    size_t mask() const { return slots_.size() - 1; }
    static void place(std::vector<Slot>& slots, Slot one) {
        size_t i = one.hash & (slots.size() - 1);
        while (slots[i].object) i = (i + 1) & (slots.size() - 1);
        slots[i] = std::move(one);
    }
    void grow() {
        std::vector<Slot> more(slots_.empty() ? slots_min : slots_.size() * 2);
        for (Slot& slot : slots_)
            if (slot.object) place(more, std::move(slot));
        slots_.swap(more);
        publish();
    }
    /// What comes behind moves up, unless it is at home.
    void close_gap(size_t gap) {
        --size_;
        for (size_t i = (gap + 1) & mask(); slots_[i].object; i = (i + 1) & mask()) {
            const size_t home = slots_[i].hash & mask();
            if (((i - home) & mask()) < ((i - gap) & mask())) continue;
            slots_[gap] = std::move(slots_[i]);
            gap = i;
        }
    }
    void publish() {
        first_.store(slots_.data(), std::memory_order_relaxed);
        mask_.store(slots_.empty() ? 0 : mask(), std::memory_order_relaxed);
    }

    std::vector<Slot> slots_;
    size_t size_ = 0;
    std::atomic<const Slot*> first_{nullptr};  ///< for prefetch()
    std::atomic<size_t> mask_{0};
};

}  // namespace weft::dp
