// SPDX-License-Identifier: Apache-2.0
// An installed megaflow as the datapath keeps it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dp/datapath.h"

namespace weft::dp {

/// One word of a mask that is not zero.
struct MaskWord {
    uint16_t index;  ///< into flow::words()
    uint64_t bits;
    bool operator==(const MaskWord&) const = default;
};
using SparseMask = std::vector<MaskWord>;

/// The words of a mask, without memory of the heap.
class MaskWords {
  public:
    explicit MaskWords(const flow::FlowMask& mask);
    std::span<const MaskWord> words() const { return {words_.data(), size_}; }

  private:
    std::array<MaskWord, flow::key_words> words_;
    size_t size_ = 0;
};

/// Resource type, made by FlowTable. Found by many threads at once, which count on it and run its actions;
/// the rest is fixed, or the table's own. What a lookup reads lies together, and the masked key behind the
/// object.
class Flow {
  public:
    static std::unique_ptr<Flow> make(FlowId id, const SparseMask& mask, const flow::FlowKey& key,
                                      ActionsPtr actions);
    Flow(const Flow&) = delete;
    Flow& operator=(const Flow&) = delete;
    static void operator delete(void* memory) { ::operator delete(memory); }

    FlowId id() const { return id_; }
    const SparseMask& mask() const { return mask_; }
    /// The masked key: a value for each word of the mask.
    const uint64_t* values() const { return reinterpret_cast<const uint64_t*>(this + 1); }
    const action::dp::Actions& actions() const { return *running_.load(std::memory_order_acquire); }
    /// True once it was removed; caches may still point to it for a while.
    bool is_dead() const { return dead_.load(std::memory_order_relaxed); }

    bool matches(const uint64_t* key) const {
        for (size_t i = 0; i < mask_.size(); ++i)
            if ((key[mask_[i].index] & mask_[i].bits) != values()[i]) return false;
        return true;
    }
    /// Has fetched what a lookup that finds it will read.
    void prefetch() const {
        const auto* at = reinterpret_cast<const char*>(this);
        __builtin_prefetch(at);
        __builtin_prefetch(at + cache_line);
        __builtin_prefetch(at + 2 * cache_line);
    }

    void count(uint64_t packets, uint64_t bytes, Time now, uint16_t tcp_flags) const {
        packets_.fetch_add(packets, std::memory_order_relaxed);
        bytes_.fetch_add(bytes, std::memory_order_relaxed);
        used_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
        if (tcp_flags & ~tcp_flags_.load(std::memory_order_relaxed))
            tcp_flags_.fetch_or(tcp_flags, std::memory_order_relaxed);
    }
    /// Adds what others have counted for it.
    void add(const FlowStats& counted) const;
    FlowStats stats() const;

    static constexpr uint32_t not_mirrored = ~uint32_t{0};
    /// The FlowMirror's.
    uint32_t mirrored = not_mirrored;

  private:
    friend class FlowTable;
    static constexpr int64_t unused = -1;
    static constexpr size_t cache_line = 64;

    Flow(FlowId id, const SparseMask& mask, const flow::FlowKey& key, ActionsPtr actions)
        : mask_(mask),
          running_(actions.get()),
          kinds_(flow::HeaderKinds::of(key)),
          id_(id),
          actions_(std::move(actions)) {}
    static void* operator new(size_t size, size_t n_values) {
        return ::operator new(size + n_values * sizeof(uint64_t));
    }

    const SparseMask& mask_;  ///< the subtable's, which outlives its flows
    std::atomic<const action::dp::Actions*> running_;
    mutable std::atomic<uint64_t> packets_{0}, bytes_{0};
    mutable std::atomic<int64_t> used_{unused};
    mutable std::atomic<uint16_t> tcp_flags_{0};
    std::atomic<bool> dead_{false};
    const flow::HeaderKinds kinds_;
    const FlowId id_;
    ActionsPtr actions_;  ///< keeps them; the table's, under its lock
};

inline FlowId id_of(const Flow& flow) { return flow.id(); }

}  // namespace weft::dp
