// SPDX-License-Identifier: Apache-2.0
#include "openflow/print/table_capabilities.h"

#include "action/property.h"
#include "flow/oxm.h"
#include "openflow/codec.h"
#include "openflow/table_feature.h"

namespace weft::openflow {
namespace {

using enum Version;
using enum table_feature::Type;
using flow::FieldId;

struct FieldBits {
    uint64_t bits;
    FieldId field;
};
constexpr FieldBits wildcards_10[] = {
    {1 << 0, FieldId::in_port},    {1 << 1, FieldId::vlan_vid},  {1 << 2, FieldId::eth_src},
    {1 << 3, FieldId::eth_dst},    {1 << 4, FieldId::eth_type},  {1 << 5, FieldId::nw_proto},
    {1 << 6, FieldId::tcp_src},    {1 << 7, FieldId::tcp_dst},   {0x3f << 8, FieldId::ip_src},
    {0x3f << 14, FieldId::ip_dst}, {1 << 20, FieldId::vlan_pcp}, {1 << 21, FieldId::nw_tos},
};
constexpr FieldBits match_11[] = {
    {1 << 0, FieldId::in_port},  {1 << 1, FieldId::vlan_vid}, {1 << 2, FieldId::vlan_pcp},
    {1 << 3, FieldId::eth_type}, {1 << 4, FieldId::nw_tos},   {1 << 5, FieldId::nw_proto},
    {1 << 6, FieldId::tcp_src},  {1 << 7, FieldId::tcp_dst},  {1 << 8, FieldId::mpls_label},
    {1 << 9, FieldId::mpls_tc},  {1 << 11, FieldId::eth_src}, {1 << 12, FieldId::eth_dst},
    {1 << 13, FieldId::ip_src},  {1 << 14, FieldId::ip_dst},  {1 << 15, FieldId::metadata},
};

FieldSet fields_of(uint64_t bits, std::span<const FieldBits> table) {
    FieldSet out;
    for (const FieldBits& f : table) {
        if (bits & f.bits) insert(out, f.field);
    }
    return out;
}

/// Bit i: OXM's basic field i.
FieldSet fields_of_12(uint64_t bits) {
    constexpr uint16_t basic_class = 0x8000;
    constexpr uint8_t n_fields_12 = 36;
    FieldSet out;
    for (uint8_t i = 0; i < n_fields_12; ++i) {
        if (!(bits >> i & 1)) continue;
        if (const flow::Field* f = flow::find_wire(basic_class, i)) insert(out, f->id);
    }
    return out;
}

void read_bitmaps_10(ByteReader& in, TableCapabilities& t) {
    t.match = t.wildcard = fields_of(in.u32(), wildcards_10);
}

void read_bitmaps_11(ByteReader& in, TableCapabilities& t) {
    t.wildcard = fields_of(in.u32(), match_11);
    t.match = fields_of(in.u32(), match_11);
    t.normal.types = in.u32();
    t.normal.write.types = in.u32();
    t.normal.apply.types = in.u32();
}

void read_bitmaps_12(ByteReader& in, TableCapabilities& t) {
    t.match = fields_of_12(in.u64());
    t.wildcard = fields_of_12(in.u64());
    t.normal.write.types = in.u32();
    t.normal.apply.types = in.u32();
    t.normal.write.set_fields = fields_of_12(in.u64());
    t.normal.apply.set_fields = fields_of_12(in.u64());
    t.metadata_match = in.u64();
    t.metadata_write = in.u64();
    t.normal.types = in.u32();
}

std::optional<TableMiss> miss_of(uint32_t config) {
    constexpr TableMiss known[] = {TableMiss::controller, TableMiss::go_on, TableMiss::drop};
    const uint32_t n = config & 3;
    return n < std::size(known) ? std::optional(known[n]) : std::nullopt;
}

void read_counters(ByteReader& in, TableCapabilities& t) {
    t.active = in.u32();
    t.lookups = in.u64();
    t.matches = in.u64();
}

TableCapabilities read_stats(ByteReader& in, Version v) {
    constexpr size_t name_size = 32;
    TableCapabilities t;
    t.id = in.u8();
    in.skip(v == v11 || v == v12 ? 7 : 3);
    if (v >= v13) {
        read_counters(in, t);
        return t;
    }
    t.name = read_text(in, name_size);
    if (v == v10) read_bitmaps_10(in, t);
    if (v == v11) read_bitmaps_11(in, t);
    if (v == v12) read_bitmaps_12(in, t);
    if (v > v10) t.miss = miss_of(in.u32());
    t.on_miss = t.normal;
    t.max_entries = in.u32();
    read_counters(in, t);
    return t;
}

OfResult<uint32_t> read_ids(ByteReader in) {
    uint32_t bits = 0;
    while (!in.empty()) {
        const uint16_t type = in.u16(), length = in.u16();
        if (!in.ok() || length < 4) return refuse(OfError::bpc_bad_len);
        in.skip(length - 4u);
        if (type < 32) bits |= 1u << type;
    }
    if (!in.ok()) return refuse(OfError::bpc_bad_len);
    return bits;
}

/// Fields nobody knows are passed over. `masked`: those that are listed with a mask.
OfResult<FieldSet> read_fields(ByteReader in, FieldSet* masked = nullptr) {
    FieldSet out;
    while (!in.empty()) {
        ByteReader look = in;
        const uint32_t header = look.u32();
        const auto id = flow::decode_field_header(in);
        if (!id) {
            constexpr uint32_t experimenter_class = 0xffff;
            in.skip(header >> 16 == experimenter_class ? 8 : 4);
            if (!in.ok()) return refuse(OfError::bpc_bad_len);
            continue;
        }
        insert(out, *id);
        if (masked && header >> 8 & 1) insert(*masked, *id);
    }
    return out;
}

OfResult<> apply(action::Property& p, TableCapabilities& t) {
    const bool is_miss = p.type & 1;
    TableCapabilities::Instructions& i = is_miss ? t.on_miss : t.normal;
    switch (p.type & ~1) {
        case instructions:
            i.types = TRY(read_ids(p.in));
            break;
        case next_tables:
            while (!p.in.empty()) i.next_tables.set(p.in.u8());
            break;
        case write_actions:
            i.write.types = TRY(read_ids(p.in));
            break;
        case apply_actions:
            i.apply.types = TRY(read_ids(p.in));
            break;
        case match:
            t.match = TRY(read_fields(p.in, &t.mask));
            break;
        case wildcards:
            t.wildcard = TRY(read_fields(p.in));
            break;
        case write_set_field:
            i.write.set_fields = TRY(read_fields(p.in));
            break;
        case apply_set_field:
            i.apply.set_fields = TRY(read_fields(p.in));
            break;
        default:
            break;
    }
    return {};
}

OfResult<TableCapabilities> read_features(ByteReader& in, Version v) {
    constexpr size_t name_size = 32, fixed = 64;
    TableCapabilities t;
    const uint16_t length = in.u16();
    t.id = in.u8();
    in.skip(5);
    t.name = read_text(in, name_size);
    t.metadata_match = in.u64();
    t.metadata_write = in.u64();
    const uint32_t abilities = in.u32();
    if (v >= v14) {
        t.eviction = abilities & 4;
        t.vacancy_events = abilities & 8;
    }
    t.max_entries = in.u32();
    if (!in.ok() || length < fixed) return refuse(OfError::brc_bad_len);
    ByteReader list(in.take(length - fixed));
    if (!in.ok()) return refuse(OfError::brc_bad_len);
    uint32_t seen = 0;
    t.is_described = !list.empty();
    while (!list.empty()) {
        action::Property p = TRY(action::read_property(list));
        if (p.type < 32) seen |= 1u << p.type;
        TRY(apply(p, t));
    }
    // What is not told of the table-miss flow is as for the others.
    if (!(seen & 1u << (instructions + 1))) t.on_miss.types = t.normal.types;
    if (!(seen & 1u << (next_tables + 1))) t.on_miss.next_tables = t.normal.next_tables;
    if (!(seen & 1u << (write_actions + 1))) t.on_miss.write.types = t.normal.write.types;
    if (!(seen & 1u << (apply_actions + 1))) t.on_miss.apply.types = t.normal.apply.types;
    if (!(seen & 1u << (write_set_field + 1))) t.on_miss.write.set_fields = t.normal.write.set_fields;
    if (!(seen & 1u << (apply_set_field + 1))) t.on_miss.apply.set_fields = t.normal.apply.set_fields;
    return t;
}

}  // namespace

bool TableCapabilities::same_abilities(const TableCapabilities& o) const {
    TableCapabilities a = *this;
    a.id = o.id;
    a.name = o.name;
    // The next tables of the next table are one fewer.
    const auto follows = [](Instructions& mine, const Instructions& theirs, unsigned first, unsigned other) {
        const auto expected = [](unsigned from, const Instructions& i) {
            std::bitset<256> bits;
            for (unsigned n = from + 1; n < 255; ++n) bits.set(n, i.next_tables.test(n));
            return bits == i.next_tables;
        };
        if (expected(first, mine) && expected(other, theirs)) mine.next_tables = theirs.next_tables;
    };
    follows(a.normal, o.normal, id, o.id);
    follows(a.on_miss, o.on_miss, id, o.id);
    return a == o;
}

OfResult<std::vector<TableCapabilities>> decode_table_capabilities(ByteSpan body, Version v) {
    std::vector<TableCapabilities> out;
    ByteReader in(body);
    while (!in.empty()) {
        out.push_back(read_stats(in, v));
        if (!in.ok()) return refuse(OfError::brc_bad_len);
    }
    return out;
}

OfResult<std::vector<TableCapabilities>> decode_table_feature_list(ByteSpan body, Version v) {
    std::vector<TableCapabilities> out;
    ByteReader in(body);
    while (!in.empty()) out.push_back(TRY(read_features(in, v)));
    return out;
}

}  // namespace weft::openflow
