// SPDX-License-Identifier: Apache-2.0
// Extensions: options of tunnels, tracked connections, counters of IPFIX exporters.
#include <fmt/core.h>

#include "openflow/print/printer.h"

namespace weft::openflow {
namespace {

void add_maps(const std::vector<TlvMap>& maps, std::string& out) {
    out += " mapping table:\n  class  type  length  match field\n ------  ----  ------  --------------";
    for (const TlvMap& m : maps)
        out += fmt::format("\n {:>6}  {:>4}  {:>6}  tun_metadata{}", short_hex(m.option_class),
                           short_hex(m.option_type), m.length, m.index);
}

bool is_icmp(uint8_t protocol) {
    constexpr uint8_t icmp = 1, icmp6 = 58;
    return protocol == icmp || protocol == icmp6;
}

bool has_ip4(const CtTuple& t) { return (t.src && is_mapped(*t.src)) || (t.dst && is_mapped(*t.dst)); }

std::string ct_address(const std::optional<Ip6>& a) {
    if (!a) return "::";
    return is_mapped(*a) ? format_ip4(unmapped(*a)) : a->to_string();
}

/// What identifies an ICMP message shares its room with the ports of other protocols.
std::string ct_tuple(const CtTuple& t, bool ip4, uint8_t protocol) {
    const std::string_view prefix = ip4 ? "nw" : "ipv6";
    std::string out =
        fmt::format("ct_{}_src={},ct_{}_dst={}", prefix, ct_address(t.src), prefix, ct_address(t.dst));
    if (is_icmp(protocol))
        return out + fmt::format(",icmp_id={},icmp_type={},icmp_code={}",
                                 t.icmp_id.value_or(t.src_port.value_or(0)),
                                 t.icmp_type.value_or(t.dst_port.value_or(0) & 0xff),
                                 t.icmp_code.value_or(static_cast<uint8_t>(t.dst_port.value_or(0) >> 8)));
    return out + fmt::format(",ct_tp_src={},ct_tp_dst={}", t.src_port.value_or(t.icmp_id.value_or(0)),
                             t.dst_port.value_or(static_cast<uint16_t>(t.icmp_code.value_or(0) << 8 |
                                                                       t.icmp_type.value_or(0))));
}

void add_exporter(const IpfixStats& s, std::string_view indent, std::string& out) {
    out += fmt::format(
        " flows={}, current flows={}, sampled pkts={}, ipv4 ok={}, ipv6 ok={}, tx pkts={}\n{}"
        "pkts errs={}, ipv4 errs={}, ipv6 errs={}, tx errs={}\n",
        s.flows, s.current_flows, s.sampled_packets, s.ip4_packets, s.ip6_packets, s.tx_packets, indent,
        s.packet_errors, s.ip4_errors, s.ip6_errors, s.tx_errors);
}

}  // namespace

void print(const TlvTableMod& m, Printer& p) {
    constexpr std::string_view names[] = {"ADD", "DEL", "CLEAR"};
    (p.out += "\n ") += names[static_cast<size_t>(m.command)];
    if (m.command != TlvCommand::clear) add_maps(m.maps, p.out);
}

void print(const TlvTableReply& m, Printer& p) {
    uint32_t taken = 0;
    for (const TlvMap& map : m.maps) taken += map.length;
    p.out += fmt::format("\n max option space={} max fields={}\n allocated option space={}\n\n", m.max_space,
                         m.max_fields, taken);
    add_maps(m.maps, p.out);
}

void print(const CtFlush& m, Printer& p) {
    if (p.name == "NXT_CT_FLUSH_ZONE") {
        p.out += fmt::format(" zone_id={}", m.zone.value_or(0));
        return;
    }
    const CtTuple original = m.original.value_or(CtTuple{}), reply = m.reply.value_or(CtTuple{});
    const bool ip4 = has_ip4(original) || has_ip4(reply);
    p.out += fmt::format(" zone={} '{},ct_nw_proto={}' '{}'", m.zone.value_or(0),
                         ct_tuple(original, ip4, m.protocol), m.protocol, ct_tuple(reply, ip4, m.protocol));
}

void print(const IpfixReply& m, Printer& p) {
    if (m.of_flows) p.out += fmt::format(" {} ids", m.exporters.size());
    p.out += "\n";
    for (const IpfixStats& s : m.exporters) {
        p.out += m.of_flows ? fmt::format("  id {:3}:", s.collector_set) : "  bridge ipfix:";
        add_exporter(s, m.of_flows ? "          " : "                ", p.out);
    }
}

}  // namespace weft::openflow
