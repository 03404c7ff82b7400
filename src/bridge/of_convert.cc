// SPDX-License-Identifier: Apache-2.0
#include "bridge/of_convert.h"

#include <algorithm>

namespace weft::bridge {

namespace {

using openflow::OfError;

constexpr uint8_t last_visible_table = pipeline::internal_table - 1;

uint32_t seconds(Duration d) {
    return static_cast<uint32_t>(
        std::max<int64_t>(0, std::chrono::duration_cast<std::chrono::seconds>(d).count()));
}
/// Whole milliseconds, as Open vSwitch tells them.
uint32_t nanoseconds(Duration d) {
    return static_cast<uint32_t>(std::max<int64_t>(0, d.count()) % 1'000'000'000 / 1'000'000 * 1'000'000);
}

/// What belongs to the rule; check_overlap and reset_counts belong to the request alone.
uint16_t to_rule_flags(uint16_t of) {
    namespace ff = openflow::flow_flag;
    namespace rf = pipeline::rule_flag;
    uint16_t out = 0;
    if (of & ff::send_flow_rem) out |= rf::send_removed;
    if (of & ff::no_packet_counts) out |= rf::no_packet_counts;
    if (of & ff::no_byte_counts) out |= rf::no_byte_counts;
    return out;
}

uint16_t to_of_flags(uint16_t rule) {
    namespace ff = openflow::flow_flag;
    namespace rf = pipeline::rule_flag;
    uint16_t out = 0;
    if (rule & rf::send_removed) out |= ff::send_flow_rem;
    if (rule & rf::no_packet_counts) out |= ff::no_packet_counts;
    if (rule & rf::no_byte_counts) out |= ff::no_byte_counts;
    return out;
}

uint32_t speed_feature(uint64_t bps, bool full_duplex) {
    namespace pf = openflow::port_feature;
    switch (bps / 1'000'000) {
        case 10:
            return full_duplex ? pf::fd_10m : pf::hd_10m;
        case 100:
            return full_duplex ? pf::fd_100m : pf::hd_100m;
        case 1000:
            return full_duplex ? pf::fd_1g : pf::hd_1g;
        case 10'000:
            return pf::fd_10g;
        case 40'000:
            return pf::fd_40g;
        case 100'000:
            return pf::fd_100g;
        case 1'000'000:
            return pf::fd_1t;
        case 0:
            return 0;
        default:
            return pf::other;
    }
}

}  // namespace

openflow::OfResult<pipeline::FlowChange> to_change(const openflow::FlowMod& mod) {
    using Command = pipeline::FlowChange::Command;
    const bool add = mod.command == openflow::FlowModCommand::add;
    if (mod.table != openflow::all_tables && mod.table > last_visible_table)
        return openflow::refuse(mod.table == pipeline::internal_table ? OfError::fmfc_eperm
                                                                      : OfError::fmfc_bad_table_id);
    pipeline::FlowChange out;
    out.command = add ? Command::add : mod.is_remove() ? Command::remove : Command::modify;
    out.filter.table = add && mod.table == openflow::all_tables ? uint8_t{0} : mod.table;
    out.filter.match = mod.match;
    out.filter.strict = add || mod.is_strict();
    out.filter.priority = mod.priority;
    if (!add) {
        out.filter.cookie = mod.cookie;
        out.filter.cookie_mask = mod.cookie_mask;
    }
    if (mod.is_remove()) {
        out.filter.out_port = mod.out_port;
        out.filter.out_group = mod.out_group;
        return out;
    }
    out.rule.cookie = mod.new_cookie.value_or(0);
    out.rule.idle_timeout_s = mod.idle_timeout;
    out.rule.hard_timeout_s = mod.hard_timeout;
    out.rule.importance = mod.importance;
    out.rule.flags = to_rule_flags(mod.flags);
    out.rule.actions = std::make_shared<const action::Actions>(mod.actions);
    out.set_cookie = mod.new_cookie.has_value();
    out.check_overlap = add && mod.flags & openflow::flow_flag::check_overlap;
    out.reset_counts = mod.flags & openflow::flow_flag::reset_counts;
    out.add_if_missing = !add && mod.modify_may_add;
    return out;
}

OfError to_error(const pipeline::ChangeError& error) {
    using Kind = pipeline::ChangeError::Kind;
    switch (error.kind) {
        case Kind::bad_table:
            return OfError::fmfc_bad_table_id;
        case Kind::overlap:
            return OfError::fmfc_overlap;
        case Kind::table_full:
            return OfError::fmfc_table_full;
        case Kind::learn_limit:
            return OfError::fmfc_table_full;
        case Kind::not_allowed:
            return OfError::fmfc_eperm;
    }
    return OfError::fmfc_unknown;
}

pipeline::RuleFilter to_filter(const openflow::FlowQuery& query) {
    pipeline::RuleFilter out;
    out.table = query.table;
    out.match = query.match;
    out.cookie = query.cookie;
    out.cookie_mask = query.cookie_mask;
    out.out_port = query.out_port;
    out.out_group = query.out_group;
    return out;
}

openflow::FlowStats to_stats(const pipeline::Rule& rule, Time now) {
    openflow::FlowStats out;
    out.table = rule.table();
    out.priority = static_cast<uint16_t>(rule.priority());
    out.match = rule.match().expand();
    out.cookie = rule.cookie();
    out.duration_s = seconds(now - rule.created());
    out.duration_ns = nanoseconds(now - rule.created());
    out.idle_timeout = rule.idle_timeout();
    out.hard_timeout = rule.hard_timeout();
    out.importance = rule.importance();
    out.flags = to_of_flags(rule.flags());
    out.idle_age = seconds(now - rule.cell().used());
    out.hard_age = seconds(now - rule.modified());
    out.packets = rule.cell().packets();
    out.bytes = rule.cell().bytes();
    if (rule.spec().actions) out.actions = rule.actions();
    return out;
}

openflow::FlowRemoved to_removed(const pipeline::Rule& rule, pipeline::Removal reason, Time when) {
    openflow::FlowRemoved out;
    out.match = rule.match().expand();
    out.cookie = rule.cookie();
    out.priority = static_cast<uint16_t>(rule.priority());
    out.idle_timeout = rule.idle_timeout();
    out.hard_timeout = rule.hard_timeout();
    out.reason = static_cast<openflow::RemovedReason>(reason);
    out.table = rule.table();
    out.duration_s = seconds(when - rule.created());
    out.duration_ns = nanoseconds(when - rule.created());
    out.packets = rule.cell().packets();
    out.bytes = rule.cell().bytes();
    return out;
}

openflow::PortDesc to_port_desc(OfPort number, const dp::PortState& state, uint32_t config) {
    openflow::PortDesc out;
    out.number = number;
    out.hw_addr = state.mac;
    out.name = state.name;
    out.config = config;
    if (!state.admin_up) out.config |= openflow::port_config::port_down;
    out.state = state.link_up ? openflow::port_state::live : openflow::port_state::link_down;
    if (const uint32_t speed = speed_feature(state.link_speed_bps, state.full_duplex))
        out.curr = speed | openflow::port_feature::copper;
    out.curr_speed_kbps = static_cast<uint32_t>(state.link_speed_bps / 1000);
    return out;
}

openflow::PortStats to_port_stats(OfPort number, const dp::PortStats& s) {
    openflow::PortStats out;
    out.number = number;
    out.rx_packets = s.rx_packets;
    out.tx_packets = s.tx_packets;
    out.rx_bytes = s.rx_bytes;
    out.tx_bytes = s.tx_bytes;
    out.rx_dropped = s.rx_dropped;
    out.tx_dropped = s.tx_dropped;
    out.rx_errors = s.rx_errors;
    out.tx_errors = s.tx_errors;
    out.rx_frame_errors = s.rx_frame_errors;
    out.rx_over_errors = s.rx_over_errors;
    out.rx_crc_errors = s.rx_crc_errors;
    out.collisions = s.collisions;
    return out;
}

}  // namespace weft::bridge
