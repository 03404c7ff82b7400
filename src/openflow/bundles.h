// SPDX-License-Identifier: Apache-2.0
// The bundles that a connection has begun (OpenFlow 1.5.1 6.9): changes staged one by one, to take effect
// together.
#pragma once

#include <map>
#include <vector>

#include "base/time.h"
#include "openflow/in_place.h"
#include "openflow/staged_messages.h"

namespace weft::openflow {

/// Pure. Whatever goes wrong with a bundle ends it. Messages are kept as they came: decoded, a flow_mod takes
/// many times its size.
class Bundles {
  public:
    static constexpr size_t max_bundles = 256;
    /// Of messages in all bundles of a connection; holds about two million flow_mods.
    static constexpr size_t default_max_bytes = 256 << 20;

    /// In the order in which they came; errors quote them.
    struct Changes {
        StagedMessages tables;  ///< FlowMod and GroupMod
        StagedMessages others;  ///< PortMod and PacketOut
        bool removes = false;   ///< some of them remove flows, or may

        size_t bytes() const { return tables.bytes() + others.bytes(); }
    };

    explicit Bundles(size_t max_bytes = default_max_bytes) : max_bytes_(max_bytes) {}

    OfResult<> open(const BundleControl& c, Time now);
    enum class Kind : uint8_t { table_change, removal, other };  ///< removal: or a group's change
    /// Opens the bundle if it is not there yet.
    OfResult<> add(const BundleAddView& a, Kind kind, Time now);
    OfResult<> close(const BundleControl& c, Time now);
    OfResult<> discard(const BundleControl& c);
    /// Ends the bundle: what it held is to be done now.
    OfResult<Changes> commit(const BundleControl& c);

    /// Ends those that nobody has touched for so long; their ids.
    std::vector<uint32_t> expire(Time now, Duration idle);
    Time next_deadline(Duration idle) const;

  private:
    struct Bundle {
        uint16_t flags = 0;
        bool closed = false;
        Changes changes;
        Time used;
    };
    using Place = std::map<uint32_t, Bundle>::iterator;
    OfResult<Place> find(uint32_t id, uint16_t flags);
    OfResult<Place> make(uint32_t id, uint16_t flags, Time now);
    std::unexpected<OfError> end(Place at, OfError error);
    /// The place of the next one; its messages.
    std::pair<Place, Changes> take(Place at);

    std::map<uint32_t, Bundle> bundles_;
    const size_t max_bytes_;
    size_t bytes_ = 0;  ///< of messages
};

}  // namespace weft::openflow
