// SPDX-License-Identifier: Apache-2.0
#include "bridge/of_switch.h"

#include <algorithm>

#include "action/check.h"
#include "action/option_places.h"
#include "bridge/of_convert.h"
#include "bridge/packet_key.h"
#include "obs/heap.h"

namespace weft::bridge {

namespace {

using openflow::OfError;
using openflow::OfResult;

constexpr size_t settle_limit = 10000;  ///< megaflows whose statistics are fetched for an exact answer
/// What a port_mod changes besides port_down, which is the device's.
constexpr uint32_t settable = openflow::port_config::no_recv | openflow::port_config::no_recv_stp |
                              openflow::port_config::no_flood | openflow::port_config::no_fwd |
                              openflow::port_config::no_packet_in | openflow::port_config::no_stp;

/// Each piece of the walk sees the newest version.
class RuleCursor final : public openflow::FlowCursor {
  public:
    RuleCursor(pipeline::State& state, std::shared_ptr<pipeline::Tables> tables, pipeline::RuleFilter filter,
               pipeline::Version since = 0)
        : state_(state), tables_(std::move(tables)), filter_(std::move(filter)), since_(since) {}
    bool next(size_t limit, Time now, std::vector<openflow::FlowStats>& out) override {
        const pipeline::Snapshot snapshot = state_.snapshot();
        out.reserve(out.size() + std::min(limit, tables_->size()));
        return tables_->walk(filter_, snapshot.version(), at_, limit, [&](const pipeline::RulePtr& rule) {
            if (since_ == 0 || rule->added() > since_) read_stats(*rule, now, out.emplace_back());
        });
    }

  private:
    pipeline::State& state_;
    std::shared_ptr<pipeline::Tables> tables_;
    pipeline::RuleFilter filter_;
    pipeline::Version since_;
    pipeline::WalkPosition at_;
};

bool valid_in_port(OfPort port) {
    return port < ofpp::max || port == ofpp::local || port == ofpp::none || port == ofpp::controller;
}

}  // namespace

openflow::SwitchFeatures OfSwitch::features() const {
    namespace cap = openflow::capability;
    openflow::SwitchFeatures out;
    out.datapath_id = bridge_.datapath_id;
    out.n_tables = pipeline::internal_table;
    out.capabilities = cap::flow_stats | cap::table_stats | cap::port_stats | cap::group_stats |
                       cap::queue_stats | cap::arp_match_ip | cap::bundles;
    out.actions_10 = 0xfff;
    return out;
}

openflow::SwitchDesc OfSwitch::desc() const {
    const auto text = [&](std::string_view key, std::string_view otherwise) {
        const std::string_view found = get(bridge_.config.other_config, key);
        return std::string(found.empty() ? otherwise : found);
    };
    return {"Nicira, Inc.", "Open vSwitch", "3.1.0", text("dp-sn", "None"),
            text("dp-desc", bridge_.config.name)};
}

openflow::Fragments OfSwitch::fragments() const {
    switch (bridge_.fragments) {
        case pipeline::Fragments::drop:
            return openflow::Fragments::drop;
        case pipeline::Fragments::nx_match:
            return openflow::Fragments::nx_match;
        case pipeline::Fragments::normal:
            break;
    }
    return openflow::Fragments::normal;
}

OfResult<> OfSwitch::set_fragments(openflow::Fragments handling) {
    switch (handling) {
        case openflow::Fragments::normal:
            bridge_.fragments = pipeline::Fragments::normal;
            break;
        case openflow::Fragments::drop:
            bridge_.fragments = pipeline::Fragments::drop;
            break;
        case openflow::Fragments::nx_match:
            bridge_.fragments = pipeline::Fragments::nx_match;
            break;
        case openflow::Fragments::reassemble:
            return {};  // nobody does it; Open vSwitch does not refuse it
    }
    calls_.bridge_changed();
    return {};
}

std::vector<openflow::PortDesc> OfSwitch::ports() const {
    std::vector<openflow::PortDesc> out;
    for (const auto& [name, m] : bridge_.members) out.push_back(to_port_desc(m.number, m.state, m.of_config));
    std::ranges::sort(out, {}, &openflow::PortDesc::number);
    return out;
}

OfResult<> OfSwitch::port_mod(const openflow::PortMod& mod) {
    Member* member = bridge_.find(mod.number);
    if (!member) return openflow::refuse(OfError::pmfc_bad_port);
    if (mod.hw_addr != member->state.mac) return openflow::refuse(OfError::pmfc_bad_hw_addr);
    const uint32_t mask = mod.mask & settable;
    const uint32_t wanted = (member->of_config & ~mask) | (mod.config & mask);
    const bool up = !(mod.config & openflow::port_config::port_down);
    // A patch port has no device to turn off; Open vSwitch leaves it up and does not mind.
    const bool turn =
        mod.mask & openflow::port_config::port_down && up != member->state.admin_up && !member->is_patch();
    if (turn && !backer_.datapath().set_port_up(member->dp_port, up))
        return openflow::refuse(OfError::pmfc_eperm);
    if (wanted == member->of_config && !turn) return {};
    member->of_config = wanted;
    if (turn) member->state.admin_up = up;
    calls_.bridge_changed();
    if (turn) calls_.device_changed();
    return {};
}

OfResult<std::vector<openflow::PortStats>> OfSwitch::port_stats(OfPort port, Time now) const {
    std::vector<openflow::PortStats> out;
    const auto add = [&](const Member& m) {
        out.push_back(
            to_port_stats(m.number, backer_.stats_of(m).value_or(dp::PortStats{}), now - m.created));
    };
    if (port != ofpp::none) {
        if (const Member* member = std::as_const(bridge_).find(port)) add(*member);
        return out;
    }
    for (const auto& [name, m] : bridge_.members) add(m);
    std::ranges::sort(out, {}, [](const auto& s) { return openflow::place_in_statistics(s.number); });
    return out;
}

namespace {

/// An add without options of tunnels, whose place only the bridge knows.
bool is_plain_add(const openflow::FlowMod& flow) {
    return flow.command == openflow::FlowModCommand::add && flow.match.options.empty() &&
           !action::options_named(flow.actions);
}

}  // namespace

void OfSwitch::note_refusal(const openflow::FlowMod& flow, const pipeline::ChangeError& error, Time now) {
    auto wanted = to_change(flow, actions_.share(flow.actions));
    if (!wanted || !place_options(*wanted)) return;
    bridge_.refused.push_front({*std::move(wanted), error.message, now});
    if (bridge_.refused.size() > Bridge::refused_max) bridge_.refused.pop_back();
}

/// Of a plain add.
OfResult<pipeline::Addition> OfSwitch::addition_of(const openflow::FlowMod& flow, uint32_t kind) {
    if (kind && kind == last_.kind)
        return to_addition(flow, flow::SparseMatch(flow.match.key, last_.match), last_.actions);
    TRY(check_is_theirs(flow));
    TRY(check_meters(flow.actions));
    auto actions = actions_.share(flow.actions);
    flow::SparseMatch match(flow.match, last_.match);
    last_ = {kind, match, actions};
    return to_addition(flow, std::move(match), std::move(actions));
}

OfResult<> OfSwitch::apply(const openflow::TableChange& change, uint32_t kind, pipeline::TablesEdit& edit,
                           Time now) {
    std::expected<void, pipeline::ChangeError> done;
    if (const auto* const* group = std::get_if<const openflow::GroupMod*>(&change)) {
        pipeline::GroupChange wanted = to_change(**group);
        TRY(place_options(wanted));
        done = edit.apply(wanted);
    } else {
        const openflow::FlowMod& flow = *std::get<const openflow::FlowMod*>(change);
        if ((kind && kind == last_.kind) || is_plain_add(flow)) {
            done = edit.add(TRY(addition_of(flow, kind)));
        } else {
            pipeline::FlowChange wanted = TRY(to_change(flow, actions_.share(flow.actions)));
            TRY(place_options(wanted));
            if (!flow.is_remove()) TRY(check_meters(flow.actions));
            done = edit.apply(wanted);
        }
        if (!done && !flow.is_remove()) note_refusal(flow, done.error(), now);
    }
    if (!done) return openflow::refuse(to_error(done.error()));
    return {};
}

OfResult<> OfSwitch::apply_all(openflow::ChangeSource& changes, GroupsBefore& groups,
                               pipeline::TablesEdit& edit, Time now) {
    last_.kind = 0;
    while (const auto change = TRY(changes.next())) {
        if (const auto* const* group = std::get_if<const openflow::GroupMod*>(&*change))
            note_groups(**group, groups);
        TRY(apply(*change, changes.kind(), edit, now));
    }
    return {};
}

OfResult<> OfSwitch::change_tables(openflow::ChangeSource& changes, const openflow::Requester& from,
                                   Time now) {
    if (changes.removes()) settle_statistics();  // their final counts are told
    const obs::HeapScope heap(obs::HeapUse::rules);
    HistoryStep step{.when = now, .source = HistoryStep::Source::controller};
    GroupsBefore groups;
    OfResult<> done;
    {
        pipeline::TablesEdit edit(*bridge_.tables, now);
        edit.reserve(changes.at_most());
        done = apply_all(changes, groups, edit, now);
        if (!done && !changes.one_by_one()) return done;
        step.events = edit.publish();
    }
    step.groups = since(groups);
    if (done || !step.empty()) calls_.tables_changed(std::move(step), from);
    return done;
}

void OfSwitch::settle_statistics() const {
    if (backer_.cache().twins().size() <= settle_limit) backer_.revalidator().push_statistics();
}

OfResult<std::unique_ptr<openflow::FlowCursor>> OfSwitch::flows(const openflow::FlowQuery& query) const {
    if (query.table > pipeline::internal_table && query.table != openflow::all_tables)
        return openflow::refuse(OfError::brc_bad_table_id);
    pipeline::RuleFilter filter = to_filter(query);
    TRY(place_options(filter.match));
    settle_statistics();
    return std::make_unique<RuleCursor>(backer_.state(), bridge_.tables, std::move(filter));
}

openflow::TableMoment OfSwitch::moment(Time now) const { return {bridge_.tables->versions().current(), now}; }

std::unique_ptr<openflow::FlowCursor> OfSwitch::flows_since(uint64_t version) const {
    return std::make_unique<RuleCursor>(backer_.state(), bridge_.tables, pipeline::RuleFilter{}, version);
}

OfResult<openflow::AggregateStats> OfSwitch::aggregate(const openflow::FlowQuery& query) const {
    if (query.table > pipeline::internal_table && query.table != openflow::all_tables)
        return openflow::refuse(OfError::brc_bad_table_id);
    pipeline::RuleFilter filter = to_filter(query);
    TRY(place_options(filter.match));
    settle_statistics();
    openflow::AggregateStats out;
    const pipeline::Snapshot snapshot = backer_.state().snapshot();
    bridge_.tables->visit(filter, snapshot.version(), [&](const pipeline::RulePtr& rule) {
        out.packets += rule->cell().packets();
        out.bytes += rule->cell().bytes();
        ++out.flows;
    });
    return out;
}

namespace {

/// The actions of a packet-out, if they make sense for its packet.
OfResult<action::Actions> actions_for(const openflow::PacketOut& out, const flow::FlowKey& packet,
                                      openflow::Version version) {
    flow::Match exactly{.key = packet};
    std::ranges::fill(flow::words(exactly.mask), ~uint64_t{0});
    action::Actions actions = out.actions;
    const bool consistent = TRY(action::check(actions, {.match = exactly}));
    if (!consistent && version > openflow::Version::v10)
        return openflow::refuse(OfError::bac_match_inconsistent);
    return actions;
}

}  // namespace

OfResult<> OfSwitch::inject(const pipeline::Request& request, packet::Packet packet, Time now) {
    const Member* member = std::as_const(bridge_).find(request.key.of_in_port());
    flow::FlowKey dp_key = key_of_packet(packet);
    dp_key.set_in_port(member ? member->dp_port : dp_none);
    const pipeline::Snapshot snapshot = backer_.state().snapshot();
    pipeline::Translation t = pipeline::translate(snapshot, request);
    if (t.failed) return openflow::refuse(OfError::fmfc_unknown);
    for (auto& punt : t.punts) backer_.cache().punts().add(punt, now);
    backer_.cache().play(t.effects, {1, packet.size(), now, true});
    packet.in_port = dp_key.dp_in_port();
    backer_.datapath().execute(std::move(packet), dp_key,
                               std::make_shared<const action::dp::Actions>(std::move(t.actions)));
    return {};
}

OfResult<> OfSwitch::packet_out(const openflow::PacketOut& out, const openflow::Requester& from, Time now) {
    const OfPort in_port = out.in_port();
    if (!valid_in_port(in_port)) return openflow::refuse(OfError::brc_bad_port);
    packet::Packet packet = packet::Packet::copy_of(out.packet);
    flow::FlowKey key = key_of_packet(packet);
    flow::Match metadata = out.metadata;
    TRY(place_options(metadata));
    overlay(key, metadata);
    key.set_in_port(in_port);
    const size_t size = packet.size();
    action::Actions actions = TRY(actions_for(out, key, from.version));
    TRY(action::place_options(actions, bridge_.tlvs.layout()));
    TRY(check_uses(actions));
    return inject({.key = key, .bridge = bridge_.id, .packet_len = size, .actions = &actions},
                  std::move(packet), now);
}

OfResult<> OfSwitch::resume(const openflow::PacketIn& paused, Time now) {
    auto state = pipeline::decode_frozen(paused.continuation);
    if (!state || state->bridge != bridge_.config.row) return openflow::refuse(OfError::nxr_stale);
    TRY(action::place_options(state->action_set, bridge_.tlvs.layout()));
    for (auto& frame : state->frames) TRY(action::place_options(frame.actions, bridge_.tlvs.layout()));
    packet::Packet packet = packet::Packet::copy_of(paused.packet);
    flow::FlowKey key = key_of_packet(packet);
    key.set_in_port(state->in_port);
    // The controller may have changed what the packet carries beside its bytes.
    flow::FlowKey told{};
    overlay(told, paused.metadata);
    state->pipe.metadata = told.pipe.metadata;
    std::ranges::copy(told.pipe.regs, state->pipe.regs);
    const size_t size = packet.size();
    return inject({.key = key, .bridge = bridge_.id, .packet_len = size, .resume = &*state},
                  std::move(packet), now);
}

}  // namespace weft::bridge
