// SPDX-License-Identifier: Apache-2.0
// The bundles that a connection has begun (OpenFlow 1.5.1 6.9): changes staged one by one, to take effect
// together.
#pragma once

#include <map>
#include <vector>

#include "base/time.h"
#include "openflow/message.h"

namespace weft::openflow {

/// Pure. Whatever goes wrong with a bundle ends it.
class Bundles {
  public:
    static constexpr Duration idle_limit = 10s;
    static constexpr size_t max_bundles = 256, max_bytes = 64 << 20;

    /// A change and the message it came in, which errors quote.
    struct Staged {
        Bytes message;
        Body body;  ///< FlowMod, PortMod or PacketOut
    };
    using Changes = std::vector<Staged>;

    OfResult<> open(const BundleControl& c, Time now);
    /// Opens the bundle if it is not there yet.
    OfResult<> add(const BundleAdd& a, Body body, Time now);
    OfResult<> close(const BundleControl& c, Time now);
    OfResult<> discard(const BundleControl& c);
    /// Ends the bundle: what it held is to be done now.
    OfResult<Changes> commit(const BundleControl& c);

    /// Ends those that nobody has touched for a while; their ids.
    std::vector<uint32_t> expire(Time now);
    Time next_deadline() const;

  private:
    struct Bundle {
        uint16_t flags = 0;
        bool closed = false;
        Changes changes;
        size_t bytes = 0;
        Time used;
    };
    using Place = std::map<uint32_t, Bundle>::iterator;
    OfResult<Place> find(uint32_t id, uint16_t flags);
    OfResult<Place> make(uint32_t id, uint16_t flags, Time now);
    std::unexpected<OfError> end(Place at, OfError error);

    std::map<uint32_t, Bundle> bundles_;
    size_t bytes_ = 0;
};

}  // namespace weft::openflow
