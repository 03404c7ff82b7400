// SPDX-License-Identifier: Apache-2.0
// An installed megaflow as the datapath keeps it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "dp/datapath.h"

namespace weft::dp {

/// Actions ready to run. Immutable.
struct Plan {
    ActionsPtr actions;
    /// The one thing it does, if that is to output on this port.
    DpPort only_output = dp_none;

    explicit Plan(ActionsPtr list) : actions(std::move(list)) {
        if (actions->size() != 1) return;
        if (const auto* out = std::get_if<action::dp::Output>(&(*actions)[0].v)) only_output = out->port;
    }
};

/// One word of a mask that is not zero.
struct MaskWord {
    uint16_t index = 0;  ///< into flow::words()
    uint64_t bits = 0;
    bool operator==(const MaskWord&) const = default;
};
using SparseMask = std::vector<MaskWord>;

SparseMask sparse_mask(const flow::FlowMask& mask);

/// Resource type, made by FlowTable. Found by many threads at once, which count on it and read its plan; all
/// else is fixed, or the table's own.
class Flow {
  public:
    struct Key {
        FlowId id;
        const SparseMask& mask;
        const flow::FlowKey& key;
    };
    Flow(const Key& k, uint64_t hash, std::unique_ptr<const Plan> plan);
    ~Flow() { delete plan_.load(std::memory_order_relaxed); }
    Flow(const Flow&) = delete;
    Flow& operator=(const Flow&) = delete;

    FlowId id() const { return id_; }
    const SparseMask& mask() const { return mask_; }
    uint64_t hash() const { return hash_; }
    const Plan& plan() const { return *plan_.load(std::memory_order_acquire); }
    /// True once it was removed; caches may still point to it for a while.
    bool is_dead() const { return dead_.load(std::memory_order_relaxed); }

    bool matches(const uint64_t* key) const {
        for (size_t i = 0; i < mask_.size(); ++i)
            if ((key[mask_[i].index] & mask_[i].bits) != values_[i]) return false;
        return true;
    }

    void count(uint64_t packets, uint64_t bytes, Time now, uint16_t tcp_flags) const {
        packets_.fetch_add(packets, std::memory_order_relaxed);
        bytes_.fetch_add(bytes, std::memory_order_relaxed);
        used_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
        if (tcp_flags & ~tcp_flags_.load(std::memory_order_relaxed))
            tcp_flags_.fetch_or(tcp_flags, std::memory_order_relaxed);
    }
    FlowStats stats() const;
    FlowInfo info() const;

  private:
    friend class FlowTable;
    static constexpr int64_t unused = -1;

    const FlowId id_;
    const SparseMask& mask_;  ///< the subtable's, which outlives its flows
    const uint64_t hash_;     ///< of the masked key
    std::atomic<const Plan*> plan_;
    std::atomic<bool> dead_{false};
    mutable std::atomic<uint16_t> tcp_flags_{0};
    mutable std::atomic<uint64_t> packets_{0}, bytes_{0};
    mutable std::atomic<int64_t> used_{unused};
    std::unique_ptr<uint64_t[]> values_;
};

}  // namespace weft::dp
