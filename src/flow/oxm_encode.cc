// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "flow/oxm.h"

namespace weft::flow {
namespace {

constexpr uint8_t of12 = 0x03, of15 = 0x06;

void write_header(const Field& f, const WireId& w, bool has_mask, ByteWriter& out) {
    const bool experimenter = w.oxm_class == 0xffff;
    const size_t length = f.n_bytes * (has_mask ? 2u : 1u) + (experimenter ? 4 : 0);
    out.u32(static_cast<uint32_t>(w.oxm_class) << 16 | static_cast<uint32_t>(w.oxm_field) << 9 |
            (has_mask ? 0x100u : 0u) | static_cast<uint32_t>(length & 0xff));
    if (experimenter) out.u32(w.vendor);
}

void write_value(const FieldValue& v, size_t n_bytes, ByteWriter& out) {
    const size_t n = std::min(n_bytes, v.b.size());
    out.zeros(n_bytes - n);
    out.bytes(ByteSpan(v.b).last(n));
}

/// Fields whose wire form is wider than what can be matched: exact matches have a mask too.
bool is_always_masked(FieldId id) { return id == FieldId::ct_state || id == FieldId::tun_flags; }

OxmField constraint(const Match& m, FieldId id) {
    const FieldValue mask = get_field(m.mask, id);
    return {.id = id,
            .value = get_field(m.key, id),
            .mask = mask,
            .has_mask = mask != legal_bits(id) || is_always_masked(id)};
}

bool is_reg(FieldId id) { return id >= FieldId::reg0 && id <= FieldId::reg_last; }
bool is_xreg(FieldId id) { return id >= FieldId::xreg0 && id <= FieldId::xreg_last; }
bool is_xxreg(FieldId id) { return id >= FieldId::xxreg0 && id <= FieldId::xxreg_last; }
bool needs_conntrack(FieldId id) {
    const Prereq p = field(id).prereq;
    return p == Prereq::ct_ip || p == Prereq::ct_ipv4 || p == Prereq::ct_ipv6;
}

/// Fields that show the same bits in other ways than the one chosen for this version, and VLAN fields, which
/// need a closer look.
bool is_other_view(const Field& f, uint8_t version) {
    switch (f.id) {
        case FieldId::in_port:
            return version >= of12;
        case FieldId::in_port_oxm:
            return version < of12;
        case FieldId::nw_tos:
            return version >= of12;
        case FieldId::ip_dscp:
            return version < of12;
        case FieldId::dl_vlan:
        case FieldId::dl_vlan_pcp:
        case FieldId::vlan_vid:
        case FieldId::vlan_pcp:
        case FieldId::vlan_tci:
            return true;
        default:
            break;
    }
    if (is_reg(f.id)) return version >= of15;
    if (is_xreg(f.id)) return version < of15;
    return is_xxreg(f.id) || f.is_tun_metadata() || f.n_wire == 0;
}

/// True if vlan_vid and vlan_pcp can tell these bits of the TCI, or others that match the same packets.
bool oxm_can_tell(uint16_t key, uint16_t mask) {
    const uint16_t pcp = mask & vlan_pcp_mask;
    if (!(mask & vlan_present)) return pcp == 0;
    const bool tag = key & vlan_present;
    return pcp == 0 || (tag ? pcp == vlan_pcp_mask : key == 0);
}

/// ovs-fields(7) "VLAN Comparison Chart". What OXM cannot tell is told by NXM's vlan_tci.
void add_vlan(const Match& m, uint8_t version, std::vector<OxmField>& out) {
    const uint16_t mask = m.mask.packet.vlan[0].tci.host(), key = m.key.packet.vlan[0].tci.host();
    if (mask == 0) return;
    if (version < of12 || !oxm_can_tell(key, mask)) return out.push_back(constraint(m, FieldId::vlan_tci));
    out.push_back(constraint(m, FieldId::vlan_vid));
    if ((mask & vlan_pcp_mask) && (key & vlan_present)) out.push_back(constraint(m, FieldId::vlan_pcp));
}

}  // namespace

std::vector<OxmField> oxm_fields(const Match& m, uint8_t of_version) {
    std::vector<OxmField> out, last;
    for (const Field& f : fields()) {
        if (f.id == FieldId::vlan_tci) add_vlan(m, of_version, out);
        if (!may_be_set(m.mask, f) || is_other_view(f, of_version)) continue;
        const FieldId id = f.id == FieldId::in_port_oxm ? FieldId::in_port : f.id;
        if (get_field(m.mask, id).is_zero() || !prereq_holds(f.prereq, m)) continue;
        OxmField c = constraint(m, id);
        c.id = f.id;
        (needs_conntrack(f.id) ? last : out).push_back(c);
    }
    out.insert(out.end(), last.begin(), last.end());
    return out;
}

void encode_field(const OxmField& f, uint8_t of_version, ByteWriter& out) {
    const Field& row = field(f.id);
    const WireId* w = wire_for(row, of_version);
    CHECK(w);
    FieldValue value = f.value;
    if (row.text == FieldText::of_port_32)
        value = FieldValue::from_u64(port_to_32(static_cast<uint16_t>(value.to_u64())));
    write_header(row, *w, f.has_mask, out);
    write_value(value, row.n_bytes, out);
    if (f.has_mask) write_value(f.mask, row.n_bytes, out);
}

void encode_field_header(FieldId id, uint8_t of_version, ByteWriter& out, bool has_mask) {
    const WireId* w = wire_for(field(id), of_version);
    CHECK(w);
    write_header(field(id), *w, has_mask, out);
}

void encode_oxm(const Match& m, uint8_t of_version, ByteWriter& out, const NxmCookie* cookie) {
    for (const OxmField& f : oxm_fields(m, of_version)) encode_field(f, of_version, out);
    if (!cookie || !cookie->mask) return;
    const bool has_mask = cookie->mask != ~uint64_t{0};
    out.u32(0x0001'0000u | 30u << 9 | (has_mask ? 0x110u : 8u));
    out.u64(cookie->cookie);
    if (has_mask) out.u64(cookie->mask);
}

}  // namespace weft::flow
