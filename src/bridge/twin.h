// SPDX-License-Identifier: Apache-2.0
// The twin of a megaflow: what the datapath does not know about a flow it carries.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "bridge/drop_counters.h"
#include "bridge/outcome.h"
#include "dp/core/id_table.h"
#include "flow/packed_key.h"
#include "pipeline/ids.h"

namespace weft::bridge {

/// Names the state of everything that translations read. Two equal stamps: a translation would say the same.
struct Stamp {
    pipeline::Version version = 0;
    uint64_t config = 0;  ///< its generation
    uint64_t macs = 0;    ///< sum of MacTable::changes() over the bridges
    bool operator==(const Stamp&) const = default;
};

/// Resource type. Made by the thread that translated; afterwards the control thread's, except that the
/// shard's lock guards its being there. Its match is the datapath's to tell. It is translated again for
/// the packet it was made for: if the answer depends on more bits than the mask has, the flow is too wide and
/// goes; else the other bits do not matter.
struct Twin {
    dp::FlowId id;
    // What each pass looks at lies together.
    Time used{};
    struct {
        uint64_t packets = 0, bytes = 0;
    } seen;  ///< statistics already played
    Stamp stamp;
    unsigned missing = 0;   ///< passes in a row that did not find it in the datapath
    DpPort port = dp_none;  ///< whose budget of masks it counts for
    FlowOutcomePtr outcome;
    DropCounters::CellPtr drop;  ///< where its packets count as dropped; null: they are not
    /// All bits: which bits tell that a rule does not match is as the packet is, so another packet of the
    /// flow might need others than the mask has.
    flow::PackedKey packet;
    uint64_t mask_name = 0;                 ///< in that budget
    const flow::PackedKey* mask = nullptr;  ///< the megaflow's, in the budget; null: not known
    std::optional<pipeline::BridgeId> bridge;
};

inline const dp::FlowId& id_of(const Twin& twin) { return twin.id; }

/// The name of the megaflow with this key under this mask.
dp::FlowId name_of_flow(const flow::FlowKey& key, const flow::FlowMask& mask);

/// A flow with the one mask does not look at all that the other one has.
bool wider(const flow::FlowMask& installed, const flow::FlowMask& needed);

/// All twins of a datapath. Resource type; insert from any thread, the rest from the control thread.
class Twins {
  public:
    /// False if a twin of that name is there already.
    bool insert(std::unique_ptr<Twin> twin);
    size_t size() const { return size_.load(std::memory_order_relaxed); }
    Twin* find(const dp::FlowId& id);
    /// An insert() will follow.
    void prefetch(const dp::FlowId& id) { shard(id).twins.prefetch(id); }
    void erase(const dp::FlowId& id);
    /// Twins lie in so many parts of about the same size.
    static constexpr size_t n_shards = 256;
    /// Those of one part; they stay until erased.
    std::vector<Twin*> in_shard(size_t shard);
    /// Twins that are there at the start; `visit` may erase the one it is given.
    void for_each(const std::function<void(Twin&)>& visit);

  private:
    struct Shard {
        std::mutex mutex;
        dp::IdTable<Twin> twins;
    };
    Shard& shard(const dp::FlowId& id) { return shards_[id.lo % n_shards]; }

    std::array<Shard, n_shards> shards_;
    std::atomic<size_t> size_{0};
};

}  // namespace weft::bridge
