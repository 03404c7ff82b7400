// SPDX-License-Identifier: Apache-2.0
// Asynchronous configuration: six masks in 1.3 and in Nicira's first message, properties in 1.4 and Nicira's
// second.
#include "action/property.h"
#include "openflow/codec.h"

namespace weft::openflow {
namespace {

using enum Version;
using action::OpenProperty;
using action::Property;

/// Reasons each version can tell.
uint32_t known_reasons(AsyncKind kind, Version v) {
    constexpr uint32_t packet_in_13 = 0x7, packet_in_14 = 0x3f;
    switch (kind) {
        case AsyncKind::packet_in:
            return v < v14 ? packet_in_13 : packet_in_14;
        case AsyncKind::port_status:
        case AsyncKind::role_status:
            return 0x7;
        case AsyncKind::flow_removed:
            return 0x3f;  // also what 1.3 cannot tell, as Open vSwitch
        case AsyncKind::table_status:
            return 0x18;
        case AsyncKind::request_forward:
            return 0x3;
    }
    return 0;
}

/// In the old form: these, each first for primary (and equal), then for secondary.
constexpr AsyncKind old_kinds[] = {AsyncKind::packet_in, AsyncKind::port_status, AsyncKind::flow_removed};
/// Property types: twice the kind, and one more for primary.
constexpr uint16_t n_properties = 2 * n_async_kinds, first_experimenter_property = 0xfffe;

AsyncChange read_masks(Input& i) {
    AsyncChange c;
    for (const AsyncKind kind : old_kinds) {
        const uint32_t known = known_reasons(kind, i.version);
        c.items.push_back({kind, false, i.in.u32() & known});
        c.items.push_back({kind, true, i.in.u32() & known});
    }
    return c;
}

OfResult<AsyncChange> read_properties(Input& i) {
    if (i.in.size() % 8) return refuse(OfError::brc_bad_len);
    AsyncChange c;
    while (!i.in.empty()) {
        Property p = TRY(action::read_property(i.in));
        if (p.type >= first_experimenter_property) {
            constexpr size_t experimenter_head = 8;
            return refuse(p.in.size() < experimenter_head ? OfError::bpc_bad_len : OfError::bpc_bad_exp_type);
        }
        if (p.type >= n_properties) return refuse(OfError::acfc_unsupported);
        const auto kind = static_cast<AsyncKind>(p.type / 2);
        const uint32_t mask = p.in.u32();
        if (!p.in.ok() || !p.in.empty()) return refuse(OfError::bpc_bad_len);
        if (mask & ~known_reasons(kind, i.version)) return refuse(OfError::acfc_invalid);
        c.items.push_back({kind, p.type % 2 == 0, mask});
    }
    return c;
}

void write_property(Output& o, const AsyncChange::Item& item) {
    const OpenProperty p(o.out,
                         static_cast<uint16_t>(2 * static_cast<uint16_t>(item.kind) + !item.secondary));
    o.out.u32(item.mask);
}

AsyncConfig apply(const AsyncChange& change) {
    AsyncConfig config;
    for (const AsyncChange::Item& item : change.items) config.mask(item.kind, item.secondary) = item.mask;
    return config;
}

/// Is the change the whole old set, in its order?
bool is_old_set(const AsyncChange& c) {
    if (c.items.size() != 2 * std::size(old_kinds)) return false;
    for (size_t n = 0; n < c.items.size(); ++n) {
        if (c.items[n].kind != old_kinds[n / 2] || c.items[n].secondary != (n % 2 == 1)) return false;
    }
    return true;
}

void write_items(Output& o, const AsyncChange& c, bool as_properties) {
    for (const AsyncChange::Item& item : c.items) {
        if (as_properties)
            write_property(o, item);
        else
            o.out.u32(item.mask);
    }
}

}  // namespace

OfResult<Body> decode_set_async(Input& i) {
    if (i.version < v14) return read_masks(i);
    return TRY(read_properties(i));
}
OfResult<Body> decode_nx_set_async(Input& i) { return read_masks(i); }
/// The standard's own message takes its place in 1.4.
OfResult<Body> decode_nx_set_async2(Input& i) {
    if (i.version >= v14) return refuse(OfError::brc_bad_subtype);
    return TRY(read_properties(i));
}

OfResult<Body> decode_get_async_reply(Input& i) {
    if (i.version < v14) return GetAsyncReply{apply(read_masks(i))};
    return GetAsyncReply{apply(TRY(read_properties(i)))};
}

void encode(const GetAsyncReply& m, Output& o) {
    const auto open = o.open(MessageType::get_async_reply);
    if (o.version() < v14) {
        for (const AsyncKind kind : old_kinds) {
            const uint32_t known = known_reasons(kind, o.version());
            o.out.u32(m.config.primary[static_cast<size_t>(kind)] & known);
            o.out.u32(m.config.secondary[static_cast<size_t>(kind)] & known);
        }
        return;
    }
    for (size_t n = 0; n < n_async_kinds; ++n) {
        write_property(o, {static_cast<AsyncKind>(n), true, m.config.secondary[n]});
        write_property(o, {static_cast<AsyncKind>(n), false, m.config.primary[n]});
    }
}

void encode(const AsyncChange& m, Output& o) {
    const bool old = is_old_set(m);
    if (o.version() >= v14 || (o.version() == v13 && old)) {
        const auto open = o.open(MessageType::set_async);
        return write_items(o, m, o.version() >= v14);
    }
    const auto open = o.open_nicira(old ? nxt::set_async_config : nxt::set_async_config2);
    write_items(o, m, !old);
}

}  // namespace weft::openflow
