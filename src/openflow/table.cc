// SPDX-License-Identifier: Apache-2.0
// Table statistics, descriptions and modification.
#include "openflow/table.h"

#include "action/property.h"
#include "openflow/codec.h"

namespace weft::openflow {
namespace {

using enum Version;
using action::OpenProperty;
using action::Property;

constexpr size_t name_size = 32;

// What every table of ours can do, in the bitmaps of 1.0-1.2: all the version's own fields, instructions and
// actions.
namespace can_10 {
constexpr uint32_t wildcards = 0x3fffff, actions = 0xfff;
}
namespace can_11 {
constexpr uint32_t match = 0xfbff, instructions = 0x3e, actions = 0x01ffe7ff;
}
namespace can_12 {
constexpr uint64_t match = 0xffffffffd, set_fields = 0xffffffbdd;
constexpr uint32_t instructions = 0x3e, actions = 0x03ff8001;
}  // namespace can_12

// Config bits: the table miss of 1.1 and 1.2, eviction and vacancy events of 1.4.
constexpr uint32_t miss_controller = 0, miss_continue = 1, miss_drop = 2, miss_mask = 3, eviction_bit = 4,
                   vacancy_bit = 8;
enum Prop : uint16_t { eviction_property = 2, vacancy_property = 3 };

uint32_t miss_to_wire(TableMiss m) {
    switch (m) {
        case TableMiss::go_on:
            return miss_continue;
        case TableMiss::drop:
            return miss_drop;
        default:
            return miss_controller;
    }
}

TableMiss miss_of(uint32_t config) {
    switch (config & miss_mask) {
        case miss_continue:
            return TableMiss::go_on;
        case miss_drop:
            return TableMiss::drop;
        default:
            return TableMiss::controller;
    }
}

void read_head(ByteReader& in, TableInfo& t, size_t pad) {
    t.id = in.u8();
    in.skip(pad);
    t.name = read_text(in, name_size);
}

void read_counters(ByteReader& in, TableInfo& t) {
    t.active = in.u32();
    t.lookups = in.u64();
    t.matches = in.u64();
}

void write_counters(ByteWriter& out, const TableInfo& t) {
    out.u32(t.active);
    out.u64(t.lookups);
    out.u64(t.matches);
}

TableInfo read_stats(Input& i) {
    TableInfo t;
    if (i.version >= v13) {
        t.id = i.in.u8();
        i.in.skip(3);
        read_counters(i.in, t);
        return t;
    }
    constexpr size_t bitmaps_11 = 5 * 4, bitmaps_12 = 2 * 8 + 2 * 4 + 4 * 8 + 4;
    read_head(i.in, t, i.version == v10 ? 3 : 7);
    i.in.skip(i.version == v10 ? 4 : i.version == v11 ? bitmaps_11 : bitmaps_12);
    if (i.version > v10) t.miss = miss_of(i.in.u32());
    t.max_entries = i.in.u32();
    read_counters(i.in, t);
    return t;
}

void write_stats(const TableInfo& t, Output& o) {
    ByteWriter& out = o.out;
    out.u8(t.id);
    out.zeros(o.version() == v11 || o.version() == v12 ? 7 : 3);
    if (o.version() >= v13) return write_counters(out, t);
    write_text(out, t.name, name_size);
    if (o.version() == v10) {
        out.u32(can_10::wildcards);
    } else if (o.version() == v11) {
        out.u32(can_11::match);  // may be wildcarded
        out.u32(can_11::match);
        out.u32(can_11::instructions);
        out.u32(can_11::actions);  // written
        out.u32(can_11::actions);  // applied
    } else {
        out.u64(can_12::match);
        out.u64(can_12::match);
        out.u32(can_12::actions);
        out.u32(can_12::actions);
        out.u64(can_12::set_fields);
        out.u64(can_12::set_fields);
        out.u64(~uint64_t{0});  // metadata that can be matched
        out.u64(~uint64_t{0});  // and written
        out.u32(can_12::instructions);
    }
    if (o.version() > v10) out.u32(miss_to_wire(t.miss));
    out.u32(t.max_entries);
    write_counters(out, t);
}

OfResult<TableInfo> read_desc(Input& i) {
    constexpr size_t fixed = 8;
    TableInfo t;
    const uint16_t length = i.in.u16();
    t.id = i.in.u8();
    i.in.skip(1);
    const uint32_t config = i.in.u32();
    t.eviction = config & eviction_bit;
    t.vacancy_events = config & vacancy_bit;
    if (!i.in.ok() || length < fixed) return refuse(OfError::brc_bad_len);
    ByteReader list(i.in.take(length - fixed));
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    t.eviction_flags = TableInfo::flags_not_told;
    while (!list.empty()) {
        Property p = TRY(action::read_property(list));
        if (p.type == eviction_property) {
            t.eviction_flags = p.in.u32();
        } else if (p.type == vacancy_property) {
            t.vacancy_down = p.in.u8();
            t.vacancy_up = p.in.u8();
            t.vacancy = p.in.u8();
        } else {
            continue;
        }
        if (!p.in.ok()) return refuse(OfError::bpc_bad_len);
    }
    return t;
}

void write_desc(const TableInfo& t, Output& o) {
    const size_t start = o.out.size();
    o.out.zeros(2);
    o.out.u8(t.id);
    o.out.zeros(1);
    o.out.u32((t.eviction ? eviction_bit : 0) | (t.vacancy_events ? vacancy_bit : 0));
    if (t.eviction_flags != TableInfo::flags_not_told) {
        const OpenProperty p(o.out, eviction_property);
        o.out.u32(t.eviction_flags);
    }
    if (t.vacancy_events) {
        const OpenProperty p(o.out, vacancy_property);
        o.out.u8(t.vacancy_down);
        o.out.u8(t.vacancy_up);
        o.out.u8(t.vacancy);
        o.out.zeros(1);
    }
    o.out.patch_u16(start, static_cast<uint16_t>(o.out.size() - start));
}

OfResult<> read_mod_properties(Input& i, TableMod& m) {
    while (!i.in.empty()) {
        Property p = TRY(action::read_property(i.in));
        if (p.type == eviction_property) {
            m.eviction_flags = p.in.u32();
        } else if (p.type == vacancy_property) {
            m.vacancy_down = p.in.u8();
            m.vacancy_up = p.in.u8();
            p.in.skip(2);
            if (m.vacancy_up > 100 || m.vacancy_down > m.vacancy_up) return refuse(OfError::bpc_bad_value);
        } else {
            return refuse(OfError::bpc_bad_type);
        }
        if (!p.in.ok()) return refuse(OfError::bpc_bad_len);
    }
    return {};
}

}  // namespace

uint32_t supported_actions(Version v) {
    return v == v10 ? can_10::actions : v == v11 ? can_11::actions : can_12::actions;
}

OfResult<Body> decode_table_stats(Input& i) {
    TableStatsReply r;
    while (!i.in.empty()) {
        r.tables.push_back(read_stats(i));
        if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    }
    return r;
}

void encode(const TableStatsReply& m, Output& o) {
    o.list(StatsType::table, m.tables.size(), [&](size_t n) { write_stats(m.tables[n], o); });
}

OfResult<Body> decode_table_desc(Input& i) {
    TableDescReply r;
    while (!i.in.empty()) r.tables.push_back(TRY(read_desc(i)));
    return r;
}

void encode(const TableDescReply& m, Output& o) {
    o.list(StatsType::table_desc, m.tables.size(), [&](size_t n) { write_desc(m.tables[n], o); });
}

OfResult<Body> decode_table_status(Input& i) {
    TableStatus s;
    const uint8_t reason = i.in.u8();
    i.in.skip(7);
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    s.reason = static_cast<TableReason>(reason);
    if (s.reason != TableReason::vacancy_down && s.reason != TableReason::vacancy_up)
        return refuse(OfError::bpc_bad_value);
    s.table = TRY(read_desc(i));
    return s;
}

void encode(const TableStatus& m, Output& o) {
    const auto open = o.open(MessageType::table_status);
    o.out.u8(static_cast<uint8_t>(m.reason));
    o.out.zeros(7);
    write_desc(m.table, o);
}

OfResult<Body> decode_table_mod(Input& i) {
    TableMod m;
    m.table = i.in.u8();
    i.in.skip(3);
    const uint32_t config = i.in.u32();
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    if (i.version < v13) {
        if ((config & miss_mask) == miss_mask || config & ~miss_mask) return refuse(OfError::tmfc_bad_config);
        m.miss = miss_of(config);
    } else if (i.version >= v14) {
        // Other bits are passed over, as Open vSwitch does: some controllers send those of 1.1 still.
        m.eviction = (config & eviction_bit) != 0;
        m.vacancy_events = (config & vacancy_bit) != 0;
        TRY(read_mod_properties(i, m));
    }
    return m;
}

void encode(const TableMod& m, Output& o) {
    const auto open = o.open(MessageType::table_mod);
    o.out.u8(m.table);
    o.out.zeros(3);
    uint32_t config = 0;
    if (o.version() < v13) config = miss_to_wire(m.miss);
    if (o.version() >= v14)
        config = (m.eviction.value_or(false) ? eviction_bit : 0) |
                 (m.vacancy_events.value_or(false) ? vacancy_bit : 0);
    o.out.u32(config);
    if (o.version() < v14) return;
    if (m.eviction_flags) {
        const OpenProperty p(o.out, eviction_property);
        o.out.u32(m.eviction_flags);
    }
    if (m.vacancy_down || m.vacancy_up) {
        const OpenProperty p(o.out, vacancy_property);
        o.out.u8(m.vacancy_down);
        o.out.u8(m.vacancy_up);
        o.out.zeros(2);
    }
}

}  // namespace weft::openflow
