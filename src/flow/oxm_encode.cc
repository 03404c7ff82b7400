// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <bitset>

#include "flow/field_words.h"
#include "flow/oxm.h"
#include "flow/set_words.h"
#include "flow/tlv_layout.h"

namespace weft::flow {
namespace {

constexpr uint8_t of12 = 0x03, of15 = 0x06;

void write_header(size_t n_bytes, const WireId& w, bool has_mask, ByteWriter& out) {
    const bool experimenter = w.oxm_class == 0xffff;
    const size_t length = n_bytes * (has_mask ? 2u : 1u) + (experimenter ? 4 : 0);
    out.u32(static_cast<uint32_t>(w.oxm_class) << 16 | static_cast<uint32_t>(w.oxm_field) << 9 |
            (has_mask ? 0x100u : 0u) | static_cast<uint32_t>(length & 0xff));
    if (experimenter) out.u32(w.vendor);
}

void write_value(const FieldValue& v, size_t n_bytes, ByteWriter& out) {
    const size_t n = std::min(n_bytes, v.b.size());
    out.zeros(n_bytes - n);
    out.bytes(ByteSpan(v.b).last(n));
}

/// An option goes in as few bytes as value and mask need.
void write_option(const TunOption& o, const WireId& w, ByteWriter& out) {
    const size_t n = std::max(o.value.size(), o.mask.size());
    write_header(n, w, !o.exact, out);
    out.zeros(n - o.value.size());
    out.bytes(o.value);
    if (o.exact) return;
    out.zeros(n - o.mask.size());
    out.bytes(o.mask);
}

TunOption option_of(const OxmField& f) {
    const uint8_t index = TlvLayout::index_of(f.id);
    const auto octets = [](const FieldValue& v) { return std::vector<uint8_t>(v.b.begin(), v.b.end()); };
    if (f.mask == legal_bits(f.id)) return TunOption::exactly(index, octets(f.value));
    return TunOption::masked(index, octets(f.value), octets(f.mask));
}

void write_options(const Match& m, uint8_t of_version, ByteWriter& out) {
    for (const TunOption& o : m.options)
        write_option(o, *wire_for(field(field_at(FieldId::tun_metadata0, o.index)), of_version), out);
}

/// Fields whose wire form is wider than what can be matched: exact matches have a mask too.
bool is_always_masked(FieldId id) { return id == FieldId::ct_state || id == FieldId::tun_flags; }

OxmField constraint(const Match& m, FieldId id) {
    return {.id = id,
            .value = get_field(m.key, id),
            .mask = get_field(m.mask, id),
            .has_mask = !is_exact(m, id) || is_always_masked(id)};
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

/// The fields of a version in the order in which they are written (conntrack fields last, since their
/// prerequisites come in between), and which of them have bits in each word of a key: most matches have few
/// words.
struct Forms {
    using Set = std::bitset<256>;
    std::vector<const Field*> all;
    std::array<Set, key_words> in_word;
};

Forms make_forms(uint8_t version) {
    std::vector<const Field*> first, last;
    for (const Field& f : fields()) {
        if (f.is_tun_metadata() || (f.id != FieldId::vlan_tci && is_other_view(f, version))) continue;
        (needs_conntrack(f.id) ? last : first).push_back(&f);
    }
    first.insert(first.end(), last.begin(), last.end());
    Forms out{.all = std::move(first), .in_word = {}};
    CHECK(out.all.size() <= Forms::Set().size());
    for (size_t i = 0; i < out.all.size(); ++i) {
        const Field& f = *out.all[i];
        out.in_word[f.bit_offset / 64u].set(i);
        out.in_word[(f.bit_offset + f.n_bits - 1u) / 64u].set(i);
    }
    return out;
}

const Forms& forms(uint8_t version) {
    static const Forms kinds[] = {make_forms(of12 - 1), make_forms(of12), make_forms(of15)};
    return kinds[version < of12 ? 0 : version < of15 ? 1 : 2];
}

/// ovs-fields(7) "VLAN Comparison Chart". What OXM cannot tell is told by NXM's vlan_tci.
template <class Visit>
void visit_vlan(const Match& m, uint8_t version, Visit&& visit) {
    const uint16_t mask = m.mask.packet.vlan[0].tci.host(), key = m.key.packet.vlan[0].tci.host();
    if (mask == 0) return;
    if (version < of12 || !oxm_can_tell(key, mask)) return visit(constraint(m, FieldId::vlan_tci));
    visit(constraint(m, FieldId::vlan_vid));
    if ((mask & vlan_pcp_mask) && (key & vlan_present)) visit(constraint(m, FieldId::vlan_pcp));
}

/// visit(OxmField) for each field that the match constrains.
template <class Visit>
void visit_oxm(const Match& m, uint8_t version, Visit&& visit) {
    const Forms& known = forms(version);
    Forms::Set wanted;
    for_each_set_word(m.mask, [&](size_t w, uint64_t) { wanted |= known.in_word[w]; });
    for (size_t i = wanted._Find_first(); i < known.all.size(); i = wanted._Find_next(i)) {
        const Field& f = *known.all[i];
        if (f.id == FieldId::vlan_tci) {
            visit_vlan(m, version, visit);
            continue;
        }
        const FieldId lies_in = f.id == FieldId::in_port_oxm ? FieldId::in_port : f.id;
        if (!field_words(lies_in).any_in(m.mask) || !prereq_holds(f.prereq, m)) continue;
        OxmField c = constraint(m, lies_in);
        c.id = f.id;
        visit(c);
    }
}

}  // namespace

std::vector<OxmField> oxm_fields(const Match& m, uint8_t of_version) {
    std::vector<OxmField> out;
    visit_oxm(m, of_version, [&](const OxmField& f) { out.push_back(f); });
    return out;
}

void encode_field(const OxmField& f, uint8_t of_version, ByteWriter& out) {
    const Field& row = field(f.id);
    const WireId* w = wire_for(row, of_version);
    CHECK(w);
    if (row.is_tun_metadata()) return write_option(option_of(f), *w, out);
    FieldValue value = f.value;
    if (row.text == FieldText::of_port_32)
        value = FieldValue::from_u64(port_to_32(static_cast<uint16_t>(value.to_u64())));
    write_header(row.n_bytes, *w, f.has_mask, out);
    write_value(value, row.n_bytes, out);
    if (f.has_mask) write_value(f.mask, row.n_bytes, out);
}

void encode_field_header(FieldId id, uint8_t of_version, ByteWriter& out, bool has_mask) {
    const WireId* w = wire_for(field(id), of_version);
    CHECK(w);
    write_header(field(id).n_bytes, *w, has_mask, out);
}

void encode_oxm(const Match& m, uint8_t of_version, ByteWriter& out, const NxmCookie* cookie) {
    bool told_options = false;
    visit_oxm(m, of_version, [&](const OxmField& f) {
        if (!told_options && f.id > FieldId::tun_metadata_last) {
            write_options(m, of_version, out);
            told_options = true;
        }
        encode_field(f, of_version, out);
    });
    if (!told_options) write_options(m, of_version, out);
    if (!cookie || !cookie->mask) return;
    const bool has_mask = cookie->mask != ~uint64_t{0};
    out.u32(0x0001'0000u | 30u << 9 | (has_mask ? 0x110u : 8u));
    out.u64(cookie->cookie);
    if (has_mask) out.u64(cookie->mask);
}

}  // namespace weft::flow
