// SPDX-License-Identifier: Apache-2.0
// What ovs-vsctl knows of the tables of Open_vSwitch: names of records, and what `show` shows.
#pragma once

#include "cli/dbctl/records.h"
#include "cli/dbctl/show.h"

namespace weft::cli::vsctl {

inline constexpr dbctl::RecordName record_names[] = {
    {"AutoAttach", "Bridge", "name", "auto_attach"},
    {"Bridge", "Bridge", "name"},
    {"Controller", "Bridge", "name", "controller"},
    {"Flow_Sample_Collector_Set", "Flow_Sample_Collector_Set", "id"},
    {"Flow_Table", "Flow_Table", "name"},
    {"IPFIX", "Bridge", "name", "ipfix"},
    {"Interface", "Interface", "name"},
    {"Manager", "Manager", "target"},
    {"Mirror", "Mirror", "name"},
    {"NetFlow", "Bridge", "name", "netflow"},
    {"Open_vSwitch", "Open_vSwitch"},
    {"Port", "Port", "name"},
    {"QoS", "Port", "name", "qos"},
    {"SSL", "SSL"},
    {"sFlow", "Bridge", "name", "sflow"},
};

inline constexpr dbctl::ShowTable shown_tables[] = {
    {"Open_vSwitch", "", "manager_options bridges ovs_version"},
    {"Manager", "target", "is_connected"},
    {"Bridge", "name", "controller fail_mode datapath_type ports"},
    {"Controller", "target", "is_connected"},
    {"Port", "name", "tag trunks interfaces"},
    {"Interface", "name", "type options error bfd_status"},
};

}  // namespace weft::cli::vsctl
