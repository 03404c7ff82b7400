// SPDX-License-Identifier: Apache-2.0
// OFPT_FLOW_MOD of all versions, NXT_FLOW_MOD.
#include "action/check.h"
#include "action/wire.h"
#include "flow/decode_into.h"
#include "flow/value_places.h"
#include "openflow/codec.h"
#include "openflow/in_place.h"

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
OfResult<> finish(Input& i, FlowMod& m) {
    const Version v = i.version;
    m.actions = TRY(action::decode_instructions(i.in.take(i.in.size()), v));
    if (!m.is_remove()) {
        const bool consistent = TRY(action::check(m.actions, {m.match, m.table, all_tables}));
        if (!consistent && v > v10) return refuse(OfError::bac_match_inconsistent);
        m.out_port = ofpp::none;
        m.out_group = any_group;
    }
    return {};
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
    o.out.u16(flags_to_wire(m, o.version()));
    const size_t match_len_at = o.out.size();
    o.out.zeros(8);
    const flow::NxmCookie cookie{m.cookie, m.cookie_mask};
    o.out.patch_u16(match_len_at, write_nx_match(o.out, m.match, m.cookie_mask ? &cookie : nullptr));
    action::encode_instructions(m.actions, o.version(), o.out);
}

void encode_11(const FlowMod& m, Output& o) {
    const auto open = o.open(MessageType::flow_mod);
    const bool gives_cookie = m.command == FlowModCommand::add || m.keep_cookie;
    o.out.u64(gives_cookie ? m.new_cookie.value_or(0) : m.cookie);
    o.out.u64(gives_cookie ? 0 : m.cookie_mask);
    // 1.1 has no number for all tables (1.2, A.3.4.1, has). Open vSwitch takes the first there.
    o.out.u8(o.version() == v11 && m.table == all_tables ? 0 : m.table);
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

OfResult<> read_10(Input& i, FlowMod& m) {
    const bool is_exact = !flow::has_wildcards10(i.in.rest());
    flow::decode_match10(i.in, m.match);
    const uint64_t cookie = i.in.u64();
    TRY(set_command_10(m, i.in.u16(), i.dialect));
    m.idle_timeout = i.in.u16();
    m.hard_timeout = i.in.u16();
    m.priority = i.in.u16();
    if (is_exact) m.priority = 0xffff;  // OpenFlow 1.0.1 section 3.4: it matches before flows with wildcards
    m.buffer_id = i.in.u32();
    m.out_port = OfPort{i.in.u16()};
    TRY(set_flags(m, i.in.u16(), v10));
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    if (!m.is_remove()) m.new_cookie = cookie;
    return finish(i, m);
}

OfResult<> read_11(Input& i, FlowMod& m) {
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
    if (m.table == all_tables && (!m.is_remove() || i.version == v11))
        return refuse(OfError::fmfc_bad_table_id);

    m.modify_may_add = m.keep_cookie = i.version == v11 && is_modify(m) && mask == 0;
    if (m.command == FlowModCommand::add || m.keep_cookie) {
        m.new_cookie = cookie;
    } else {
        m.cookie = cookie & mask;
        m.cookie_mask = mask;
    }
    TRY(action::of_result(flow::decode_ofp_match(i.in, m.match)));
    return finish(i, m);
}

OfResult<> read_standard(Input& i, FlowMod& m) { return i.version == v10 ? read_10(i, m) : read_11(i, m); }

OfResult<> read_nx(Input& i, FlowMod& m) {
    const uint64_t new_cookie = i.in.u64();
    TRY(set_command_10(m, i.in.u16(), i.dialect));
    m.idle_timeout = i.in.u16();
    m.hard_timeout = i.in.u16();
    m.priority = i.in.u16();
    m.buffer_id = i.in.u32();
    m.out_port = OfPort{i.in.u16()};
    TRY(set_flags(m, i.in.u16(), i.version));
    const uint16_t match_len = i.in.u16();
    i.in.skip(6);
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    flow::NxmCookie cookie;
    TRY(read_nx_match(i.in, match_len, m.match, {.cookie = &cookie}));
    const bool is_add = m.command == FlowModCommand::add;
    // An add gives a cookie; it has none to look for.
    if (is_add && cookie.mask) return refuse(OfError::nxbrc_nxm_invalid);
    m.cookie = cookie.cookie;
    m.cookie_mask = cookie.mask;
    if (is_add || (is_modify(m) && new_cookie != ~uint64_t{0})) m.new_cookie = new_cookie;
    return finish(i, m);
}

template <OfResult<> read(Input&, FlowMod&)>
OfResult<Body> decode_by(Input& i) {
    FlowMod m;
    TRY(read(i, m));
    return std::move(m);
}

// What tells a flow_mod, and where its command is, as the structures lie on the wire.
constexpr size_t command_at_10 = header_size + flow::match10_size + 9, command_at_11 = header_size + 17,
                 nx_header = header_size + 8, command_at_nx = nx_header + 9;

bool is_nx(ByteSpan message) {
    ByteReader in(message.subspan(header_size));
    return in.u32() == nicira_vendor && in.u32() == nxt::flow_mod;
}

}  // namespace

OfResult<Body> decode_flow_mod(Input& i) { return decode_by<read_standard>(i); }
OfResult<Body> decode_nx_flow_mod(Input& i) { return decode_by<read_nx>(i); }

std::optional<FlowModCommand> flow_mod_command(ByteSpan message, Version version) {
    const Header h = read_header(message);
    if (h.version != wire(version) || h.length != message.size()) return std::nullopt;
    const bool standard = h.type == message_number(MessageType::flow_mod, version);
    if (!standard && (h.type != message_number(MessageType::experimenter, version) || !is_nx(message)))
        return std::nullopt;
    const size_t at = !standard ? command_at_nx : version == v10 ? command_at_10 : command_at_11;
    if (message.size() <= at) return std::nullopt;
    const auto command = command_of(message[at]);
    return command ? std::optional(*command) : std::nullopt;
}

OfResult<> decode_flow_mod(ByteSpan message, const Dialect& dialect, FlowMod& mod) {
    const bool standard = read_header(message).type == message_number(MessageType::flow_mod, dialect.version);
    Input i{.in = ByteReader(message.subspan(standard ? header_size : nx_header)),
            .version = dialect.version,
            .dialect = dialect};
    TRY(standard ? read_standard(i, mod) : read_nx(i, mod));
    if (!i.in.ok() || !i.in.empty()) return refuse(OfError::brc_bad_len);
    return {};
}

void encode(const FlowMod& m, Output& o) {
    // Only Nicira's form has changes other than deletions for all tables, or for the one that the switch
    // picks.
    if (o.version() > v10)
        return m.table == all_tables && !m.is_remove() && o.version() != v11 ? encode_nxt(m, o)
                                                                             : encode_11(m, o);
    const bool keeps_cookie = is_modify(m) && !m.new_cookie;
    if (o.dialect.nxm || m.cookie_mask || keeps_cookie || !flow::fits_match10(m.match))
        encode_nxt(m, o);
    else
        encode_10(m, o);
}

}  // namespace weft::openflow
