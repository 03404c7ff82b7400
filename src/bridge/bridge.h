// SPDX-License-Identifier: Apache-2.0
// One bridge as it is in force: its ports and their numbers, its tables, its identity. What the pipeline
// sees of it is made by pipeline_view().
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bridge/config.h"
#include "bridge/meters.h"
#include "bridge/port_numbers.h"
#include "dp/datapath.h"
#include "pipeline/config.h"

namespace weft::bridge {

/// An interface that has an OpenFlow port. Value type.
struct Member {
    InterfaceConfig config;
    OfPort number;
    DpPort dp_port = dp_none;  ///< dp_none: a patch port
    pipeline::BundleId bundle;
    std::shared_ptr<pipeline::PatchCounters> patch;  ///< patch ports only
    std::optional<pipeline::PortAt> peer;
    uint32_t of_config = 0;  ///< as port_mod set it; port_down is the device's own state
    Time created;
    dp::PortState state;
    uint64_t link_resets = 0;  ///< changes of the link's state since it was attached, as far as we saw
    bool is_patch() const { return patch != nullptr; }
};

/// Resource type; belongs to the control thread.
struct Bridge {
    Bridge(pipeline::BridgeId bridge_id, pipeline::Versions& versions, Time now);

    const pipeline::BridgeId id;
    const std::shared_ptr<pipeline::Tables> tables;
    const std::shared_ptr<pipeline::MacTable> macs;

    BridgeConfig config;
    Mac mac;
    uint64_t datapath_id = 0;
    pipeline::Fragments fragments = pipeline::Fragments::normal;
    bool miss_to_controller = false;
    Meters meters;
    PortNumbers numbers;
    std::map<std::string, Member, std::less<>> members;              ///< by interface
    std::map<std::string, std::string, std::less<>> errors;          ///< interface -> why it does not work
    std::map<std::string, pipeline::BundleId, std::less<>> bundles;  ///< by port

    const Member* find(OfPort number) const;
    Member* find(OfPort number) { return const_cast<Member*>(std::as_const(*this).find(number)); }
    const PortConfig* port_of(std::string_view interface) const;
};

/// The immutable value that translations read.
std::shared_ptr<const pipeline::Bridge> pipeline_view(const Bridge& bridge);

/// The VLAN settings of a row of Port, in the pipeline's terms.
pipeline::Bundle vlan_settings(const PortConfig& port);

}  // namespace weft::bridge
