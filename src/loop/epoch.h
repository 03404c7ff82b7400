// SPDX-License-Identifier: Apache-2.0
// Epoch-based reclamation: readers use what is published without locks; what was replaced is freed when no
// reader can see it any more.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "base/result.h"

namespace weft::loop {

/// What one family of readers and writers shares. Resource type; thread-safe; outlives its readers.
class EpochDomain {
  public:
    EpochDomain() = default;
    /// Frees what is left; there must be no reader.
    ~EpochDomain();
    EpochDomain(const EpochDomain&) = delete;
    EpochDomain& operator=(const EpochDomain&) = delete;

    /// Has `reclaim` called, by collect() or the destructor, once no reader pinned before now is still
    /// pinned. What it frees must already be out of readers' reach.
    void retire(std::move_only_function<void()> reclaim);
    template <class T>
    void retire(std::unique_ptr<T> object) {
        retire([gone = std::move(object)] {});
    }

    /// Calls what can be called; returns how many. Any thread, but not while the caller itself is pinned (it
    /// would free less).
    size_t collect();
    size_t pending() const;

  private:
    friend class EpochReader;
    struct alignas(64) Slot {
        std::atomic<uint64_t> epoch{0};  ///< 0: not pinned
        bool taken = false;
    };
    struct Retired {
        uint64_t epoch;
        std::move_only_function<void()> reclaim;
    };

    Slot& take_slot();
    void give_back(Slot& slot);
    uint64_t oldest_pinned() const;

    std::atomic<uint64_t> epoch_{1};
    mutable std::mutex mutex_;
    std::deque<Slot> slots_;
    std::deque<Retired> retired_;
};

/// One per reading thread. Resource type; used by that thread only.
class EpochReader {
  public:
    explicit EpochReader(EpochDomain& domain) : domain_(domain), slot_(domain.take_slot()) {}
    ~EpochReader() { domain_.give_back(slot_); }
    EpochReader(const EpochReader&) = delete;
    EpochReader& operator=(const EpochReader&) = delete;

    /// While a Pin lives, nothing is freed that its thread can reach from now on. Keep it for a batch of
    /// packets, not for a wait. Pins nest.
    class Pin {
      public:
        explicit Pin(EpochReader& reader) : reader_(reader) { reader_.enter(); }
        ~Pin() { reader_.leave(); }
        Pin(const Pin&) = delete;
        Pin& operator=(const Pin&) = delete;

      private:
        EpochReader& reader_;
    };
    [[nodiscard]] Pin pin() { return Pin(*this); }

  private:
    // All accesses that decide between "freed" and "still read" are sequentially consistent: either collect()
    // sees the reader's epoch, or the reader sees the pointer that replaced the retired one.
    void enter() {
        if (depth_++ == 0) slot_.epoch.store(domain_.epoch_.load());
    }
    void leave() {
        if (--depth_ == 0) slot_.epoch.store(0, std::memory_order_release);
    }
    EpochDomain& domain_;
    EpochDomain::Slot& slot_;
    unsigned depth_ = 0;
};

/// A pointer to the current version of something immutable. Any number of readers, one writer at a time.
template <class T>
class Published {
  public:
    Published(EpochDomain& domain, std::unique_ptr<const T> first)
        : domain_(domain), current_(first.release()) {}
    /// There must be no reader left.
    ~Published() { delete current_.load(); }
    Published(const Published&) = delete;
    Published& operator=(const Published&) = delete;

    /// Valid while the pin lives.
    const T& read(const EpochReader::Pin&) const { return *current_.load(); }
    /// The writer's own view: stays valid until it publishes and collects.
    const T& current() const { return *current_.load(); }
    void publish(std::unique_ptr<const T> next) {
        CHECK(next);
        domain_.retire(std::unique_ptr<const T>(current_.exchange(next.release())));
    }

  private:
    EpochDomain& domain_;
    std::atomic<const T*> current_;
};

}  // namespace weft::loop
