// SPDX-License-Identifier: Apache-2.0
// One bridge as it is in force: its ports and their numbers, its tables, its identity. What the pipeline
// sees of it is made by pipeline_view().
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "bridge/config.h"
#include "bridge/history.h"
#include "bridge/meters.h"
#include "bridge/port_numbers.h"
#include "bridge/tlv_table.h"
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

/// A flow_mod that the tables did not take. Value type.
struct RefusedRule {
    pipeline::FlowChange change;
    std::string error;
    Time when;
};

/// The room in a table, in percent, whose changes controllers want to hear of.
struct Vacancy {
    uint8_t down = 0, up = 0;
    bool is_low = false;  ///< fell below `down` and has not risen above `up` since
    bool operator==(const Vacancy&) const = default;
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
    TlvTable tlvs;
    std::set<uint8_t> evicting;  ///< tables that a controller told to
    std::map<uint8_t, Vacancy> vacancies;
    std::map<uint8_t, std::string> table_names;  ///< as controllers gave them
    PortNumbers numbers;
    History history;  ///< of the tables
    static constexpr size_t refused_max = 32;
    std::deque<RefusedRule> refused;                                 ///< the last ones, newest first
    std::map<std::string, Member, std::less<>> members;              ///< by interface
    std::map<std::string, std::string, std::less<>> errors;          ///< interface -> why it does not work
    std::map<std::string, pipeline::BundleId, std::less<>> bundles;  ///< by port
    /// What controllers had set of ports in an earlier process, by interface: for when they are attached.
    std::map<std::string, uint32_t, std::less<>> earlier_of_config;

    /// The table makes room for new flows, by the database or by a controller.
    bool evicts(uint8_t table) const;
    /// What the database calls the table, or else a controller.
    std::string table_name(uint8_t table) const;
    const Member* find(OfPort number) const;
    Member* find(OfPort number) { return const_cast<Member*>(std::as_const(*this).find(number)); }
    const PortConfig* port_of(std::string_view interface) const;
};

/// The immutable value that translations read.
std::shared_ptr<const pipeline::Bridge> pipeline_view(const Bridge& bridge);

/// The VLAN settings of a row of Port, in the pipeline's terms.
pipeline::Bundle vlan_settings(const PortConfig& port);

}  // namespace weft::bridge
