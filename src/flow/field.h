// SPDX-License-Identifier: Apache-2.0
// The one table of match fields. OXM and NXM codecs, text, prerequisites, masks, move/load/stack/learn,
// completion and docs derive from it. To add a field: a member of FlowKey, an id here, a row in
// field_table.cc.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "flow/flow_key.h"

namespace weft::flow {

/// In the order in which ovs-fields(7) introduces them. Ranges (reg0.., tun_metadata0..) are contiguous.
enum class FieldId : uint8_t {
    // Conjunctive match, tunnel.
    conj_id,
    tun_id,
    tun_src,
    tun_dst,
    tun_ipv6_src,
    tun_ipv6_dst,
    tun_gbp_id,
    tun_gbp_flags,
    tun_erspan_ver,
    tun_erspan_idx,
    tun_erspan_dir,
    tun_erspan_hwid,
    tun_gtpu_flags,
    tun_gtpu_msgtype,
    tun_flags,
    tun_metadata0,
    tun_metadata_last = tun_metadata0 + 63,
    // Metadata.
    in_port,
    in_port_oxm,
    skb_priority,
    pkt_mark,
    actset_output,
    packet_type,
    metadata,
    dp_hash,
    recirc_id,
    reg0,
    reg_last = reg0 + 31,
    xreg0,
    xreg_last = xreg0 + 15,
    xxreg0,
    xxreg_last = xxreg0 + 7,
    // Connection tracking.
    ct_state,
    ct_zone,
    ct_mark,
    ct_label,
    ct_nw_src,
    ct_nw_dst,
    ct_ipv6_src,
    ct_ipv6_dst,
    ct_nw_proto,
    ct_tp_src,
    ct_tp_dst,
    // L2.
    eth_src,
    eth_dst,
    eth_type,
    dl_vlan,
    dl_vlan_pcp,
    vlan_vid,
    vlan_pcp,
    vlan_tci,
    mpls_label,
    mpls_tc,
    mpls_bos,
    mpls_ttl,
    // L3.
    ip_src,
    ip_dst,
    ipv6_src,
    ipv6_dst,
    ipv6_label,
    nw_proto,
    nw_ttl,
    ip_frag,
    nw_tos,
    ip_dscp,
    nw_ecn,
    arp_op,
    arp_spa,
    arp_tpa,
    arp_sha,
    arp_tha,
    // NSH.
    nsh_flags,
    nsh_ttl,
    nsh_mdtype,
    nsh_np,
    nsh_spi,
    nsh_si,
    nsh_c1,
    nsh_c2,
    nsh_c3,
    nsh_c4,
    // L4.
    tcp_src,
    tcp_dst,
    tcp_flags,
    udp_src,
    udp_dst,
    sctp_src,
    sctp_dst,
    icmp_type,
    icmp_code,
    icmpv6_type,
    icmpv6_code,
    nd_target,
    nd_sll,
    nd_tll,
    nd_reserved,
    nd_options_type,
    count,
};
inline constexpr size_t n_fields = static_cast<size_t>(FieldId::count);
static_assert(n_fields <= 255);

constexpr FieldId field_at(FieldId first, size_t i) {
    return static_cast<FieldId>(static_cast<size_t>(first) + i);
}

/// What a packet must be for a field to exist (ovs-fields(7) "Prerequisites").
enum class Prereq : uint8_t {
    none,
    ethernet,
    vlan,
    mpls,
    ip_any /* IPv4 or IPv6 */,
    ipv4,
    ipv6,
    arp /* or RARP */,
    nsh,
    tcp,
    udp,
    sctp,
    icmpv4,
    icmpv6,
    nd,
    nd_solicit,
    nd_advert,
    ct_ip /* a valid ct_state, and IPv4 or IPv6 */,
    ct_ipv4,
    ct_ipv6,
};

/// How a value is written in flow syntax.
enum class FieldText : uint8_t {
    decimal,
    hex,
    mac,
    ip4,
    ip6,
    of_port,
    of_port_32,
    frag,
    tun_flags,
    tcp_flags,
    ct_state,
    packet_type
};

enum class Maskable : uint8_t { no, yes };

/// One wire form. oxm_class 0xffff means experimenter `vendor`. The payload is Field::n_bytes long,
/// right-aligned.
struct WireId {
    uint16_t oxm_class = 0;
    uint8_t oxm_field = 0;
    uint32_t vendor = 0;
    uint8_t min_version = 0x01;  ///< first OpenFlow version whose messages use this form when we send
    std::string_view name;       ///< NXM_OF_ETH_SRC
};

struct Field {
    FieldId id{};
    std::string_view name, alias;
    uint16_t bit_offset = 0;    ///< of its most significant bit, from the start of FlowKey
    uint16_t n_bits = 0;        ///< vlan_vid has 13: the present bit and the VID
    uint8_t n_bytes = 0;        ///< of the wire form
    uint8_t zero_low_bits = 0;  ///< nw_tos: its two low bits are ECN's in the key, and always zero here
    Maskable maskable{};
    bool writable = false;
    Prereq prereq{};
    FieldText text{};
    /// By rising min_version. A message takes the last one of its version; text names the first.
    std::array<WireId, 3> wire{};
    uint8_t n_wire = 0;

    std::span<const WireId> wires() const { return {wire.data(), n_wire}; }
    /// tun_metadata<i> has no place of its own in a key until a TLV map gives it one: Subfield::place.
    constexpr bool is_tun_metadata() const {
        return id >= FieldId::tun_metadata0 && id <= FieldId::tun_metadata_last;
    }
    /// Bits that subfield text can name: `vlan_vid[]` leaves out the present bit.
    uint16_t subfield_bits() const { return id == FieldId::vlan_vid ? 12 : n_bits; }
};

const Field& field(FieldId id);
std::span<const Field, n_fields> fields();
/// By name or alias; null if there is none.
const Field* find_field(std::string_view name);
/// By name, alias or wire name (NXM_OF_ETH_SRC, OXM_OF_ETH_SRC); null if there is none.
const Field* find_field_or_wire_name(std::string_view name);
/// A field that actions and groups name alone goes by its header: an error for one that has none (dl_vlan),
/// with the field to use instead.
Result<> check_header(const Field& f);
/// The same of a subfield's text; none if it names no field.
Result<> check_header(std::string_view subfield);
/// By wire form; null if there is none. `vendor` counts only for class 0xffff.
const Field* find_wire(uint16_t oxm_class, uint8_t oxm_field, uint32_t vendor = 0);
/// The form that messages of this OpenFlow version use (0x01 is 1.0 with NXM); null if the field has none.
const WireId* wire_for(const Field& f, uint8_t of_version);

/// A field's value or mask: a right-aligned big-endian integer of up to 16 bytes. Matches on longer
/// tun_metadata are TunOption; actions take 16 bytes of them at most.
struct FieldValue {
    std::array<uint8_t, 16> b{};

    static constexpr FieldValue from_u64(uint64_t v) {
        FieldValue out;
        for (size_t i = 15; i >= 8; --i, v >>= 8) out.b[i] = static_cast<uint8_t>(v);
        return out;
    }
    constexpr uint64_t to_u64() const {
        uint64_t v = 0;
        for (size_t i = 8; i < 16; ++i) v = v << 8 | b[i];
        return v;
    }
    static FieldValue from(const Mac& m) { return from_u64(m.to_u64()); }
    static FieldValue from(const Ip6& ip) {
        FieldValue v;
        v.b = ip.b;
        return v;
    }
    /// Ones in the low n bits.
    static FieldValue ones(size_t n_bits);
    bool is_zero() const { return *this == FieldValue{}; }
    FieldValue operator&(const FieldValue& o) const {
        FieldValue v;
        for (size_t i = 0; i < b.size(); ++i) v.b[i] = b[i] & o.b[i];
        return v;
    }
    FieldValue operator~() const {
        FieldValue v;
        for (size_t i = 0; i < b.size(); ++i) v.b[i] = static_cast<uint8_t>(~b[i]);
        return v;
    }
    constexpr bool operator==(const FieldValue&) const = default;
};

/// A run of bits of a field: `reg0[8..15]`; ofs counts from the least significant bit.
struct Subfield {
    FieldId field{};
    uint16_t ofs = 0, n_bits = 0;
    /// Of tun_metadata only: where a TLV map put the option (tlv_layout.h). 0: it has no bits in a key.
    uint16_t place = 0;
    constexpr bool operator==(const Subfield&) const = default;
};
inline Subfield whole(FieldId id) { return {id, 0, field(id).n_bits}; }

/// Bits that subfield text can name here: those of the place, for an option that has one.
uint16_t subfield_bits(Subfield sf);

/// Bits that a value or mask of the field may have set: all n_bits, but for nw_tos (no ECN) and ct_state.
FieldValue legal_bits(FieldId id);

/// OXM's 32-bit port numbers: the reserved ones move to the top. Inside, ports are always 16-bit numbers, in
/// in_port_oxm and actset_output too; only wire values and text differ.
constexpr uint32_t port_to_32(uint16_t port) { return port >= ofpp::max.value ? 0xffff0000u | port : port; }

/// Reads and writes of bit runs of a key or mask; no un-wildcarding: translation uses FlowView (flow_view.h)
/// instead.
FieldValue get_bits(const FlowKey& key, Subfield sf);
void set_bits(FlowKey& key, Subfield sf, const FieldValue& value);
inline FieldValue get_field(const FlowKey& key, FieldId id) { return get_bits(key, whole(id)); }
inline void set_field(FlowKey& key, FieldId id, const FieldValue& v) { set_bits(key, whole(id), v); }

/// False if the words that the field lies in are zero, so that a look at all fields of a match skips most at
/// once.
inline bool may_be_set(const FlowKey& key, const Field& f) {
    const auto w = words(key);
    if (f.is_tun_metadata()) return false;
    const size_t first = f.bit_offset / 64u, last = (f.bit_offset + f.n_bits - 1u) / 64u;
    return (w[first] | w[last]) != 0;
}

/// True if a packet with this key has the field. For a match: prereq_holds(Prereq, const Match&) in match.h.
bool prereq_holds(Prereq p, const FlowKey& key);

/// What the packet is: the Ethertype, or that of an IP packet without Ethernet header (packet_type (1,X)).
uint16_t ether_type_of(const PacketBlock& p);

/// `NXM_NX_REG0[0..15]`, `reg0[]`, `eth_src`. The error names the text and what would be right.
Result<Subfield> parse_subfield(std::string_view text);
/// As ovs-ofctl prints it: `NXM_NX_REG0[0..15]`, `NXM_OF_ETH_SRC[]`, `NXM_NX_REG0[3]`.
std::string format_subfield(Subfield sf);

}  // namespace weft::flow
