// SPDX-License-Identifier: Apache-2.0
// pipeline/actions/encap.cc: encap, decap and dec_nsh_ttl. What is not to be is dropped as Open vSwitch drops
// it. What a header hid is not known once it is gone: behind NSH and MPLS the packet recirculates.
#include <cstdio>

#include "pipeline/commit.h"
#include "pipeline/drop.h"
#include "pipeline/translator.h"

namespace weft::pipeline {

using flow::PacketBlock;

namespace {

using Pending = NewHeaders::Pending;
namespace packet_type = action::packet_type;

constexpr uint32_t ipv4_type = 0x10800, ipv6_type = 0x186dd;

void cannot_be(Translator& t, const std::string& text) {
    t.tell(obs::TraceKind::action, [&] { return text; });
    t.fail(Drop::unsupported_packet_type, "");
}

std::string named(uint32_t type) {
    char text[24];
    std::snprintf(text, sizeof text, type >> 16 ? "(%u,0x%x)" : "(%u,%u)", type >> 16, type & 0xffff);
    return text;
}

/// Nothing shows but the type.
PacketBlock bare(uint32_t type) {
    PacketBlock out{};
    out.packet_type = Be32(type);
    out.eth_type = Be16(static_cast<uint16_t>(type));
    return out;
}

uint32_t type_of(Translator& t) { return t.read(&PacketBlock::packet_type).host(); }

/// What NSH says that it carries (RFC 8300 2.2), and the way back; 0: nothing that it could.
uint8_t nsh_protocol(uint32_t type) {
    switch (type) {
        case packet_type::ethernet:
            return 3;
        case ipv4_type:
            return 1;
        case ipv6_type:
            return 2;
        case packet_type::nsh:
            return 4;
        default:
            return 0;
    }
}

/// Type, length and value of metadata type 2 (RFC 8300 2.5.1), each padded to words.
Bytes md2_of(const action::Encap& a) {
    Bytes out;
    for (const action::NshTlv& tlv : a.tlvs) {
        out.insert(out.end(),
                   {static_cast<uint8_t>(tlv.option_class >> 8), static_cast<uint8_t>(tlv.option_class),
                    tlv.type, static_cast<uint8_t>(tlv.value.size())});
        out.insert(out.end(), tlv.value.begin(), tlv.value.end());
        out.resize((out.size() + 3) / 4 * 4);
    }
    return out;
}

void push_nsh(const action::Encap& a, Translator& t) {
    const uint32_t type = type_of(t);
    const uint8_t protocol = nsh_protocol(type);
    if (!protocol)
        return cannot_be(t, "Dropping packet as encap(nsh) is not supported for packet type " + named(type));
    constexpr size_t md2_max = 248;  // what NSH's length can tell
    constexpr uint8_t md1 = 1, md2 = 2;
    PacketBlock headers = bare(packet_type::nsh);
    headers.nsh_ttl = 63;
    headers.nsh_si = 255;
    headers.nsh_np = protocol;
    headers.nsh_mdtype = a.md_type == md2 ? md2 : md1;
    Bytes metadata = headers.nsh_mdtype == md2 ? md2_of(a) : Bytes{};
    if (metadata.size() > md2_max)
        return cannot_be(t, "Dropping packet as the metadata do not fit into NSH.");
    t.push_header(Pending::push_nsh, headers, std::move(metadata));
}

/// A label in front of the others, if there are any: it begins as a copy of the next one.
void push_mpls(const action::Encap& a, Translator& t) {
    constexpr uint32_t explicit_null_6 = 2 << 12, ttl = 64;
    const PacketBlock before = t.key().key_for_lookup().packet;
    PacketBlock headers = bare(a.packet_type);
    const uint32_t type = type_of(t);
    if (type == packet_type::mpls || type == packet_type::mpls_multicast) {
        const int n = count_labels(t);
        if (n == 3) return t.fail(Drop::too_many_mpls_labels, "");
        headers.mpls[0] = Be32(before.mpls[0].host() & ~mpls_bos);
        headers.mpls[1] = t.key().read_element(&PacketBlock::mpls, 0);
        if (n > 1) headers.mpls[2] = t.key().read_element(&PacketBlock::mpls, 1);
    } else {
        const bool ip6 = t.read(&PacketBlock::eth_type).host() == 0x86dd;
        headers.mpls[0] = Be32((ip6 ? explicit_null_6 : 0) | mpls_bos | ttl);
    }
    t.push_header(Pending::add_mpls, headers);
}

void pop_nsh(Translator& t) {
    const auto protocol = static_cast<uint8_t>(t.read(&PacketBlock::nsh_np));
    constexpr uint32_t types[] = {0, ipv4_type, ipv6_type, packet_type::ethernet, packet_type::nsh};
    if (protocol == 0 || protocol >= std::size(types))
        return cannot_be(
            t, "Dropping packet as NSH next protocol " + std::to_string(protocol) + " is not supported");
    t.pop_header(action::dp::PopNsh{}, types[protocol]);
}

void pop_mpls(const action::Decap& a, Translator& t) {
    constexpr uint16_t bridged_ethernet = 0x6558;
    if (a.packet_type == packet_type::of_next_protocol)
        return cannot_be(t, "Dropping packet as decap() of MPLS does not say what is inside.");
    if (count_labels(t) == 0) return;
    const bool ethernet = a.packet_type == packet_type::ethernet;
    const uint16_t inside = ethernet ? bridged_ethernet : static_cast<uint16_t>(a.packet_type);
    t.pop_header(action::dp::PopMpls{Be16(inside)}, a.packet_type);
}

}  // namespace

void apply(const action::Encap& a, Translator& t) {
    const uint32_t type = type_of(t);
    switch (a.packet_type) {
        case packet_type::ethernet:
            if (type == packet_type::ethernet)
                return cannot_be(
                    t, "Dropping packet as encap(ethernet) is not supported for packet type ethernet.");
            return t.change_ethernet(Pending::push_eth, packet_type::ethernet);
        case packet_type::nsh:
            return push_nsh(a, t);
        default:
            return push_mpls(a, t);
    }
}

void apply(const action::Decap& a, Translator& t) {
    const uint32_t type = type_of(t);
    if (type == packet_type::nsh) return pop_nsh(t);
    if (type == packet_type::mpls || type == packet_type::mpls_multicast) return pop_mpls(a, t);
    if (type != packet_type::ethernet)
        return cannot_be(t, "Dropping packet as the decap() does not support packet type " + named(type));
    if (t.holds(flow::Prereq::vlan))
        return cannot_be(t, "Dropping packet, cannot decap Ethernet if VLAN is present.");
    const uint16_t inside = t.read(&PacketBlock::eth_type).host();
    if (inside == flow::eth_type_none)
        return cannot_be(t, "Dropping packet, cannot decap Ethernet without an Ethertype.");
    t.change_ethernet(Pending::pop_eth, 1u << 16 | inside);
}

void apply(const action::DecNshTtl&, Translator& t) {
    if (!t.holds(flow::Prereq::nsh)) return;
    const flow::Subfield ttl = flow::whole(flow::FieldId::nsh_ttl);
    const bool blind = t.planted(Plant::nsh_ttl_forgets);
    const uint64_t now = (blind ? flow::get_bits(t.key().key_for_lookup(), ttl) : t.read_field(ttl)).to_u64();
    if (now > 1) return t.write_field(ttl, flow::FieldValue::from_u64(now - 1));
    t.refuse(Drop::ttl_expired, "NSH decrement TTL exception");
    t.to_controller({.reason = Reason::invalid_ttl});
    t.end_list();
}

}  // namespace weft::pipeline
