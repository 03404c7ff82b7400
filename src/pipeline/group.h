// SPDX-License-Identifier: Apache-2.0
// Groups of a bridge, in the versions of its tables.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "action/group_spec.h"
#include "base/time.h"
#include "pipeline/ids.h"

namespace weft::pipeline {

/// Packets through a group and through each bucket; outside the version.
struct GroupCounters {
    struct Cell {
        std::atomic<uint64_t> packets{0}, bytes{0};
        void count(uint64_t p, uint64_t b) {
            packets.fetch_add(p, std::memory_order_relaxed);
            bytes.fetch_add(b, std::memory_order_relaxed);
        }
    };
    explicit GroupCounters(size_t n_buckets) : buckets(n_buckets) {}
    Cell all;
    std::vector<Cell> buckets;
};

/// One version of a group. Immutable but for its version bounds and counters.
class Group {
  public:
    Group(uint32_t id, action::GroupSpec spec, Time created);

    uint32_t id() const { return id_; }
    const action::GroupSpec& spec() const { return spec_; }
    GroupCounters& counters() const { return *counters_; }
    Time created() const { return created_; }
    bool visible(Version v) const {
        return added_.load(std::memory_order_acquire) <= v && v < removed_.load(std::memory_order_acquire);
    }

    /// select by dp_hash: the bucket of each value of the hash's low bits, a power of two of them; empty if
    /// this group goes by a hash of its own.
    const std::vector<uint16_t>& slots() const { return slots_; }

  private:
    friend class Groups;
    uint32_t id_;
    action::GroupSpec spec_;
    Time created_;
    std::unique_ptr<GroupCounters> counters_;
    std::vector<uint16_t> slots_;
    std::atomic<Version> added_{version_never}, removed_{version_never};
};
using GroupPtr = std::shared_ptr<const Group>;

/// Resource type. find() and visit() from any thread; changes by TablesEdit alone, under the writer's lock.
/// Invariant: in any one version an id has at most one group.
class Groups {
  public:
    GroupPtr find(uint32_t id, Version version) const;
    void visit(Version version, const std::function<void(const GroupPtr&)>& visit) const;
    size_t size(Version version) const;

    /// Frees what was removed and nobody sees any more.
    void reclaim(Version oldest_reader);
    /// There is something to free. The writer's.
    bool has_garbage() const { return !gone_.empty(); }

  private:
    friend class GroupsEdit;
    GroupPtr put(std::shared_ptr<Group> group, Version from);
    GroupPtr remove(uint32_t id, Version from);
    void undo(const GroupPtr& added, const GroupPtr& removed);

    mutable std::mutex mutex_;  ///< held for a few instructions
    std::unordered_map<uint32_t, std::vector<std::shared_ptr<Group>>> by_id_;  ///< versions, oldest first
    std::deque<std::pair<Version, uint32_t>> gone_;  ///< ids by the version that lost one
};

/// Buckets for the values of a hash's low bits so that each has its share of them: Webster's method. Empty if
/// the weights are too uneven for `slots_max`.
std::vector<uint16_t> share_slots(const std::vector<action::Bucket>& buckets);

}  // namespace weft::pipeline
