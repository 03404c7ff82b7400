// SPDX-License-Identifier: Apache-2.0
#include "flow/dp_fields.h"

#include <algorithm>
#include <cstddef>

namespace weft::flow::dp_text {
namespace {

template <class T>
constexpr Part part(std::string_view name, size_t byte, Form form, uint32_t legal = 0) {
    return {name, static_cast<uint16_t>(byte), sizeof(T), form, legal};
}

using u8 = uint8_t;
constexpr Part skb_priority[] = {part<Be32>("", offsetof(FlowKey, packet.skb_priority), Form::hex)};
constexpr Part skb_mark[] = {part<Be32>("", offsetof(FlowKey, packet.pkt_mark), Form::hex)};
constexpr Part ct_state[] = {part<Be32>("", offsetof(FlowKey, ct.state), Form::ct_state, 0xff)};
constexpr Part ct_zone[] = {part<Be16>("", offsetof(FlowKey, ct.zone), Form::hex)};
constexpr Part ct_mark[] = {part<Be32>("", offsetof(FlowKey, ct.mark), Form::hex)};
constexpr Part ct_label[] = {part<Ip6>("", offsetof(FlowKey, ct.label), Form::hex)};
constexpr Part ct_tuple4[] = {part<Be32>("src", offsetof(FlowKey, ct.nw_src), Form::ip4),
                              part<Be32>("dst", offsetof(FlowKey, ct.nw_dst), Form::ip4),
                              part<u8>("proto", offsetof(FlowKey, ct.nw_proto), Form::decimal),
                              part<Be16>("tp_src", offsetof(FlowKey, ct.tp_src), Form::decimal),
                              part<Be16>("tp_dst", offsetof(FlowKey, ct.tp_dst), Form::decimal)};
constexpr Part ct_tuple6[] = {part<Ip6>("src", offsetof(FlowKey, ct.ipv6_src), Form::ip6),
                              part<Ip6>("dst", offsetof(FlowKey, ct.ipv6_dst), Form::ip6),
                              part<u8>("proto", offsetof(FlowKey, ct.nw_proto), Form::decimal),
                              part<Be16>("tp_src", offsetof(FlowKey, ct.tp_src), Form::decimal),
                              part<Be16>("tp_dst", offsetof(FlowKey, ct.tp_dst), Form::decimal)};
constexpr Part recirc_id[] = {part<Be32>("", offsetof(FlowKey, packet.recirc_id), Form::hex)};
constexpr Part dp_hash[] = {part<Be32>("", offsetof(FlowKey, packet.dp_hash), Form::hex)};
constexpr Part in_port[] = {part<Be32>("", offsetof(FlowKey, packet.in_port), Form::port)};
constexpr Part packet_type[] = {
    part<Be16>("ns", offsetof(FlowKey, packet.packet_type), Form::decimal),
    part<Be16>("id", offsetof(FlowKey, packet.packet_type) + 2, Form::hex),
};
constexpr Part eth[] = {part<Mac>("src", offsetof(FlowKey, packet.eth_src), Form::mac),
                        part<Mac>("dst", offsetof(FlowKey, packet.eth_dst), Form::mac)};
constexpr Part eth_type[] = {part<Be16>("", offsetof(FlowKey, packet.eth_type), Form::hex4)};
constexpr Part ipv4[] = {part<Be32>("src", offsetof(FlowKey, packet.nw_src), Form::ip4),
                         part<Be32>("dst", offsetof(FlowKey, packet.nw_dst), Form::ip4),
                         part<u8>("proto", offsetof(FlowKey, packet.nw_proto), Form::decimal),
                         part<u8>("tos", offsetof(FlowKey, packet.nw_tos), Form::hex),
                         part<u8>("ttl", offsetof(FlowKey, packet.nw_ttl), Form::decimal),
                         part<u8>("frag", offsetof(FlowKey, packet.nw_frag), Form::frag, 3)};
constexpr Part ipv6[] = {part<Ip6>("src", offsetof(FlowKey, packet.ipv6_src), Form::ip6),
                         part<Ip6>("dst", offsetof(FlowKey, packet.ipv6_dst), Form::ip6),
                         part<Be32>("label", offsetof(FlowKey, packet.ipv6_label), Form::hex, 0xfffff),
                         part<u8>("proto", offsetof(FlowKey, packet.nw_proto), Form::decimal),
                         part<u8>("tclass", offsetof(FlowKey, packet.nw_tos), Form::hex),
                         part<u8>("hlimit", offsetof(FlowKey, packet.nw_ttl), Form::decimal),
                         part<u8>("frag", offsetof(FlowKey, packet.nw_frag), Form::frag, 3)};
constexpr Part arp[] = {part<Be32>("sip", offsetof(FlowKey, packet.nw_src), Form::ip4),
                        part<Be32>("tip", offsetof(FlowKey, packet.nw_dst), Form::ip4),
                        part<u8>("op", offsetof(FlowKey, packet.nw_proto), Form::decimal),
                        part<Mac>("sha", offsetof(FlowKey, packet.arp_sha), Form::mac),
                        part<Mac>("tha", offsetof(FlowKey, packet.arp_tha), Form::mac)};
constexpr Part nsh[] = {part<u8>("flags", offsetof(FlowKey, packet.nsh_flags), Form::decimal),
                        part<u8>("ttl", offsetof(FlowKey, packet.nsh_ttl), Form::decimal),
                        part<u8>("mdtype", offsetof(FlowKey, packet.nsh_mdtype), Form::decimal),
                        part<u8>("np", offsetof(FlowKey, packet.nsh_np), Form::decimal),
                        part<Be32>("spi", offsetof(FlowKey, packet.nsh_spi), Form::hex, 0xffffff),
                        part<u8>("si", offsetof(FlowKey, packet.nsh_si), Form::decimal),
                        part<Be32>("c1", offsetof(FlowKey, packet.nsh_context[0]), Form::hex),
                        part<Be32>("c2", offsetof(FlowKey, packet.nsh_context[1]), Form::hex),
                        part<Be32>("c3", offsetof(FlowKey, packet.nsh_context[2]), Form::hex),
                        part<Be32>("c4", offsetof(FlowKey, packet.nsh_context[3]), Form::hex)};
constexpr Part ports[] = {part<Be16>("src", offsetof(FlowKey, packet.tp_src), Form::decimal),
                          part<Be16>("dst", offsetof(FlowKey, packet.tp_dst), Form::decimal)};
constexpr Part tcp_flags[] = {part<Be16>("", offsetof(FlowKey, packet.tcp_flags), Form::tcp_flags, 0xfff)};
constexpr Part icmp[] = {part<u8>("type", offsetof(FlowKey, packet.tp_src) + 1, Form::decimal),
                         part<u8>("code", offsetof(FlowKey, packet.tp_dst) + 1, Form::decimal)};
constexpr Part nd[] = {part<Ip6>("target", offsetof(FlowKey, packet.nd_target), Form::ip6),
                       part<Mac>("sll", offsetof(FlowKey, packet.arp_sha), Form::mac),
                       part<Mac>("tll", offsetof(FlowKey, packet.arp_tha), Form::mac)};
constexpr Part nd_ext[] = {
    part<Be32>("nd_reserved", offsetof(FlowKey, packet.nd_reserved), Form::hex),
    part<u8>("nd_options_type", offsetof(FlowKey, packet.nd_options_type), Form::decimal)};

constexpr Attribute table[] = {
    {"skb_priority", skb_priority},
    {"skb_mark", skb_mark},
    {"ct_state", ct_state},
    {"ct_zone", ct_zone},
    {"ct_mark", ct_mark},
    {"ct_label", ct_label},
    {"ct_tuple4", ct_tuple4},
    {"ct_tuple6", ct_tuple6},
    {"recirc_id", recirc_id},
    {"dp_hash", dp_hash},
    {"in_port", in_port},
    {"packet_type", packet_type},
    {"eth", eth},
    {"eth_type", eth_type},
    {"ipv4", ipv4},
    {"ipv6", ipv6},
    {"arp", arp},
    {"nsh", nsh},
    {"tcp", ports},
    {"tcp_flags", tcp_flags},
    {"udp", ports},
    {"sctp", ports},
    {"icmp", icmp},
    {"icmpv6", icmp},
    {"nd", nd},
    {"nd_ext", nd_ext},
};
static_assert(std::size(table) == static_cast<size_t>(Attr::count));
static_assert(table[static_cast<size_t>(Attr::nd)].name == "nd");

}  // namespace

std::span<const Attribute> attributes() { return table; }
const Attribute& attribute(Attr a) { return table[static_cast<size_t>(a)]; }

FieldValue load(const FlowKey& key, const Part& p) {
    FieldValue v;
    std::copy_n(reinterpret_cast<const uint8_t*>(&key) + p.byte, p.size, v.b.end() - p.size);
    return v;
}

void store(FlowKey& key, const Part& p, const FieldValue& v) {
    std::copy_n(v.b.end() - p.size, p.size, reinterpret_cast<uint8_t*>(&key) + p.byte);
}

FieldValue legal_bits(const Part& p) {
    return p.legal ? FieldValue::from_u64(p.legal) : FieldValue::ones(p.size * 8u);
}

}  // namespace weft::flow::dp_text
