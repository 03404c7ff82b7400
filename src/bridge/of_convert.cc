// SPDX-License-Identifier: Apache-2.0
#include "bridge/of_convert.h"

#include <algorithm>

namespace weft::bridge {

namespace {

using openflow::OfError;

uint32_t seconds(Duration d) {
    return static_cast<uint32_t>(
        std::max<int64_t>(0, std::chrono::duration_cast<std::chrono::seconds>(d).count()));
}
/// Whole milliseconds, as Open vSwitch tells them.
uint32_t nanoseconds(Duration d) {
    return static_cast<uint32_t>(std::max<int64_t>(0, d.count()) % 1'000'000'000 / 1'000'000 * 1'000'000);
}

/// A rule keeps the flags it came with: they are shown again. Both sides number them as OpenFlow 1.3 does.
constexpr uint16_t kept_flags = openflow::flow_flag::send_flow_rem | openflow::flow_flag::check_overlap |
                                openflow::flow_flag::reset_counts | openflow::flow_flag::no_packet_counts |
                                openflow::flow_flag::no_byte_counts;
static_assert(openflow::flow_flag::send_flow_rem == pipeline::rule_flag::send_removed &&
              openflow::flow_flag::check_overlap == pipeline::rule_flag::check_overlap &&
              openflow::flow_flag::reset_counts == pipeline::rule_flag::reset_counts &&
              openflow::flow_flag::no_packet_counts == pipeline::rule_flag::no_packet_counts &&
              openflow::flow_flag::no_byte_counts == pipeline::rule_flag::no_byte_counts);

/// The internal table is the switch's own, and so are the fields that a packet gets on its way through the
/// datapath: a rule that matches on them would see what only translation may see.
bool is_ours(const openflow::FlowMod& mod) {
    if (mod.table == pipeline::internal_table) return true;
    if (mod.is_remove()) return false;
    return !flow::field_mask(mod.match, flow::FieldId::dp_hash).is_zero() ||
           bool(mod.match.key.packet.recirc_id);
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

namespace {

pipeline::RuleSpec spec_of(const openflow::FlowMod& mod, std::shared_ptr<const action::Actions> actions) {
    return {.cookie = mod.new_cookie.value_or(0),
            .idle_timeout_s = mod.idle_timeout,
            .hard_timeout_s = mod.hard_timeout,
            .importance = mod.importance,
            .flags = static_cast<uint16_t>(mod.flags & kept_flags),
            .actions = std::move(actions)};
}

}  // namespace

openflow::OfResult<> check_is_theirs(const openflow::FlowMod& mod) {
    return is_ours(mod) ? openflow::refuse(OfError::brc_eperm) : openflow::OfResult<>{};
}

pipeline::Addition to_addition(const openflow::FlowMod& mod, flow::SparseMatch match,
                               std::shared_ptr<const action::Actions> actions) {
    return {.table = mod.table == openflow::all_tables ? uint8_t{0} : mod.table,
            .match = std::move(match),
            .priority = mod.priority,
            .rule = spec_of(mod, std::move(actions)),
            .check_overlap = (mod.flags & openflow::flow_flag::check_overlap) != 0,
            .reset_counts = (mod.flags & openflow::flow_flag::reset_counts) != 0};
}

openflow::OfResult<pipeline::FlowChange> to_change(const openflow::FlowMod& mod,
                                                   std::shared_ptr<const action::Actions> actions) {
    using Command = pipeline::FlowChange::Command;
    const bool add = mod.command == openflow::FlowModCommand::add;
    TRY(check_is_theirs(mod));
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
    out.rule = spec_of(mod, std::move(actions));
    out.set_cookie = mod.new_cookie.has_value();
    out.check_overlap = add && mod.flags & openflow::flow_flag::check_overlap;
    out.reset_counts = mod.flags & openflow::flow_flag::reset_counts;
    out.add_if_missing = !add && mod.modify_may_add;
    return out;
}

pipeline::GroupChange to_change(const openflow::GroupMod& mod) {
    using Command = pipeline::GroupChange::Command;
    const auto command = [&] {
        switch (mod.command) {
            case openflow::GroupCommand::add:
                return Command::add;
            case openflow::GroupCommand::modify:
                return Command::modify;
            case openflow::GroupCommand::remove:
                return Command::remove;
            case openflow::GroupCommand::insert_bucket:
                return Command::insert_buckets;
            case openflow::GroupCommand::remove_bucket:
                return Command::remove_buckets;
            case openflow::GroupCommand::add_or_modify:
                break;
        }
        return Command::add_or_modify;
    };
    return {command(), mod.id, mod.command_bucket, mod.spec};
}

openflow::GroupStats to_group_stats(const pipeline::Group& group, Time now) {
    openflow::GroupStats out{.id = group.id()};
    out.packets = group.counters().all.packets;
    out.bytes = group.counters().all.bytes;
    out.duration_s = seconds(now - group.created());
    out.duration_ns = nanoseconds(now - group.created());
    for (const auto& b : group.counters().buckets) out.buckets.push_back({b.packets, b.bytes});
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
        case Kind::learn_limit:
            return OfError::fmfc_table_full;
        case Kind::not_allowed:
            return OfError::fmfc_eperm;
        case Kind::bad_out_group:
            return OfError::bac_bad_out_group;
        case Kind::group_exists:
            return OfError::gmfc_group_exists;
        case Kind::unknown_group:
            return OfError::gmfc_unknown_group;
        case Kind::group_loop:
            return OfError::gmfc_loop;
        case Kind::unknown_bucket:
            return OfError::gmfc_unknown_bucket;
        case Kind::bucket_exists:
            return OfError::gmfc_bucket_exists;
    }
    return OfError::fmfc_unknown;
}

pipeline::RuleFilter to_filter(const openflow::FlowQuery& query) {
    pipeline::RuleFilter out;
    out.table = query.table;
    out.hidden = query.table == pipeline::internal_table;  // shown to whoever asks for it
    out.match = query.match;
    out.cookie = query.cookie;
    out.cookie_mask = query.cookie_mask;
    out.out_port = query.out_port;
    out.out_group = query.out_group;
    return out;
}

void read_stats(const pipeline::Rule& rule, Time now, openflow::FlowStats& out) {
    out.table = rule.table();
    out.priority = static_cast<uint16_t>(rule.priority());
    rule.match().expand(out.match);
    out.cookie = rule.cookie();
    out.duration_s = seconds(now - rule.created());
    out.duration_ns = nanoseconds(now - rule.created());
    out.idle_timeout = rule.idle_timeout();
    out.hard_timeout = rule.hard_timeout();
    out.importance = rule.importance();
    out.flags = rule.flags() & kept_flags;
    out.idle_age = seconds(now - rule.cell().used());
    out.hard_age = seconds(now - rule.modified());
    out.packets = rule.cell().packets();
    out.bytes = rule.cell().bytes();
    if (rule.spec().actions) out.actions = rule.actions();
}

std::vector<openflow::FlowEvent> to_flow_events(const std::vector<pipeline::RuleEvent>& events) {
    using Kind = pipeline::RuleEvent::Kind;
    using Told = openflow::FlowUpdate::Event;
    static const action::Actions none;
    std::vector<openflow::FlowEvent> out;
    for (const pipeline::RuleEvent& e : events) {
        const pipeline::Rule& rule = *e.rule;
        if (rule.hidden()) continue;
        const auto& actions = rule.spec().actions ? rule.actions() : none;
        const auto* old = e.old && e.old->spec().actions ? &e.old->actions() : nullptr;
        const bool other_actions = old && *old != actions;
        if (e.kind == Kind::modified && !other_actions && e.old->cookie() == rule.cookie()) continue;
        out.push_back({.event = e.kind == Kind::added      ? Told::added
                                : e.kind == Kind::modified ? Told::modified
                                                           : Told::removed,
                       .reason = static_cast<openflow::RemovedReason>(e.reason),
                       .table = rule.table(),
                       .priority = static_cast<uint16_t>(rule.priority()),
                       .idle_timeout = rule.idle_timeout(),
                       .hard_timeout = rule.hard_timeout(),
                       .cookie = rule.cookie(),
                       .match = rule.match(),
                       .actions = actions,
                       .old_actions = other_actions ? old : nullptr,
                       .version = rule.added(),
                       .created = rule.created()});
    }
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
    if (!state.link_up)
        out.state = openflow::port_state::link_down;
    else if (state.admin_up)
        out.state = openflow::port_state::live;
    if (const uint32_t speed = speed_feature(state.link_speed_bps, state.full_duplex))
        out.curr = speed | openflow::port_feature::copper;
    out.curr_speed_kbps = static_cast<uint32_t>(state.link_speed_bps / 1000);
    return out;
}

openflow::PortStats to_port_stats(OfPort number, const dp::PortStats& s, Duration age) {
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
    out.duration_s = seconds(age);
    out.duration_ns = nanoseconds(age);
    for (const auto& [name, value] : s.custom) out.custom.push_back({name, value});
    return out;
}

}  // namespace weft::bridge
