// SPDX-License-Identifier: Apache-2.0
// The attributes of datapath flow text and where their parts lie in a key: printing and parsing share it.
// Internal to dp_format.cc and dp_parse.cc.
#pragma once

#include <span>

#include "flow/field_text.h"
#include "flow/flow_key.h"

namespace weft::flow::dp_text {

enum class Form : uint8_t { decimal, hex, hex4, mac, ip4, ip6, frag, tcp_flags, ct_state, port };

struct Part {
    std::string_view name;  ///< empty: the attribute's only part, `skb_mark(5)`
    uint16_t byte;          ///< offset in FlowKey
    uint8_t size;           ///< bytes
    Form form;
    uint32_t legal = 0;  ///< bits that count, if not all
};
struct Attribute {
    std::string_view name;
    std::span<const Part> parts;
};

/// In the order in which they are printed. VLAN tags and MPLS labels, which repeat, stand apart.
enum class Attr : uint8_t {
    skb_priority,
    skb_mark,
    ct_state,
    ct_zone,
    ct_mark,
    ct_label,
    ct_tuple4,
    ct_tuple6,
    recirc_id,
    dp_hash,
    in_port,
    packet_type,
    eth,
    eth_type,
    ipv4,
    ipv6,
    arp,
    nsh,
    tcp,
    tcp_flags,
    udp,
    sctp,
    icmp,
    icmpv6,
    nd,
    nd_ext,
    count,
};
std::span<const Attribute> attributes();
const Attribute& attribute(Attr a);

FieldValue load(const FlowKey& key, const Part& p);
void store(FlowKey& key, const Part& p, const FieldValue& v);
/// All bits that count.
FieldValue legal_bits(const Part& p);

/// A run of bits in a 16- or 32-bit word of a VLAN tag or MPLS label.
struct WordPart {
    std::string_view name;
    unsigned shift, n_bits;
    constexpr uint32_t bits() const { return ((1u << n_bits) - 1) << shift; }
};
inline constexpr WordPart vlan_parts[] = {{"vid", 0, 12}, {"pcp", 13, 3}, {"cfi", 12, 1}};
inline constexpr WordPart mpls_parts[] = {{"label", 12, 20}, {"tc", 9, 3}, {"ttl", 0, 8}, {"bos", 8, 1}};

}  // namespace weft::flow::dp_text
