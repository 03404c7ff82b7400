// SPDX-License-Identifier: Apache-2.0
// OFPT_GROUP_MOD, NXT_GROUP_MOD.
#include <algorithm>

#include "openflow/group_codec.h"

namespace weft::openflow {
namespace {

using enum Version;

OfResult<GroupCommand> command_of(uint16_t wire, Version v) {
    switch (const auto c = static_cast<GroupCommand>(wire); c) {
        case GroupCommand::add:
        case GroupCommand::modify:
        case GroupCommand::remove:
        case GroupCommand::add_or_modify:
            return c;
        case GroupCommand::insert_bucket:
        case GroupCommand::remove_bucket:
            if (has_bucket_ids(v)) return c;
    }
    return refuse(OfError::gmfc_bad_command);
}

OfResult<> check_buckets(const GroupMod& m) {
    for (const Bucket& b : m.spec.buckets) {
        if (b.weight && m.spec.type != GroupType::select) return refuse(OfError::gmfc_invalid_group);
        const bool chooses = m.spec.type == GroupType::select || m.spec.type == GroupType::fast_failover;
        if (b.watches() && !chooses) return refuse(OfError::gmfc_watch_unsupported);
        if (m.spec.type == GroupType::fast_failover && !b.watches())
            return refuse(OfError::gmfc_invalid_group);
    }
    return {};
}

OfResult<> check(const GroupMod& m) {
    switch (m.command) {
        case GroupCommand::remove:
            if (m.id > action::group_max && m.id != action::group_all)
                return refuse(OfError::gmfc_invalid_group);
            return {};
        case GroupCommand::remove_bucket:
            if (!m.spec.buckets.empty()) return refuse(OfError::gmfc_bad_bucket);
            break;
        case GroupCommand::insert_bucket:
            if (m.command_bucket == action::bucket_all) return refuse(OfError::gmfc_bad_bucket);
            break;
        default: {
            const bool one = m.spec.buckets.size() == 1;
            if (m.spec.type == GroupType::indirect && !one) return refuse(OfError::gmfc_invalid_group);
            TRY(check_buckets(m));
        }
    }
    if (m.id > action::group_max) return refuse(OfError::gmfc_invalid_group);
    return {};
}

OfResult<GroupMod> read(Input& i) {
    GroupMod m;
    m.command = TRY(command_of(i.in.u16(), i.version));
    const uint8_t type = i.in.u8();
    i.in.skip(1);
    m.id = i.in.u32();
    uint16_t buckets = static_cast<uint16_t>(i.in.size());
    if (has_bucket_ids(i.version)) {
        buckets = i.in.u16();
        i.in.skip(2);
        m.command_bucket = i.in.u32();
    }
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    if (type > static_cast<uint8_t>(GroupType::fast_failover)) return refuse(OfError::gmfc_bad_type);
    m.spec.type = static_cast<GroupType>(type);
    m.spec.buckets = TRY(read_buckets(i, buckets, m.spec.type));
    if (has_bucket_ids(i.version)) m.spec.selection = TRY(read_group_properties(i));
    TRY(check(m));
    return m;
}

}  // namespace

OfResult<Body> decode_group_mod(Input& i) { return TRY(read(i)); }

OfResult<Body> decode_nx_group_mod(Input& i) {
    if (i.version > v10) return refuse(OfError::brc_bad_subtype);
    return TRY(read(i));
}

void encode(const GroupMod& m, Output& o) {
    const auto open = o.version() == v10 ? o.open_nicira(nxt::group_mod) : o.open(MessageType::group_mod);
    o.out.u16(static_cast<uint16_t>(m.command));
    o.out.u8(static_cast<uint8_t>(m.spec.type));
    o.out.zeros(1);
    o.out.u32(m.id);
    const size_t at = o.out.size();
    if (has_bucket_ids(o.version())) {
        o.out.zeros(4);
        o.out.u32(m.command_bucket);
    }
    const size_t buckets = o.out.size();
    write_buckets(m.spec, o);
    if (!has_bucket_ids(o.version())) return;
    o.out.patch_u16(at, static_cast<uint16_t>(o.out.size() - buckets));
    write_group_properties(m.spec.selection, o);
}

}  // namespace weft::openflow
