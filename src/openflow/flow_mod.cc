// SPDX-License-Identifier: Apache-2.0
// OFPT_FLOW_MOD of all versions, NXT_FLOW_MOD.
#include "action/check.h"
#include "action/wire.h"
#include "openflow/codec.h"

namespace weft::openflow {
namespace {

using enum Version;

constexpr uint16_t emergency_flag_10 = 1 << 2;

uint16_t known_flags(Version v) {
    using namespace flow_flag;
    if (v < v12) return send_flow_rem | check_overlap;
    if (v < v13) return send_flow_rem | check_overlap | reset_counts;
    return send_flow_rem | check_overlap | reset_counts | no_packet_counts | no_byte_counts;
}

OfResult<> set_flags(FlowMod& m, uint16_t wire, Version v) {
    // Emergency flows would have a table of their own, which is always full.
    if (v == v10 && wire & emergency_flag_10) return refuse(OfError::fmfc_table_full);
    if (wire & ~known_flags(v)) return refuse(OfError::fmfc_bad_flags);
    m.flags = wire;
    // The standards before 1.2 had an add that replaces a flow reset its counters.
    if (v < v12 && m.command == FlowModCommand::add) m.flags |= flow_flag::reset_counts;
    return {};
}

OfResult<FlowModCommand> command_of(unsigned wire) {
    if (wire > static_cast<unsigned>(FlowModCommand::remove_strict)) return refuse(OfError::fmfc_bad_command);
    return static_cast<FlowModCommand>(wire);
}

/// 1.0: with the extension, the high byte is the table.
OfResult<> set_command_10(FlowMod& m, uint16_t wire, const Dialect& d) {
    if (d.table_id) m.table = static_cast<uint8_t>(wire >> 8);
    m.command = TRY(command_of(d.table_id ? wire & 0xff : wire));
    m.modify_may_add = !m.is_remove() && m.command != FlowModCommand::add;
    return {};
}

bool is_modify(const FlowMod& m) {
    return m.command == FlowModCommand::modify || m.command == FlowModCommand::modify_strict;
}

/// The rest is the same for all: what it does must make sense for what it matches.
OfResult<Body> finish(FlowMod&& m, OfResult<action::Actions> actions, Version v) {
    if (!actions) return refuse(actions.error());
    m.actions = *std::move(actions);
    if (!m.is_remove()) {
        const bool consistent = TRY(action::check(m.actions, {m.match, m.table, all_tables}));
        if (!consistent && v > v10) return refuse(OfError::bac_match_inconsistent);
        m.out_port = ofpp::none;
        m.out_group = any_group;
    }
    return std::move(m);
}

uint16_t command_to_10(const FlowMod& m, const Dialect& d) {
    const auto command = static_cast<uint16_t>(m.command);
    return d.table_id ? static_cast<uint16_t>(m.table << 8 | command) : command;
}

uint16_t flags_to_wire(const FlowMod& m, Version v) { return m.flags & known_flags(v); }

void encode_10(const FlowMod& m, Output& o) {
    const auto open = o.open(MessageType::flow_mod);
    flow::encode_match10(m.match, o.out);
    o.out.u64(m.new_cookie.value_or(0));
    o.out.u16(command_to_10(m, o.dialect));
    o.out.u16(m.idle_timeout);
    o.out.u16(m.hard_timeout);
    o.out.u16(m.priority);
    o.out.u32(m.buffer_id);
    o.out.u16(m.out_port.value);
    o.out.u16(flags_to_wire(m, v10));
    action::encode_instructions(m.actions, v10, o.out);
}

void encode_nxt(const FlowMod& m, Output& o) {
    const auto open = o.open_nicira(nxt::flow_mod);
    o.out.u64(m.new_cookie.value_or(~uint64_t{0}));
    o.out.u16(command_to_10(m, o.dialect));
    o.out.u16(m.idle_timeout);
    o.out.u16(m.hard_timeout);
    o.out.u16(m.priority);
    o.out.u32(m.buffer_id);
    o.out.u16(m.out_port.value);
    o.out.u16(flags_to_wire(m, v10));
    const size_t match_len_at = o.out.size();
    o.out.zeros(8);
    const flow::NxmCookie cookie{m.cookie, m.cookie_mask};
    o.out.patch_u16(match_len_at, write_nx_match(o.out, m.match, m.cookie_mask ? &cookie : nullptr));
    action::encode_instructions(m.actions, v10, o.out);
}

void encode_11(const FlowMod& m, Output& o) {
    const auto open = o.open(MessageType::flow_mod);
    const bool gives_cookie = m.command == FlowModCommand::add || m.keep_cookie;
    o.out.u64(gives_cookie ? m.new_cookie.value_or(0) : m.cookie);
    o.out.u64(gives_cookie ? 0 : m.cookie_mask);
    o.out.u8(m.table);
    o.out.u8(static_cast<uint8_t>(m.command));
    o.out.u16(m.idle_timeout);
    o.out.u16(m.hard_timeout);
    o.out.u16(m.priority);
    o.out.u32(m.buffer_id);
    write_port(o, m.out_port);
    o.out.u32(m.out_group);
    o.out.u16(flags_to_wire(m, o.version()));
    o.out.u16(o.version() >= v14 ? m.importance : 0);
    write_match(o, m.match);
    action::encode_instructions(m.actions, o.version(), o.out);
}

OfResult<Body> decode_10(Input& i) {
    FlowMod m;
    m.match = flow::decode_match10(i.in);
    const uint64_t cookie = i.in.u64();
    TRY(set_command_10(m, i.in.u16(), i.dialect));
    m.idle_timeout = i.in.u16();
    m.hard_timeout = i.in.u16();
    m.priority = i.in.u16();
    m.buffer_id = i.in.u32();
    m.out_port = OfPort{i.in.u16()};
    TRY(set_flags(m, i.in.u16(), v10));
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    if (!m.is_remove()) m.new_cookie = cookie;
    return finish(std::move(m), action::decode_instructions(i.in.take(i.in.size()), v10), v10);
}

OfResult<Body> decode_11(Input& i) {
    FlowMod m;
    const uint64_t cookie = i.in.u64(), mask = i.in.u64();
    m.table = i.in.u8();
    m.command = TRY(command_of(i.in.u8()));
    m.idle_timeout = i.in.u16();
    m.hard_timeout = i.in.u16();
    m.priority = i.in.u16();
    m.buffer_id = i.in.u32();
    m.out_port = TRY(read_port(i, OfError::brc_bad_port));
    m.out_group = i.in.u32();
    TRY(set_flags(m, i.in.u16(), i.version));
    const uint16_t importance = i.in.u16();
    if (i.version >= v14) m.importance = importance;
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    if (!m.is_remove() && m.table == all_tables) return refuse(OfError::fmfc_bad_table_id);

    m.modify_may_add = m.keep_cookie = i.version == v11 && is_modify(m) && mask == 0;
    if (m.command == FlowModCommand::add || m.keep_cookie) {
        m.new_cookie = cookie;
    } else {
        m.cookie = cookie & mask;
        m.cookie_mask = mask;
    }
    m.match = TRY(read_match(i));
    return finish(std::move(m), action::decode_instructions(i.in.take(i.in.size()), i.version), i.version);
}

}  // namespace

OfResult<Body> decode_flow_mod(Input& i) { return i.version == v10 ? decode_10(i) : decode_11(i); }

OfResult<Body> decode_nx_flow_mod(Input& i) {
    if (i.version > v10) return refuse(OfError::brc_bad_subtype);
    FlowMod m;
    const uint64_t new_cookie = i.in.u64();
    TRY(set_command_10(m, i.in.u16(), i.dialect));
    m.idle_timeout = i.in.u16();
    m.hard_timeout = i.in.u16();
    m.priority = i.in.u16();
    m.buffer_id = i.in.u32();
    m.out_port = OfPort{i.in.u16()};
    TRY(set_flags(m, i.in.u16(), v10));
    const uint16_t match_len = i.in.u16();
    i.in.skip(6);
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    flow::NxmCookie cookie;
    m.match = TRY(read_nx_match(i.in, match_len, {.cookie = &cookie}));
    const bool is_add = m.command == FlowModCommand::add;
    // An add gives a cookie; it has none to look for.
    if (is_add && cookie.mask) return refuse(OfError::nxbrc_nxm_invalid);
    m.cookie = cookie.cookie;
    m.cookie_mask = cookie.mask;
    if (is_add || (is_modify(m) && new_cookie != ~uint64_t{0})) m.new_cookie = new_cookie;
    return finish(std::move(m), action::decode_instructions(i.in.take(i.in.size()), v10), v10);
}

void encode(const FlowMod& m, Output& o) {
    if (o.version() > v10) return encode_11(m, o);
    const bool keeps_cookie = is_modify(m) && !m.new_cookie;
    if (o.dialect.nxm || m.cookie_mask || keeps_cookie || !flow::fits_match10(m.match))
        encode_nxt(m, o);
    else
        encode_10(m, o);
}

}  // namespace weft::openflow
