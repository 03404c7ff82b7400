// SPDX-License-Identifier: Apache-2.0
#include "flow/field.h"

#include <algorithm>

#include "flow/tlv_layout.h"
#include "flow/word_run.h"

namespace weft::flow {
namespace {

constexpr uint64_t low_bits(unsigned n) { return n >= 64 ? ~uint64_t{0} : (uint64_t{1} << n) - 1; }

/// The smallest byte range of the key that holds a subfield, and how far its last bit is from the range's
/// end.
struct Run {
    size_t byte, n_bytes;
    unsigned shift;
    uint64_t zero_bits;  // of the last byte: not this field's
    unsigned end;        // bits before its end
};
Run run_of(Subfield sf) {
    const Field& f = field(sf.field);
    const OptionPlace option = OptionPlace::unpack(sf.place);
    const unsigned start = f.bit_offset + option.first_word * 32u;
    const unsigned end = start + (sf.place ? option.n_bits() : f.n_bits) - sf.ofs,
                   begin = end - sf.n_bits;  // bits, [begin, end)
    const size_t last = (end + 7) / 8;
    return {begin / 8, last - begin / 8, static_cast<unsigned>(last * 8 - end), low_bits(f.zero_low_bits),
            end};
}

uint64_t load(const uint8_t* p, size_t n) {
    uint64_t v = 0;
    for (size_t i = 0; i < n; ++i) v = v << 8 | p[i];
    return v;
}

/// A run of at most 57 bits fits the 8 bytes it may spread over.
bool is_short(const Run& r) { return r.n_bytes <= 8; }

/// Bits [ofs, ofs + n) of a value, right-aligned.
uint64_t value_bits(const FieldValue& v, unsigned ofs, unsigned n) {
    uint64_t hi = 0, lo = v.to_u64();
    for (size_t i = 0; i < 8; ++i) hi = hi << 8 | v.b[i];
    const uint64_t word = ofs == 0 ? lo : ofs < 64 ? lo >> ofs | hi << (64 - ofs) : hi >> (ofs - 64);
    return word & low_bits(n);
}

bool is_supported(Subfield sf) {
    if (sf.n_bits == 0 || sf.n_bits > 128) return false;
    return !field(sf.field).is_tun_metadata() || sf.ofs + sf.n_bits <= OptionPlace::unpack(sf.place).n_bits();
}

constexpr uint16_t type_ipv4 = 0x0800, type_arp = 0x0806, type_rarp = 0x8035, type_ipv6 = 0x86dd,
                   type_mpls = 0x8847, type_mpls_mc = 0x8848, type_nsh = 0x894f;

bool is_ip(uint16_t type) { return type == type_ipv4 || type == type_ipv6; }
bool is_ip_proto(const PacketBlock& p, uint8_t proto) {
    return is_ip(ether_type_of(p)) && p.nw_proto == proto && !(p.nw_frag & frag_later);
}
bool is_icmpv6(const PacketBlock& p) {
    return ether_type_of(p) == type_ipv6 && p.nw_proto == 58 && !(p.nw_frag & frag_later);
}
bool is_nd(const PacketBlock& p, uint16_t type) {
    return is_icmpv6(p) && p.tp_src.host() == type && p.tp_dst.host() == 0;
}
/// Tracked and valid: new, established or related, or tracked without invalid; ovs-fields(7) "CT".
bool has_ct_tuple(const CtBlock& ct) {
    constexpr uint32_t new_est_rel = 1 | 2 | 4, invalid = 16, tracked = 32;
    const uint32_t s = ct.state.host();
    return (s & new_est_rel) || ((s & tracked) && !(s & invalid));
}

}  // namespace

FieldValue FieldValue::ones(size_t n_bits) {
    FieldValue v = from_u64(low_bits(static_cast<unsigned>(n_bits)));
    if (n_bits > 64) {
        const FieldValue high = from_u64(low_bits(static_cast<unsigned>(n_bits - 64)));
        std::copy_n(high.b.begin() + 8, 8, v.b.begin());
    }
    return v;
}

uint16_t subfield_bits(Subfield sf) {
    return sf.place ? OptionPlace::unpack(sf.place).n_bits() : field(sf.field).subfield_bits();
}

FieldValue legal_bits(FieldId id) {
    if (id == FieldId::nw_tos) return FieldValue::from_u64(0xfc);
    if (id == FieldId::ct_state || id == FieldId::arp_op) return FieldValue::from_u64(0xff);
    return FieldValue::ones(field(id).n_bits);
}

std::optional<WordRun> word_run(Subfield sf) {
    if (!is_supported(sf)) return std::nullopt;
    const Run r = run_of(sf);
    const unsigned last = r.end - 1;
    if (last % 64 + 1 < sf.n_bits || r.zero_bits) return std::nullopt;
    const unsigned shift = 63 - last % 64;
    return WordRun{last / 64, shift, Be64(low_bits(sf.n_bits) << shift).raw()};
}

FieldValue get_bits(const FlowKey& key, Subfield sf) {
    if (const auto run = word_run(sf)) return FieldValue::from_u64(run->get(key));
    if (!is_supported(sf)) return {};
    const Run r = run_of(sf);
    const auto* p = reinterpret_cast<const uint8_t*>(&key) + r.byte;
    if (is_short(r))
        return FieldValue::from_u64((load(p, r.n_bytes) & ~r.zero_bits) >> r.shift & low_bits(sf.n_bits));
    FieldValue v;
    // Long runs: byte by byte from the low end.
    unsigned left = sf.n_bits;
    for (size_t i = 0; left > 0; ++i) {
        unsigned byte = static_cast<unsigned>(p[r.n_bytes - 1 - i]) >> r.shift;
        if (r.shift && i + 1 < r.n_bytes)
            byte |= static_cast<unsigned>(p[r.n_bytes - 2 - i]) << (8 - r.shift);
        const unsigned n = std::min(left, 8u);
        v.b[15 - i] = static_cast<uint8_t>(byte & low_bits(n));
        left -= n;
    }
    return v;
}

void set_bits(FlowKey& key, Subfield sf, const FieldValue& value) {
    if (const auto run = word_run(sf)) return run->set(key, value.to_u64());
    if (!is_supported(sf)) return;
    const Run r = run_of(sf);
    auto* p = reinterpret_cast<uint8_t*>(&key) + r.byte;
    if (is_short(r)) {
        const uint64_t bits = low_bits(sf.n_bits) << r.shift & ~r.zero_bits;
        uint64_t v = (load(p, r.n_bytes) & ~bits) | (value.to_u64() << r.shift & bits);
        for (size_t i = r.n_bytes; i-- > 0; v >>= 8) p[i] = static_cast<uint8_t>(v);
        return;
    }
    // Long runs: in pieces short enough for the above.
    for (uint16_t at = 0; at < sf.n_bits;) {
        const auto n = static_cast<uint16_t>(std::min(sf.n_bits - at, 48));
        set_bits(key, {sf.field, static_cast<uint16_t>(sf.ofs + at), n, sf.place},
                 FieldValue::from_u64(value_bits(value, at, n)));
        at = static_cast<uint16_t>(at + n);
    }
}

uint16_t ether_type_of(const PacketBlock& p) {
    const uint32_t type = p.packet_type.host();
    if (type == 0) return p.eth_type.host();
    return type >> 16 == 1 ? static_cast<uint16_t>(type) : 0;
}

bool prereq_holds(Prereq prereq, const FlowKey& key) {
    const PacketBlock& p = key.packet;
    const uint16_t type = ether_type_of(p);
    switch (prereq) {
        case Prereq::none:
            return true;
        case Prereq::ethernet:
            return p.packet_type.host() == 0;
        case Prereq::vlan:
            return p.vlan[0].tci.host() & vlan_present;
        case Prereq::mpls:
            return type == type_mpls || type == type_mpls_mc;
        case Prereq::ip_any:
            return is_ip(type);
        case Prereq::ipv4:
            return type == type_ipv4;
        case Prereq::ipv6:
            return type == type_ipv6;
        case Prereq::arp:
            return type == type_arp || type == type_rarp;
        case Prereq::nsh:
            return type == type_nsh;
        case Prereq::tcp:
            return is_ip_proto(p, 6);
        case Prereq::udp:
            return is_ip_proto(p, 17);
        case Prereq::sctp:
            return is_ip_proto(p, 132);
        case Prereq::icmpv4:
            return type == type_ipv4 && is_ip_proto(p, 1);
        case Prereq::icmpv6:
            return is_icmpv6(p);
        case Prereq::nd:
            return is_nd(p, 135) || is_nd(p, 136);
        case Prereq::nd_solicit:
            return is_nd(p, 135);
        case Prereq::nd_advert:
            return is_nd(p, 136);
        case Prereq::ct_ip:
            return is_ip(type) && has_ct_tuple(key.ct);
        case Prereq::ct_ipv4:
            return type == type_ipv4 && has_ct_tuple(key.ct);
        case Prereq::ct_ipv6:
            return type == type_ipv6 && has_ct_tuple(key.ct);
    }
    return false;
}

}  // namespace weft::flow
