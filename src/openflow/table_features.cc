// SPDX-License-Identifier: Apache-2.0
// Table features (1.3 and newer): what a table can match, set and do. All our tables can do the same, so the
// properties come from the field table and from a short list of actions.
#include "action/property.h"
#include "openflow/codec.h"

namespace weft::openflow {
namespace {

using enum Version;
using action::OpenProperty;

constexpr size_t name_size = 32, fixed_size = 64;

/// Property types; those of the table-miss flow are one higher and the same as the others here.
enum Prop : uint16_t {
    instructions = 0,
    next_tables = 2,
    write_actions = 4,
    apply_actions = 6,
    match = 8,
    wildcards = 10,
    write_set_field = 12,
    apply_set_field = 14,
};

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
    write_ids(o, instructions, instruction_ids);
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

void write_features(const TableInfo& t, Output& o) {
    const size_t start = o.out.size();
    o.out.zeros(2);
    o.out.u8(t.id);
    o.out.zeros(5);
    write_text(o.out, t.name, name_size);
    o.out.u64(~uint64_t{0});  // metadata that can be matched
    o.out.u64(~uint64_t{0});  // and written
    o.out.u32(0);
    o.out.u32(t.max_entries);
    write_properties(t, o);
    o.out.patch_u16(start, static_cast<uint16_t>(o.out.size() - start));
}

}  // namespace

OfResult<Body> decode_table_features(Input& i) {
    TableFeaturesReply r;
    while (!i.in.empty()) {
        const uint16_t length = i.in.u16();
        TableInfo t;
        t.id = i.in.u8();
        i.in.skip(5);
        t.name = read_text(i.in, name_size);
        i.in.skip(8 + 8 + 4);
        t.max_entries = i.in.u32();
        if (!i.in.ok() || length < fixed_size) return refuse(OfError::brc_bad_len);
        i.in.skip(length - fixed_size);
        if (!i.in.ok()) return refuse(OfError::brc_bad_len);
        r.tables.push_back(std::move(t));
    }
    return r;
}

void encode(const TableFeaturesReply& m, Output& o) {
    o.list(StatsType::table_features, m.tables.size(), [&](size_t n) { write_features(m.tables[n], o); });
}

}  // namespace weft::openflow
