// SPDX-License-Identifier: Apache-2.0
#include "openflow/monitor_feed.h"

#include <algorithm>

#include "action/outputs_to.h"

namespace weft::openflow {
namespace {

constexpr size_t flows_per_piece = 500;

using Event = FlowUpdate::Event;

/// The bit that a monitor needs to hear of it.
uint16_t bit_of(Event e) {
    switch (e) {
        case Event::initial:
            return monitor_flag::initial;
        case Event::added:
            return monitor_flag::add;
        case Event::removed:
            return monitor_flag::remove;
        default:
            return monitor_flag::modify;
    }
}

FlowUpdate update_of(const FlowEvent& e, uint16_t flags, const Switch& of_switch) {
    FlowUpdate u{.event = e.event,
                 .reason = e.reason,
                 .table = e.table,
                 .priority = e.priority,
                 .idle_timeout = e.idle_timeout,
                 .hard_timeout = e.hard_timeout,
                 .cookie = e.cookie,
                 .match = e.match.expand()};
    of_switch.tell_options(u.match);
    if (flags & monitor_flag::actions) u.actions = e.actions;
    return u;
}

bool goes_to(const FlowEvent& e, const FlowMonitor& m) {
    const auto any = [&](auto&& uses) { return uses(e.actions) || (e.old_actions && uses(*e.old_actions)); };
    if (m.out_port != ofpp::none &&
        !any([&](const action::Actions& a) { return action::outputs_to(a, m.out_port); }))
        return false;
    return m.out_group == any_group ||
           any([&](const action::Actions& a) { return action::uses_group(a, m.out_group); });
}

FlowQuery query_of(const FlowMonitor& m) {
    FlowQuery q;
    q.table = m.table;
    q.out_port = m.out_port;
    q.out_group = m.out_group;
    q.match = m.match;
    return q;
}

}  // namespace

/// The flags of the monitors among `ids` (empty: of all) that mean the flow and want to hear of the event.
uint16_t MonitorFeed::interest(const FlowEvent& e, std::span<const uint32_t> ids) const {
    uint16_t flags = 0;
    for (const auto& [id, m] : monitors_) {
        if (!ids.empty() && std::ranges::find(ids, id) == ids.end()) continue;
        if (!(m.asked.flags & bit_of(e.event))) continue;
        if (m.asked.table != all_tables && m.asked.table != e.table) continue;
        if (m.match.covers(e.match) && goes_to(e, m.asked)) flags |= m.asked.flags;
    }
    return flags;
}

OfResult<> MonitorFeed::change_one(const FlowMonitor& m, std::map<uint32_t, Monitor>& to,
                                   std::vector<uint32_t>& initial) const {
    const bool exists = to.contains(m.id);
    if (m.command == MonitorCommand::add && exists) return refuse(OfError::mofc_monitor_exists);
    if (m.command != MonitorCommand::add && !exists) return refuse(OfError::mofc_unknown_monitor);
    if (m.command == MonitorCommand::remove) {
        to.erase(m.id);
        std::erase(initial, m.id);
        return {};
    }
    flow::Match match = m.match;
    TRY(switch_.place_options(match));
    to.insert_or_assign(m.id, Monitor{m, flow::SparseMatch(match)});
    if (m.flags & monitor_flag::initial) initial.push_back(m.id);
    return {};
}

OfResult<> MonitorFeed::change(const FlowMonitorRequest& request, uint32_t xid, Time now) {
    std::map<uint32_t, Monitor> changed = monitors_;
    std::vector<uint32_t> initial;
    for (const FlowMonitor& m : request.monitors) TRY(change_one(m, changed, initial));
    monitors_ = std::move(changed);
    if (initial.empty()) return {};
    const FlowQuery query = initial.size() == 1 ? query_of(monitors_.at(initial.front()).asked) : FlowQuery{};
    auto cursor = TRY(switch_.flows(query));
    start({.cursor = std::move(cursor), .initial = std::move(initial), .xid = xid}, now);
    return {};
}

OfResult<> MonitorFeed::cancel(uint32_t id) {
    if (monitors_.erase(id) == 0) return refuse(OfError::mofc_unknown_monitor);
    return {};
}

/// From here on changes wait until the pass is done. (One that begins while the peer is paused does not end
/// the pause: what it owes stays owed.)
void MonitorFeed::start(Pass pass, Time now) {
    pass_ = std::move(pass);
    if (!behind_ || pass_->since) {
        behind_ = switch_.moment(now);
        owes_ = false;
    }
}

void MonitorFeed::start_catching_up(Time now) {
    start({.cursor = switch_.flows_since(behind_->version), .initial = {}, .since = behind_}, now);
}

/// The peer knows the flow, or may know it.
bool MonitorFeed::known(const FlowEvent& e) const { return pass_ || e.created <= behind_->when; }

std::vector<FlowUpdate> MonitorFeed::take(std::span<const FlowEvent> events, const Requester& from,
                                          bool own) {
    std::vector<FlowUpdate> out;
    bool abbreviated = false;
    for (const FlowEvent& e : events) {
        const uint16_t flags = interest(e, {});
        if (!flags) continue;
        if (behind_ && e.event != Event::removed) {
            owes_ = true;
            behind_->version = std::min(behind_->version, e.version - 1);
            continue;
        }
        if (behind_ && !known(e)) continue;
        if (!own || flags & (monitor_flag::own | monitor_flag::no_abbrev)) {
            out.push_back(update_of(e, flags, switch_));
        } else if (!std::exchange(abbreviated, true)) {
            out.push_back({.event = Event::abbreviated, .xid = from.xid});
        }
    }
    return out;
}

std::optional<FlowUpdate> MonitorFeed::pause(Time now) {
    if (empty() || paused_ || pass_) return std::nullopt;
    behind_ = switch_.moment(now);
    owes_ = false;
    paused_ = true;
    return FlowUpdate{.event = Event::paused};
}

std::optional<FlowUpdate> MonitorFeed::found(const FlowStats& s, Time now) const {
    const Duration age = std::chrono::seconds(s.duration_s) + std::chrono::nanoseconds(s.duration_ns);
    const Event event = !pass_->since                     ? Event::initial
                        : now - age >= pass_->since->when ? Event::added
                                                          : Event::modified;
    const flow::SparseMatch match(s.match);
    const FlowEvent e{.event = event,
                      .table = s.table,
                      .priority = s.priority,
                      .idle_timeout = s.idle_timeout,
                      .hard_timeout = s.hard_timeout,
                      .cookie = s.cookie,
                      .match = match,
                      .actions = s.actions};
    const uint16_t flags = interest(e, pass_->initial);
    if (!flags) return std::nullopt;
    return update_of(e, flags, switch_);
}

bool MonitorFeed::finish_pass(Time now) {
    const bool was_initial = !pass_->since;
    pass_.reset();
    if (paused_ && was_initial) return false;  // the pause goes on
    if (owes_) {
        start_catching_up(now);
        return false;
    }
    behind_.reset();
    return std::exchange(paused_, false);
}

MonitorFeed::Piece MonitorFeed::run(Time now, bool idle) {
    Piece out;
    if (!pass_ && paused_ && idle) start_catching_up(now);
    if (!pass_) return out;
    std::vector<FlowStats> flows;
    const bool more = pass_->cursor->next(flows_per_piece, now, flows);
    for (const FlowStats& f : flows)
        if (auto update = found(f, now)) out.updates.push_back(*std::move(update));
    out.xid = pass_->xid;
    out.more = more && !pass_->since;
    if (!more) out.resumed = finish_pass(now);
    return out;
}

}  // namespace weft::openflow
