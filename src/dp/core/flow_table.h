// SPDX-License-Identifier: Apache-2.0
// The megaflows of a datapath: one hash table for each mask. Readers never lock; writers take turns.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "dp/core/flow_mirror.h"
#include "dp/core/id_table.h"
#include "dp/core/subtable.h"
#include "loop/epoch.h"

namespace weft::dp {

/// Resource type. find() from any thread that holds a pin of `domain`; all else from any thread, tidy_up()
/// only from one that holds none.
class FlowTable {
  public:
    explicit FlowTable(loop::EpochDomain& domain) : domain_(domain), order_(new Order) {}
    ~FlowTable();
    FlowTable(const FlowTable&) = delete;
    FlowTable& operator=(const FlowTable&) = delete;

    struct Found {
        Flow* flow = nullptr;
        unsigned masks_tried = 0;
    };
    /// `key` is all of a FlowKey's words.
    Found find(const uint64_t* key) const;

    /// Where a lookup of the busiest mask will read, fetched in two steps: prefetch_slot() for some keys,
    /// then prefetch_flow() for what it returned, then find().
    struct Place {
        const Subtable* subtable = nullptr;
        uint64_t hash = 0;
    };
    Place prefetch_slot(const uint64_t* key) const;
    static void prefetch_flow(const Place& place) {
        if (place.subtable) place.subtable->prefetch_flow(place.hash);
    }

    struct Put {
        FlowId id;
        const flow::FlowKey& key;  ///< the packet's, or the match's: bits outside the mask do not matter
        const flow::FlowMask& mask;
        ActionsPtr actions;
    };
    /// code EEXIST (a flow of that id, or of the same match) or ENOENT.
    Result<void> put(Put what, PutMode mode);
    Result<void> put(FlowId id, const flow::Match& match, ActionsPtr actions, PutMode mode) {
        return put({id, match.key, match.mask, std::move(actions)}, mode);
    }
    Result<FlowStats> remove(FlowId id);
    std::optional<FlowInfo> info(FlowId id) const;
    void for_each(const std::function<void(const FlowInfo&)>& visit) const;
    /// Of each of `ids`, in order; none if it is not there.
    void stats(std::span<const FlowId> ids, std::span<std::optional<FlowStats>> out) const;
    void clear();
    /// Null: nobody. The mirror learns of all flows that there are; it outlives the table, or is replaced
    /// first.
    void set_mirror(FlowMirror* mirror);
    /// Has the mirror put all flows again.
    void mirror_again();

    size_t size() const { return n_flows_.load(std::memory_order_relaxed); }
    size_t n_masks() const { return n_masks_.load(std::memory_order_relaxed); }
    /// By a find() on average, rounded up, as counted of late.
    unsigned masks_tried() const { return masks_tried_.load(std::memory_order_relaxed); }

    /// Counts up when removed flows are about to be freed. A thread that keeps pointers to flows from one pin
    /// to the next forgets them all when, just after pinning, it finds this changed.
    uint64_t cache_generation() const { return cache_generation_.load(); }
    /// Puts the busiest masks first and frees what no reader sees. Call it every 100 ms or so.
    void tidy_up();

  private:
    using Order = std::vector<Subtable*>;
    /// Some of the flows: many small tables, so that growing one holds nobody up.
    using Shard = IdTable<Flow>;
    static constexpr size_t n_shards = 64;

    Shard& shard(const FlowId& id) { return by_id_[id.lo % n_shards]; }
    const Shard& shard(const FlowId& id) const { return by_id_[id.lo % n_shards]; }
    const Flow* find_id(const FlowId& id) const;
    FlowInfo info_of(const Flow& flow) const;
    FlowStats stats_of(const Flow& flow) const;
    void set_actions(Flow& flow, ActionsPtr actions);
    Subtable* find_subtable(std::span<const MaskWord> mask) const;
    Subtable& add_subtable(std::span<const MaskWord> mask);
    void unlink(Flow& flow);
    void publish_order(Order order);
    void put_busiest_first();
    template <class T>
    void retire(std::unique_ptr<T> object) {
        if (object) limbo_.push_back([gone = std::move(object)] {});
    }

    loop::EpochDomain& domain_;
    std::atomic<const Order*> order_;
    std::atomic<uint64_t> cache_generation_{1};
    std::atomic<size_t> n_flows_{0}, n_masks_{0};
    std::atomic<unsigned> masks_tried_{1};

    mutable std::mutex mutex_;  ///< guards all below, and every change
    FlowMirror* mirror_ = nullptr;
    std::vector<std::unique_ptr<Subtable>> subtables_;
    std::array<Shard, n_shards> by_id_;
    std::vector<std::move_only_function<void()>> limbo_;  ///< out of reach for new readers, not for caches
};

}  // namespace weft::dp
