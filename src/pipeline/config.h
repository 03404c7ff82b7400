// SPDX-License-Identifier: Apache-2.0
// The configuration that packets are translated under: every bridge of a datapath, their ports and VLAN
// settings. Immutable values; a change makes new ones and shares what stayed.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/address.h"
#include "base/uuid.h"
#include "pipeline/ids.h"
#include "pipeline/mac_table.h"
#include "pipeline/tables.h"

namespace weft::pipeline {

/// Bits of Port::config, those of OpenFlow 1.0's ofp_port_config that concern packets.
namespace port_config {
inline constexpr uint32_t port_down = 1, no_recv = 4, no_recv_stp = 8, no_flood = 16, no_fwd = 32,
                          no_packet_in = 64;
}  // namespace port_config

/// Packets that patch ports passed, kept outside the configuration so that a new one goes on counting.
struct PatchCounters {
    std::atomic<uint64_t> rx_packets{0}, rx_bytes{0}, tx_packets{0}, tx_bytes{0};
};

struct PortAt {
    BridgeId bridge;
    OfPort port;
    constexpr auto operator<=>(const PortAt&) const = default;
};

/// One OpenFlow port. Value type.
struct Port {
    OfPort number;
    DpPort dp_port = dp_none;  ///< dp_none for patch ports
    std::string name;
    Mac mac;
    enum class Kind : uint8_t { normal, local, patch } kind = Kind::normal;
    std::optional<PortAt> peer;               ///< patch only; none: the other end does not exist
    std::shared_ptr<PatchCounters> counters;  ///< patch only
    uint32_t config = 0;                      ///< port_config bits
    bool link_up = true;
    bool stp_learn = true, stp_forward = true;
    BundleId bundle;
    bool operator==(const Port&) const = default;
};

using VlanSet = std::bitset<4096>;

enum class VlanMode : uint8_t { access, trunk, native_tagged, native_untagged, dot1q_tunnel };
/// When frames of VLAN 0 or with a priority alone leave an untagged port with an 802.1Q header.
enum class PriorityTags : uint8_t { no, if_nonzero, always };

/// A row of the Port table: one interface, or a bond of several. Value type.
struct Bundle {
    BundleId id;
    std::string name;
    std::vector<OfPort> members;
    OfPort active;  ///< the member that sends; bonds with a choice by hash come later
    VlanMode mode = VlanMode::trunk;
    uint16_t vlan = 0;              ///< access, native and dot1q-tunnel
    std::optional<VlanSet> trunks;  ///< none: all VLANs
    std::optional<VlanSet> cvlans;  ///< dot1q-tunnel; none: all
    uint16_t qinq_ethertype = 0x88a8;
    PriorityTags priority_tags = PriorityTags::no;
    bool is_protected = false;
    bool floodable = true;  ///< false when a member has no_flood
    bool operator==(const Bundle&) const = default;
};

enum class FailMode : uint8_t { standalone, secure };
/// What happens to IP fragments (OpenFlow set_config).
enum class Fragments : uint8_t { normal, drop, nx_match };

/// One bridge. Value type; ports and bundles in order of number and id.
struct Bridge {
    BridgeId id;
    std::string name;
    Uuid uuid;
    Mac mac;
    std::vector<Port> ports;
    std::vector<Bundle> bundles;
    std::shared_ptr<Tables> tables;  ///< shared by all versions of the bridge
    std::shared_ptr<MacTable> macs;
    FailMode fail_mode = FailMode::standalone;
    Fragments fragments = Fragments::normal;
    bool forward_bpdu = false;
    /// Some connected controller wants packets without a rule (it speaks OpenFlow 1.0 to 1.2).
    bool miss_to_controller = false;
    /// OpenFlow meters by number, and the datapath's meters that enforce them.
    std::map<uint32_t, uint32_t> meters;
    /// Flood in these VLANs without learning.
    VlanSet flood_vlans;

    const Port* port(OfPort number) const;
    const Bundle* bundle(BundleId id) const;
    std::optional<uint32_t> dp_meter(uint32_t meter) const;
    /// Puts ports and bundles in order and CHECKs that their references fit; call after filling in.
    void finish();
};

/// Where a translation gives up. Rules that lead a packet that they do not change back to where it was are
/// found before that.
struct Limits {
    int depth = 64;         ///< nested resubmits to the same or an earlier table, groups and patch ports
    int resubmits = 65536;  ///< in all, for one packet: a flood over thousands of ports takes some for each
    bool operator==(const Limits&) const = default;
};

/// Everything. Value type, immutable once published.
struct Config {
    std::map<BridgeId, std::shared_ptr<const Bridge>> bridges;
    std::unordered_map<DpPort, PortAt> by_dp_port;
    unsigned vlan_limit = 1;  ///< tags that a match sees (other_config:vlan-limit); at most 2
    Limits limits;

    const Bridge* bridge(BridgeId id) const;
    const Bridge* bridge(std::string_view name) const;
    const Port* port(PortAt at) const;
    std::optional<PortAt> find(DpPort port) const;
    /// Derives by_dp_port; call after filling in.
    void finish();
};

}  // namespace weft::pipeline
