// SPDX-License-Identifier: Apache-2.0
// In-band control: hidden flows that let the switch reach its controllers and managers through its own
// bridge, whatever the flow table says.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bridge/bridge.h"
#include "pipeline/flow_change.h"
#include "sys/ip_config.h"

namespace weft::bridge {

/// Value type, one for each bridge.
class InBand {
  public:
    /// How packets of this machine get to an address; none: not at all.
    using FindHop = std::function<std::optional<sys::NextHop>(Ip4)>;

    /// Makes the hidden flows those that the configuration asks for, with the next hops as they are now.
    /// Idempotent; true if the flows changed. `find_hop` may be null.
    bool apply(Bridge& bridge, const std::vector<ManagerConfig>& managers, const FindHop& find_hop, Time now);
    /// The flows depend on next hops, which may change: apply() again after this time.
    static constexpr Duration next_hop_interval = 2s;
    bool has_remotes() const { return !rules_.empty(); }

  private:
    /// Priority and match; so they look in bridge/dump-flows.
    using Rules = std::set<std::pair<int32_t, std::string>>;
    using Hops = std::map<std::string, sys::NextHop>;  ///< by the address of the remote
    /// What is known now, or was known last of hops that are the same.
    static Hops find_hops(const std::set<std::string>& addresses, const FindHop& find_hop, const Hops& known);
    Rules wanted(const Bridge& bridge, const std::vector<ManagerConfig>& managers, const FindHop& find_hop);

    Rules rules_;
    Hops hops_;
    std::optional<uint32_t> queue_;
};

}  // namespace weft::bridge
