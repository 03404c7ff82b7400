// SPDX-License-Identifier: Apache-2.0
// Buckets and the properties of groups on the wire: 1.1-1.4 in one form; 1.5, and Nicira's messages in 1.0,
// in another.
#include <algorithm>
#include <unordered_set>

#include "action/property.h"
#include "action/wire.h"
#include "openflow/group_codec.h"

namespace weft::openflow {
namespace {

using enum Version;
using action::OpenProperty;
using action::Property;

enum BucketProp : uint16_t { weight = 0, watch_port = 1, watch_group = 2, experimenter = 0xffff };
constexpr uint32_t ntr_vendor = 0x0000154d, ntr_selection_method = 1;
constexpr size_t old_fixed = 16, new_fixed = 8, method_size = 16;

OfResult<Bucket> read_old(Input& i) {
    Bucket b;
    const uint16_t length = i.in.u16();
    b.weight = i.in.u16();
    b.watch_port = TRY(read_port(i, OfError::gmfc_bad_watch));
    b.watch_group = i.in.u32();
    i.in.skip(4);
    if (!i.in.ok() || length < old_fixed || length % 8) return refuse(OfError::gmfc_bad_bucket);
    const ByteSpan list = i.in.take(length - old_fixed);
    if (!i.in.ok()) return refuse(OfError::gmfc_bad_bucket);
    b.actions = TRY(action::decode_actions(list, i.version));
    return b;
}

void write_old(const Bucket& b, Output& o) {
    const size_t start = o.out.size();
    o.out.zeros(2);
    o.out.u16(b.weight);
    write_port(o, b.watch_port);
    o.out.u32(b.watch_group);
    o.out.zeros(4);
    action::encode_actions(b.actions, o.version(), o.out);
    o.out.patch_u16(start, static_cast<uint16_t>(o.out.size() - start));
}

OfResult<> apply(Property& p, Bucket& b) {
    switch (p.type) {
        case weight:
            b.weight = p.in.u16();
            p.in.skip(2);
            break;
        case watch_port: {
            const auto port = action::port_from_32(p.in.u32());
            if (!port) return refuse(OfError::gmfc_bad_watch);
            b.watch_port = *port;
            break;
        }
        case watch_group:
            b.watch_group = p.in.u32();
            break;
        default:
            return refuse(p.type == experimenter ? OfError::bpc_bad_experimenter : OfError::bpc_bad_type);
    }
    if (!p.in.ok() || !p.in.empty()) return refuse(OfError::bpc_bad_len);
    return {};
}

OfResult<Bucket> read_new(Input& i, GroupType type) {
    Bucket b;
    if (type == GroupType::select) b.weight = 1;  // unless a property says otherwise
    const uint16_t length = i.in.u16(), actions = i.in.u16();
    b.id = i.in.u32();
    if (!i.in.ok() || length < new_fixed || length % 8 || actions > length - new_fixed)
        return refuse(OfError::gmfc_bad_bucket);
    if (b.id > action::bucket_max) return refuse(OfError::gmfc_bad_bucket);
    ByteReader in(i.in.take(length - new_fixed));
    if (!i.in.ok()) return refuse(OfError::gmfc_bad_bucket);
    b.actions = TRY(action::decode_actions(in.take(actions), i.version));
    while (!in.empty()) {
        Property p = TRY(action::read_property(in));
        TRY(apply(p, b));
    }
    return b;
}

void write_new(const Bucket& b, GroupType type, Output& o) {
    const size_t start = o.out.size();
    o.out.zeros(4);
    o.out.u32(b.id);
    const size_t actions = o.out.size();
    action::encode_actions(b.actions, o.version(), o.out);
    o.out.patch_u16(start + 2, static_cast<uint16_t>(o.out.size() - actions));
    if (type == GroupType::select || b.weight) {
        const OpenProperty p(o.out, weight);
        o.out.u16(b.weight);
        o.out.zeros(2);
    }
    if (b.watch_port != ofpp::none) {
        const OpenProperty p(o.out, watch_port);
        o.out.u32(flow::port_to_32(b.watch_port.value));
    }
    if (b.watch_group != action::group_any) {
        const OpenProperty p(o.out, watch_group);
        o.out.u32(b.watch_group);
    }
    o.out.patch_u16(start, static_cast<uint16_t>(o.out.size() - start));
}

OfResult<> read_selection(Property& p, GroupSelection& s) {
    s.method = read_text(p.in, method_size);
    s.param = p.in.u64();
    if (!p.in.ok()) return refuse(OfError::bpc_bad_len);
    if (s.method != "hash" && s.method != "dp_hash") return refuse(OfError::bpc_bad_value);
    while (!p.in.empty()) {
        const auto f = flow::decode_field(p.in);
        if (!f) return refuse(OfError::bpc_bad_value);
        const auto same = [&](const auto& one) { return one.field == f->id; };
        if (std::ranges::any_of(s.fields, same)) return refuse(OfError::bpc_bad_value);
        s.fields.push_back({f->id, f->value});
    }
    if (!s.fields.empty() && s.method != "hash") return refuse(OfError::bpc_bad_value);
    return {};
}

}  // namespace

bool has_bucket_ids(Version v) { return v == v10 || v == v15; }

OfResult<std::vector<Bucket>> read_buckets(Input& i, size_t length, GroupType type) {
    Input part{.in = ByteReader(i.in.take(length)), .version = i.version, .dialect = i.dialect};
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    std::vector<Bucket> out;
    std::unordered_set<uint32_t> ids;
    while (!part.in.empty()) {
        if (!has_bucket_ids(i.version)) {
            out.push_back(TRY(read_old(part)));
            out.back().id = static_cast<uint32_t>(out.size() - 1);
            continue;
        }
        out.push_back(TRY(read_new(part, type)));
        if (!ids.insert(out.back().id).second) return refuse(OfError::gmfc_bad_bucket);
    }
    return out;
}

void write_buckets(const GroupSpec& spec, Output& o) {
    for (const Bucket& b : spec.buckets) {
        if (has_bucket_ids(o.version()))
            write_new(b, spec.type, o);
        else
            write_old(b, o);
    }
}

OfResult<GroupSelection> read_group_properties(Input& i) {
    GroupSelection s;
    while (!i.in.empty()) {
        Property p = TRY(action::read_property(i.in));
        if (p.type != experimenter) return refuse(OfError::bpc_bad_type);
        const uint32_t vendor = p.in.u32(), type = p.in.u32();
        p.in.skip(4);
        if (!p.in.ok()) return refuse(OfError::bpc_bad_len);
        if (vendor != ntr_vendor) return refuse(OfError::bpc_bad_experimenter);
        if (type != ntr_selection_method) return refuse(OfError::bpc_bad_exp_type);
        TRY(read_selection(p, s));
    }
    return s;
}

void write_group_properties(const GroupSelection& s, Output& o) {
    if (s.method.empty()) return;
    const OpenProperty p(o.out, experimenter);
    o.out.u32(ntr_vendor);
    o.out.u32(ntr_selection_method);
    o.out.zeros(4);
    write_text(o.out, s.method, method_size);
    o.out.u64(s.param);
    for (const auto& f : s.fields)
        flow::encode_field({f.field, f.mask, flow::FieldValue::ones(flow::field(f.field).n_bits), false},
                           wire(o.version()), o.out);
}

}  // namespace weft::openflow
