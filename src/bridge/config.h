// SPDX-License-Identifier: Apache-2.0
// The wanted state: what the database asks for, as plain values. config_reader fills it in, Switch makes it
// true.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/uuid.h"

namespace weft::bridge {

using StringMap = std::map<std::string, std::string, std::less<>>;

/// The value of a key, or `otherwise` where it is absent.
inline std::string_view get(const StringMap& map, std::string_view key, std::string_view otherwise = {}) {
    const auto it = map.find(key);
    return it == map.end() ? otherwise : std::string_view(it->second);
}
/// `otherwise` where the key is absent or neither true nor false.
inline bool get_bool(const StringMap& map, std::string_view key, bool otherwise = false) {
    const std::string_view value = get(map, key);
    return otherwise ? value != "false" : value == "true";
}

/// A row of Interface. Value type, as all here.
struct InterfaceConfig {
    Uuid row;
    std::string name, type;  ///< type "" is "system"
    StringMap options, other_config;
    std::optional<int64_t> ofport;  ///< as it was given before, by us or a predecessor
    std::optional<int64_t> ofport_request, mtu_request;
    std::optional<Mac> mac;
    /// Why it cannot work, known from the configuration alone.
    std::string error;
    bool operator==(const InterfaceConfig&) const = default;
};

/// A row of Port.
struct PortConfig {
    Uuid row;
    std::string name;
    std::vector<InterfaceConfig> interfaces;
    std::optional<uint16_t> tag;
    std::vector<uint16_t> trunks, cvlans;
    std::string vlan_mode;  ///< "" if not set
    bool is_protected = false;
    std::optional<Mac> mac;
    StringMap other_config;
    bool operator==(const PortConfig&) const = default;
};

/// A row of Controller.
struct ControllerConfig {
    Uuid row;
    std::string target, type, connection_mode;
    std::optional<int64_t> max_backoff_ms, inactivity_probe_ms, rate_limit, burst_limit, queue_size;
    std::optional<bool> enable_async;
    std::string local_ip, local_netmask, local_gateway;
    StringMap other_config;
    bool operator==(const ControllerConfig&) const = default;
};

/// A row of Manager: a client of the database server. The switch only lets its packets through.
struct ManagerConfig {
    std::string target, connection_mode;
    bool operator==(const ManagerConfig&) const = default;
};

/// The row of SSL: keys for ssl: and pssl: controllers.
struct SslConfig {
    std::string private_key, certificate, ca_cert;
    bool bootstrap_ca_cert = false;
    bool operator==(const SslConfig&) const = default;
};

/// A row of Bridge.
struct BridgeConfig {
    Uuid row;
    std::string name, datapath_type, fail_mode;
    std::vector<ControllerConfig> controllers;
    std::vector<std::string> protocols;  ///< empty: all
    std::vector<uint16_t> flood_vlans;
    std::vector<PortConfig> ports;  ///< by name
    StringMap other_config;
    bool waits_for_flows = false;  ///< Open_vSwitch:other_config:flow-restore-wait; its controllers wait, too
    std::chrono::seconds bundle_idle{10};  ///< Open_vSwitch:other_config:bundle-idle-timeout
    /// Numbers of flow tables and their settings.
    struct TableLimit {
        std::string name;
        std::optional<int64_t> flow_limit;
        bool evict = false;
        std::vector<std::string> groups;    ///< subfields that divide the flows for eviction
        std::vector<std::string> prefixes;  ///< names of fields; empty: the default ones
        bool operator==(const TableLimit&) const = default;
    };
    std::map<uint8_t, TableLimit> flow_tables;
    bool operator==(const BridgeConfig&) const = default;
};

/// Something the schema accepts and we do not do: to be logged once.
struct Unsupported {
    std::string table, row, column;
    std::string problem = "is not supported yet and is ignored (see doc/compatibility.md)";
    auto operator<=>(const Unsupported&) const = default;
};

/// The row of Open_vSwitch and all below it.
struct Config {
    std::optional<Uuid> row;  ///< none: the database is empty
    int64_t next_cfg = 0;
    StringMap other_config;
    std::vector<BridgeConfig> bridges;  ///< by name
    std::map<std::string, Uuid, std::less<>>
        datapaths;  ///< rows of types of datapaths, for their capabilities
    std::vector<ManagerConfig> managers;
    std::optional<SslConfig> ssl;
    std::vector<Unsupported> unsupported;
    bool operator==(const Config&) const = default;
};

}  // namespace weft::bridge
