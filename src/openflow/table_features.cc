// SPDX-License-Identifier: Apache-2.0
// Table features (1.3 and newer): what a table can match, set and do. All our tables can do the same, so the
// properties come from the field table and from a short list of actions.
#include "action/property.h"
#include "openflow/codec.h"
#include "openflow/table_feature.h"

namespace weft::openflow {
namespace {

using enum Version;
using enum table_feature::Type;
using action::OpenProperty;

constexpr size_t name_size = 32, fixed_size = 64;

constexpr uint16_t instruction_ids[] = {1, 2, 3, 4, 5, 6};  // goto, metadata, write, apply, clear, meter
// Output, set MPLS and IP TTL, decrement both, push and pop VLAN and MPLS, queue, group, set-field.
constexpr uint16_t action_ids[] = {0, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25};

constexpr uint8_t last_table = 253;

void write_ids(Output& o, uint16_t type, std::span<const uint16_t> ids) {
    constexpr uint16_t id_size = 4;
    const OpenProperty p(o.out, type);
    for (const uint16_t id : ids) {
        o.out.u16(id);
        o.out.u16(id_size);
    }
}

/// Meters are actions in 1.5; from the last table there is nowhere to go.
void write_instructions(const TableInfo& t, Output& o) {
    std::span<const uint16_t> ids = instruction_ids;
    if (o.version() >= v15) ids = ids.first(ids.size() - 1);
    if (t.id == last_table) ids = ids.subspan(1);
    write_ids(o, instructions, ids);
}

template <class Wanted>
void write_fields(Output& o, uint16_t type, Wanted wanted, bool with_masks) {
    const OpenProperty p(o.out, type);
    for (const flow::Field& f : flow::fields()) {
        if (!flow::wire_for(f, wire(o.version())) || !wanted(f)) continue;
        flow::encode_field_header(f.id, wire(o.version()), o.out,
                                  with_masks && f.maskable == flow::Maskable::yes);
    }
}

bool any_field(const flow::Field&) { return true; }
bool can_be_set(const flow::Field& f) { return f.writable; }

void write_properties(const TableInfo& t, Output& o) {
    write_instructions(t, o);
    {
        const OpenProperty p(o.out, next_tables);
        for (unsigned next = t.id + 1u; next <= last_table; ++next) o.out.u8(static_cast<uint8_t>(next));
    }
    write_ids(o, write_actions, action_ids);
    write_ids(o, apply_actions, action_ids);
    write_fields(o, match, any_field, true);
    write_fields(o, wildcards, any_field, false);
    write_fields(o, write_set_field, can_be_set, false);
    write_fields(o, apply_set_field, can_be_set, false);
}

/// What all tables begin with; the length is filled in later.
void write_head(Output& o, const TableFeatures& t) {
    o.out.zeros(2);
    o.out.u8(t.table);
    o.out.u8(o.version() >= v15 ? static_cast<uint8_t>(t.command) : 0);
    o.out.zeros(4);
    write_text(o.out, t.name, name_size);
    o.out.u64(~uint64_t{0});  // metadata that can be matched
    o.out.u64(~uint64_t{0});  // and written
    o.out.u32(0);
    o.out.u32(t.max_entries);
}

void write_features(const TableInfo& t, Output& o) {
    const size_t start = o.out.size();
    write_head(o, {.command = {}, .table = t.id, .name = t.name, .max_entries = t.max_entries});
    write_properties(t, o);
    o.out.patch_u16(start, static_cast<uint16_t>(o.out.size() - start));
}

/// Matches and wildcards have no second form for the table-miss flow.
bool is_known(uint16_t type) {
    return type <= apply_set_field + 1 && type != match + 1 && type != wildcards + 1;
}

/// A request must tell all of a table's properties once, but for those of the table-miss flow, which may be
/// as the others; since 1.5 it may also tell none: they stay as they are. (Open vSwitch's error has no number
/// before 1.5.)
OfResult<> read_properties(ByteReader& in, Version v) {
    constexpr uint32_t all = 1u << instructions | 1u << next_tables | 1u << write_actions |
                             1u << apply_actions | 1u << match | 1u << wildcards | 1u << write_set_field |
                             1u << apply_set_field;
    uint32_t seen = 0;
    if (in.empty() && v >= v15) return {};
    while (!in.empty()) {
        const uint16_t type = TRY(action::read_property(in)).type;
        if (!is_known(type)) return refuse(OfError::bpc_bad_type);
        if (seen & 1u << type) return refuse(OfError::tffc_bad_features);
        seen |= 1u << type;
    }
    if ((seen & all) != all) return refuse(OfError::tffc_bad_features);
    return {};
}

/// One table; its properties must be well formed, and are what they are.
OfResult<TableFeatures> read_features(Input& i) {
    const uint16_t length = i.in.u16();
    if (!i.in.ok() || length < fixed_size || length % 8) return refuse(OfError::bpc_bad_len);
    ByteReader in(i.in.take(length - 2u));
    if (!i.in.ok()) return refuse(OfError::bpc_bad_len);
    TableFeatures t;
    t.table = in.u8();
    const uint8_t command = in.u8();
    if (i.version >= v15) {
        if (command > static_cast<uint8_t>(TableFeatures::Command::disable))
            return refuse(OfError::tffc_bad_command);
        t.command = static_cast<TableFeatures::Command>(command);
    }
    in.skip(4);
    t.name = read_text(in, name_size);
    in.skip(8 + 8 + 4);
    t.max_entries = in.u32();
    if (t.table == all_tables) return refuse(OfError::tffc_bad_table);
    TRY(read_properties(in, i.version));
    return t;
}

}  // namespace

OfResult<Body> decode_table_features_request(Input& i) {
    if (i.in.size() % 8) return refuse(OfError::brc_bad_len);
    TableFeaturesRequest r;
    while (!i.in.empty()) r.wanted.push_back(TRY(read_features(i)));
    return r;
}

void encode(const TableFeaturesRequest& m, Output& o) {
    const auto open = o.open_stats(MessageType::stats_request, StatsType::table_features, o.more);
    for (const TableFeatures& t : m.wanted) {
        const size_t start = o.out.size();
        write_head(o, t);
        if (o.version() < v15) write_properties({.id = t.table}, o);  // which must be there
        o.out.patch_u16(start, static_cast<uint16_t>(o.out.size() - start));
    }
}

OfResult<Body> decode_table_features(Input& i) {
    TableFeaturesReply r;
    while (!i.in.empty()) {
        TableFeatures t = TRY(read_features(i));
        TableInfo info;
        info.id = t.table;
        info.name = std::move(t.name);
        info.max_entries = t.max_entries;
        r.tables.push_back(std::move(info));
    }
    return r;
}

void encode(const TableFeaturesReply& m, Output& o) {
    o.list(StatsType::table_features, m.tables.size(), [&](size_t n) { write_features(m.tables[n], o); });
}

}  // namespace weft::openflow
