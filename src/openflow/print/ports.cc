// SPDX-License-Identifier: Apache-2.0
// Ports: descriptions, changes, statistics.
#include <algorithm>

#include "openflow/print/actions_names.h"
#include "openflow/print/printer.h"

namespace weft::openflow {
namespace {

using enum Version;

constexpr BitName config_names[] = {
    {port_config::port_down, "PORT_DOWN"},       {port_config::no_stp, "NO_STP"},
    {port_config::no_recv, "NO_RECV"},           {port_config::no_recv_stp, "NO_RECV_STP"},
    {port_config::no_flood, "NO_FLOOD"},         {port_config::no_fwd, "NO_FWD"},
    {port_config::no_packet_in, "NO_PACKET_IN"},
};
constexpr BitName state_names[] = {
    {port_state::link_down, "LINK_DOWN"}, {port_state::blocked, "BLOCKED"}, {port_state::live, "LIVE"}};
constexpr BitName feature_names[] = {
    {port_feature::hd_10m, "10MB-HD"},   {port_feature::fd_10m, "10MB-FD"},
    {port_feature::hd_100m, "100MB-HD"}, {port_feature::fd_100m, "100MB-FD"},
    {port_feature::hd_1g, "1GB-HD"},     {port_feature::fd_1g, "1GB-FD"},
    {port_feature::fd_10g, "10GB-FD"},   {port_feature::fd_40g, "40GB-FD"},
    {port_feature::fd_100g, "100GB-FD"}, {port_feature::fd_1t, "1TB-FD"},
    {port_feature::other, "OTHER"},      {port_feature::copper, "COPPER"},
    {port_feature::fiber, "FIBER"},      {port_feature::autoneg, "AUTO_NEG"},
    {port_feature::pause, "AUTO_PAUSE"}, {port_feature::pause_asym, "AUTO_PAUSE_ASYM"},
};

/// Of the fastest mode among the features, in kbit/s.
uint32_t speed_of(uint32_t features) {
    using namespace port_feature;
    constexpr std::pair<uint32_t, uint32_t> speeds[] = {
        {fd_1t, 1000000000},      {fd_100g, 100000000},        {fd_40g, 40000000},      {fd_10g, 10000000},
        {hd_1g | fd_1g, 1000000}, {hd_100m | fd_100m, 100000}, {hd_10m | fd_10m, 10000}};
    for (const auto& [bits, kbps] : speeds) {
        if (features & bits) return kbps;
    }
    return 0;
}

std::string state_text(uint32_t state, Version v) {
    std::string bits = bit_names(state & ~port_state::stp_mask, state_names);
    constexpr std::string_view stp_names[] = {"", "STP_LEARN", "STP_FORWARD", "STP_BLOCK"};
    const auto stp = stp_names[v == v10 ? (state & port_state::stp_mask) >> port_state::stp_shift : 0];
    if (stp.empty()) return bits;
    return std::string(stp) + (bits == "0" ? "" : " " + bits);
}

void add_desc(const PortDesc& d, Printer& p) {
    std::string& out = p.out;
    out += " " + flow::format_port(d.number) + "(" + d.name + "): addr:" + d.hw_addr.to_string() + "\n";
    out += "     config:     " + bit_names(d.config, config_names) + "\n";
    out += "     state:      " + state_text(d.state, p.version) + "\n";
    const auto features = [&](std::string_view title, uint32_t bits) {
        if (bits) (out += title) += bit_names(bits, feature_names) + "\n";
    };
    features("     current:    ", d.curr);
    features("     advertised: ", d.advertised);
    features("     supported:  ", d.supported);
    features("     peer:       ", d.peer);
    const bool told = p.version > v10;
    const uint32_t now = told ? d.curr_speed_kbps : speed_of(d.curr);
    const uint32_t max = told ? d.max_speed_kbps : speed_of(d.supported);
    out += "     speed: " + std::to_string(now / 1000) + " Mbps now, " + std::to_string(max / 1000) +
           " Mbps max\n";
}

/// By rising numbers, the reserved ones last.
void add_descs(std::vector<PortDesc> ports, Printer& p) {
    std::ranges::sort(ports, {}, &PortDesc::number);
    for (const PortDesc& d : ports) add_desc(d, p);
}

void add_stats(const PortStats& s, Printer& p) {
    std::string& out = p.out;
    const std::string port = p.port(s.number);
    constexpr uint16_t two_digits = 10;
    out += (s.number.value < two_digits ? "  port  " : "  port ") + port;
    out += ": rx pkts=" + count(s.rx_packets) + ", bytes=" + count(s.rx_bytes) +
           ", drop=" + count(s.rx_dropped) + ", errs=" + count(s.rx_errors) +
           ", frame=" + count(s.rx_frame_errors) + ", over=" + count(s.rx_over_errors) +
           ", crc=" + count(s.rx_crc_errors) + "\n";
    out += "           tx pkts=" + count(s.tx_packets) + ", bytes=" + count(s.tx_bytes) +
           ", drop=" + count(s.tx_dropped) + ", errs=" + count(s.tx_errors) +
           ", coll=" + count(s.collisions) + "\n";
    if (s.duration_s != ~0u) out += "           duration=" + duration(s.duration_s, s.duration_ns) + "\n";
    if (s.custom.empty()) return;
    out += "           CUSTOM Statistics";
    constexpr size_t per_line = 3;
    for (size_t i = 0; i < s.custom.size(); ++i) {
        if (i % per_line == 0) out += "\n                      ";
        out += (i % per_line ? " " : "") + s.custom[i].name + "=" + std::to_string(s.custom[i].value) + ",";
    }
    out += "\n";
}

std::string_view reason_name(PortReason r) {
    switch (r) {
        case PortReason::add:
            return "ADD";
        case PortReason::remove:
            return "DEL";
        case PortReason::modify:
            return "MOD";
    }
    return "";
}

}  // namespace

void print(const PortDescReply& m, Printer& p) {
    p.out += "\n";
    add_descs(m.ports, p);
}

void print(const FeaturesReply& m, Printer& p) {
    constexpr BitName capabilities[] = {
        {capability::flow_stats, "FLOW_STATS"},
        {capability::table_stats, "TABLE_STATS"},
        {capability::port_stats, "PORT_STATS"},
        {capability::group_stats, "GROUP_STATS"},
        {capability::stp, "STP"},
        {capability::ip_reasm, "IP_REASM"},
        {capability::queue_stats, "QUEUE_STATS"},
        {capability::arp_match_ip, "ARP_MATCH_IP"},
        {capability::port_blocked, "PORT_BLOCKED"},
        {capability::bundles, "BUNDLES"},
        {capability::flow_monitoring, "FLOW_MONITORING"},
    };
    const SwitchFeatures& f = m.features;
    std::string dpid = hex(f.datapath_id).substr(2);
    dpid.insert(0, 16 - dpid.size(), '0');
    p.out += " dpid:" + dpid + "\nn_tables:" + std::to_string(f.n_tables) +
             ", n_buffers:" + std::to_string(f.n_buffers);
    if (f.auxiliary_id) p.out += ", auxiliary_id:" + std::to_string(f.auxiliary_id);
    p.out += "\ncapabilities: " + bit_names(f.capabilities, capabilities) + "\n";
    const std::string actions = action_names(f.actions_10, v10);
    if (p.version == v10 && actions != "<none>") p.out += "actions: " + actions + "\n";
    add_descs(m.ports, p);
}

void print(const PortStatus& m, Printer& p) {
    (p.out += " ") += reason_name(m.reason);
    p.out += ":";
    add_desc(m.desc, p);
}

void print(const PortMod& m, Printer& p) {
    p.out += " port: " + p.port(m.number) + ": addr:" + m.hw_addr.to_string() + "\n";
    p.out += "     config: " + bit_names(m.config, config_names) + "\n";
    p.out += "     mask:   " + bit_names(m.mask, config_names) + "\n";
    p.out += "     advertise: " + bit_names(m.advertise, feature_names, " ", "UNCHANGED") + "\n";
}

void print(const PortStatsRequest& m, Printer& p) { p.out += " port_no=" + p.port(m.port); }

void print(const PortStatsReply& m, Printer& p) {
    p.out += " " + std::to_string(m.ports.size()) + " ports\n";
    for (const PortStats& s : m.ports) add_stats(s, p);
}

void print(const PortDescRequest& m, Printer& p) { p.out += " port=" + p.port(m.port); }

}  // namespace weft::openflow
