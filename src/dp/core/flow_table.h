// SPDX-License-Identifier: Apache-2.0
// The megaflows of a datapath: one hash table for each mask. Readers never lock; writers take turns.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

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

    /// code EEXIST (a flow of that id, or of the same match) or ENOENT.
    Result<void> put(FlowId id, const flow::Match& match, ActionsPtr actions, PutMode mode);
    Result<FlowStats> remove(FlowId id);
    std::optional<FlowInfo> info(FlowId id) const;
    void for_each(const std::function<void(const FlowInfo&)>& visit) const;
    void for_each_stats(const std::function<void(FlowId, const FlowStats&)>& visit) const;
    void clear();

    size_t size() const { return n_flows_.load(std::memory_order_relaxed); }
    size_t n_masks() const { return n_masks_.load(std::memory_order_relaxed); }

    /// Counts up when removed flows are about to be freed. A thread that keeps pointers to flows from one pin
    /// to the next forgets them all when, just after pinning, it finds this changed.
    uint64_t cache_generation() const { return cache_generation_.load(); }
    /// Puts the busiest masks first and frees what no reader sees. Call it every 100 ms or so.
    void tidy_up();

  private:
    using Order = std::vector<Subtable*>;
    struct IdHash {
        size_t operator()(const FlowId& id) const { return id.lo ^ id.hi * 0x9e3779b97f4a7c15u; }
    };

    std::vector<const Flow*> list() const;
    Subtable& subtable_for(SparseMask mask);
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

    mutable std::mutex mutex_;  ///< guards all below, and every change
    std::vector<std::unique_ptr<Subtable>> subtables_;
    std::unordered_map<FlowId, std::unique_ptr<Flow>, IdHash> by_id_;
    std::vector<std::move_only_function<void()>> limbo_;  ///< out of reach for new readers, not for caches
};

}  // namespace weft::dp
