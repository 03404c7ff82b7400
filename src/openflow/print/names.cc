// SPDX-License-Identifier: Apache-2.0
// Names of messages, from their numbers on the wire alone: also those that we do not decode.
#include <span>

#include "openflow/codec.h"
#include "openflow/print/print.h"

namespace weft::openflow {
namespace {

using enum Version;

struct TypeName {
    uint8_t number;
    Version first, last;
    std::string_view name;
};
constexpr TypeName type_names[] = {
    {0, v10, v15, "HELLO"},
    {1, v10, v15, "ERROR"},
    {2, v10, v15, "ECHO_REQUEST"},
    {3, v10, v15, "ECHO_REPLY"},
    {5, v10, v15, "FEATURES_REQUEST"},
    {6, v10, v15, "FEATURES_REPLY"},
    {7, v10, v15, "GET_CONFIG_REQUEST"},
    {8, v10, v15, "GET_CONFIG_REPLY"},
    {9, v10, v15, "SET_CONFIG"},
    {10, v10, v15, "PACKET_IN"},
    {11, v10, v15, "FLOW_REMOVED"},
    {12, v10, v15, "PORT_STATUS"},
    {13, v10, v15, "PACKET_OUT"},
    {14, v10, v15, "FLOW_MOD"},
    {15, v10, v10, "PORT_MOD"},
    {15, v11, v15, "GROUP_MOD"},
    {16, v11, v15, "PORT_MOD"},
    {17, v11, v15, "TABLE_MOD"},
    {18, v10, v10, "BARRIER_REQUEST"},
    {19, v10, v10, "BARRIER_REPLY"},
    {20, v10, v10, "QUEUE_GET_CONFIG_REQUEST"},
    {20, v11, v15, "BARRIER_REQUEST"},
    {21, v10, v10, "QUEUE_GET_CONFIG_REPLY"},
    {21, v11, v15, "BARRIER_REPLY"},
    {22, v11, v13, "QUEUE_GET_CONFIG_REQUEST"},
    {23, v11, v13, "QUEUE_GET_CONFIG_REPLY"},
    {24, v12, v15, "ROLE_REQUEST"},
    {25, v12, v15, "ROLE_REPLY"},
    {26, v13, v15, "GET_ASYNC_REQUEST"},
    {27, v13, v15, "GET_ASYNC_REPLY"},
    {28, v13, v15, "SET_ASYNC"},
    {29, v13, v15, "METER_MOD"},
    {30, v14, v15, "ROLE_STATUS"},
    {31, v14, v15, "TABLE_STATUS"},
    {32, v14, v15, "REQUESTFORWARD"},
    {33, v14, v15, "BUNDLE_CONTROL"},
    {34, v14, v15, "BUNDLE_ADD_MESSAGE"},
};

struct Name {
    uint32_t number;
    std::string_view name;
};
std::string_view find(std::span<const Name> names, uint32_t number) {
    for (const Name& n : names) {
        if (n.number == number) return n.name;
    }
    return {};
}

constexpr Name stats_names[] = {
    {0, "DESC"},
    {1, "FLOW"},
    {2, "AGGREGATE"},
    {3, "TABLE"},
    {4, "PORT"},
    {5, "QUEUE"},
    {6, "GROUP"},
    {7, "GROUP_DESC"},
    {8, "GROUP_FEATURES"},
    {9, "METER"},
    {10, "METER_CONFIG"},
    {11, "METER_FEATURES"},
    {12, "TABLE_FEATURES"},
    {13, "PORT_DESC"},
    {14, "TABLE_DESC"},
    {15, "QUEUE_DESC"},
    {16, "FLOW_MONITOR"},
};
constexpr Name nicira_stats_names[] = {
    {0, "FLOW"},       {1, "AGGREGATE"}, {2, "FLOW_MONITOR"}, {3, "IPFIX_BRIDGE"},
    {4, "IPFIX_FLOW"}, {7, "GROUP"},     {8, "GROUP_DESC"},   {9, "GROUP_FEATURES"},
};
constexpr Name nicira_names[] = {
    {10, "ROLE_REQUEST"},
    {11, "ROLE_REPLY"},
    {12, "SET_FLOW_FORMAT"},
    {13, "FLOW_MOD"},
    {14, "FLOW_REMOVED"},
    {15, "FLOW_MOD_TABLE_ID"},
    {16, "SET_PACKET_IN_FORMAT"},
    {17, "PACKET_IN"},
    {18, "FLOW_AGE"},
    {19, "SET_ASYNC_CONFIG"},
    {20, "SET_CONTROLLER_ID"},
    {21, "FLOW_MONITOR_CANCEL"},
    {22, "FLOW_MONITOR_PAUSED"},
    {23, "FLOW_MONITOR_RESUMED"},
    {24, "TLV_TABLE_MOD"},
    {25, "TLV_TABLE_REQUEST"},
    {26, "TLV_TABLE_REPLY"},
    {27, "SET_ASYNC_CONFIG2"},
    {28, "RESUME"},
    {29, "CT_FLUSH_ZONE"},
    {30, "PACKET_IN2"},
    {31, "GROUP_MOD"},
    {32, "CT_FLUSH"},
};
constexpr Name onf_names[] = {
    {1911, "ROLE_STATUS"},         {2350, "REQUESTFORWARD"},       {1870, "FLOW_MONITOR_CANCEL"},
    {1871, "FLOW_MONITOR_PAUSED"}, {1872, "FLOW_MONITOR_RESUMED"}, {2300, "BUNDLE_CONTROL"},
    {2301, "BUNDLE_ADD_MESSAGE"},
};

std::string with_prefix(std::string_view prefix, std::string_view name) {
    return name.empty() ? std::string() : std::string(prefix) + std::string(name);
}

std::string experimenter_name(ByteReader in) {
    const uint32_t vendor = in.u32(), subtype = in.u32();
    if (!in.ok()) return {};
    if (vendor == nicira_vendor) return with_prefix("NXT_", find(nicira_names, subtype));
    if (vendor == onf_vendor) return with_prefix("ONFT_", find(onf_names, subtype));
    return {};
}

std::string stats_name(ByteReader in, Version v) {
    const uint16_t type = in.u16();
    in.skip(v == v10 ? 2 : 6);
    if (type != static_cast<uint16_t>(StatsType::experimenter))
        return in.ok() ? with_prefix("OFPST_", find(stats_names, type)) : std::string();
    const uint32_t vendor = in.u32(), subtype = in.u32();
    if (!in.ok()) return {};
    if (vendor == nicira_vendor) return with_prefix("NXST_", find(nicira_stats_names, subtype));
    constexpr uint32_t onf_flow_monitor = 1870;
    if (vendor == onf_vendor && subtype == onf_flow_monitor) return "ONFST_FLOW_MONITOR";
    return {};
}

}  // namespace

std::string message_name(ByteSpan bytes) {
    if (bytes.size() < header_size) return {};
    const Header h = read_header(bytes);
    constexpr uint8_t hello = 0, experimenter = 4;
    if (h.type == hello) return "OFPT_HELLO";
    if (h.version < wire(v10) || h.version > wire(v15)) return {};
    const auto v = static_cast<Version>(h.version);
    const ByteReader body(bytes.subspan(header_size));
    if (h.type == experimenter) return experimenter_name(body);
    const uint8_t request = v == v10 ? 16 : 18;
    if (h.type == request || h.type == request + 1)
        return stats_name(body, v).empty()
                   ? std::string()
                   : stats_name(body, v) + (h.type == request ? " request" : " reply");
    for (const TypeName& n : type_names) {
        if (n.number == h.type && n.first <= v && v <= n.last) return with_prefix("OFPT_", n.name);
    }
    return {};
}

}  // namespace weft::openflow
