// SPDX-License-Identifier: Apache-2.0
#include "pipeline/translator.h"

#include <algorithm>
#include <utility>

#include "pipeline/describe.h"
#include "pipeline/final_mask.h"

namespace weft::pipeline {

using flow::FlowKey;
using flow::PacketBlock;

namespace {

flow::LookupPlant lookup_plant(Plant plant) {
    switch (plant) {
        case Plant::stage_forgets_word:
            return flow::LookupPlant::stage_forgets_word;
        case Plant::trie_forgets_bit:
            return flow::LookupPlant::trie_forgets_bit;
        case Plant::conjunction_forgets:
            return flow::LookupPlant::conjunction_forgets;
        default:
            return {};
    }
}

FlowKey without_action_set(const FlowKey& packet) {
    FlowKey key = packet;
    key.pipe.actset_output = no_output;
    return key;
}

/// What has this prerequisite lies behind MPLS labels.
bool is_below_labels(flow::Prereq p) {
    using flow::Prereq;
    return p != Prereq::none && p != Prereq::ethernet && p != Prereq::vlan && p != Prereq::mpls;
}

}  // namespace

Translator::Translator(const Snapshot& snapshot, const Request& request, Translation& out)
    : snapshot_(snapshot),
      request_(request),
      out_(out),
      packet_(request.key),
      view_(without_action_set(request.key)),
      base_(view_.key_for_lookup()),
      original_priority_(request.key.packet.skb_priority),
      trace_(request.trace) {}

void Translator::run() {
    if (request_.resume || packet_.packet.recirc_id.host()) {
        const RecircPtr found =
            request_.resume ? nullptr : snapshot_.recirc().find(packet_.packet.recirc_id.host());
        const Frozen* frozen = request_.resume ? request_.resume : found ? &found->state : nullptr;
        thawed_ = true;
        if (frozen)
            resume(*frozen);
        else
            fail(Drop::no_recirculation_context, "no recirculation data for recirc_id");
        return finish();
    }
    bridge_ = snapshot_.config().bridge(request_.bridge);
    if (!bridge_) {
        fail(Drop::bridge_not_found, "bridge not found");
        return finish();
    }
    if (trace_) trace_ = &trace_->add(obs::TraceKind::bridge, bridge_title(*bridge_));
    const OfPort in_port = view_.key_for_lookup().of_in_port();
    if (request_.actions) {
        in_packet_out_ = true;
        execute(*request_.actions);
        in_packet_out_ = false;
        if (freeze_ == Freeze::no) run_action_set();
    } else {
        may_execute_ = may_receive(in_port);
        look_up_and_run(in_port, 0, OnMiss::as_table_says);
        may_execute_ = true;
        if (freeze_ == Freeze::no) run_action_set();  // in the name of the first rule
    }
    end_stretch();
    finish();
}

std::string Translator::told_lookup(const Rule* rule) const {
    if (!request_.trace_names) return describe_lookup(table_, rule, *bridge_->tables);
    const flow::PortNames names = port_names(*bridge_);
    return describe_lookup(table_, rule, *bridge_->tables, &names);
}

std::string Translator::told_action(const action::Action& a) const {
    if (!request_.trace_names) return describe(a);
    const flow::PortNames names = port_names(*bridge_);
    return describe(a, &names);
}

bool Translator::may_receive(OfPort in_port) {
    namespace pc = port_config;
    did_read(ReadPort{bridge_->id, in_port});
    const Port* port = bridge_->port(in_port);
    if (!port) return true;  // a packet-out or trace may come from nowhere
    if (port->config & (pc::no_recv | pc::no_recv_stp)) {
        const bool is_stp = read(&PacketBlock::eth_dst).to_u64() == 0x0180'c200'0000;
        if (port->config & (is_stp ? pc::no_recv_stp : pc::no_recv)) {
            refuse(Drop::no_recv, "");
            return false;
        }
    }
    if (port->stp_forward || port->stp_learn) return true;
    refuse(Drop::forwarding_disabled, "");
    return false;
}

void Translator::run_action_set() {
    if (error_ != Drop::none || action_set_.empty()) return;
    const action::Actions actions = action_set_.in_order();
    action_set_.clear();
    if (actions.empty()) return;
    in_action_set_ = true;
    obs::TraceNode* const outer = trace_;
    if (trace_) trace_ = &trace_->add(obs::TraceKind::table, "--. Executing action set:");
    execute(actions);
    trace_ = outer;
    in_action_set_ = false;
}

void Translator::execute(std::span<const action::Action> actions) {
    obs::TraceNode* const here = trace_;
    const bool more = more_;
    for (size_t i = 0; i < actions.size(); ++i) {
        if (stopped() || list_ended_) break;
        more_ = more || i + 1 < actions.size() || !action_set_.empty();
        const size_t effects = out_.effects.size();
        if (here) trace_ = &here->add(obs::TraceKind::action, told_action(actions[i]));
        trace_parent_ = here;
        rest_ = actions.subspan(i + 1);
        std::visit([this](const auto& kind) { apply(kind, *this); }, actions[i].v);
        if (freeze_ == Freeze::no) continue;
        const bool again = freeze_ == Freeze::with_this || freeze_ == Freeze::instead_of_this;
        if (again) out_.effects.resize(std::min(effects, out_.effects.size()));
        if (here && freeze_ == Freeze::instead_of_this) here->children.pop_back();
        keep_rest(actions.subspan(again ? i : i + 1));
    }
    trace_ = here;
    more_ = more;
    list_ended_ = false;
}

// ---- the packet
// ----------------------------------------------------------------------------------------------------

bool Translator::is_ip() {
    const uint16_t type = read(&PacketBlock::eth_type).host();
    return type == 0x0800 || type == 0x86dd;
}

bool Translator::holds(flow::Prereq prereq) {
    using flow::Prereq;
    switch (prereq) {
        case Prereq::none:
        case Prereq::ethernet:  // always matched
            break;
        case Prereq::vlan:
            read_field({flow::FieldId::vlan_tci, 12, 1});
            break;
        case Prereq::mpls:
            read(&PacketBlock::eth_type);
            break;
        case Prereq::nd:
        case Prereq::nd_solicit:
        case Prereq::nd_advert:
            read(&PacketBlock::tp_src);
            read(&PacketBlock::tp_dst);
            [[fallthrough]];
        case Prereq::tcp:
        case Prereq::udp:
        case Prereq::sctp:
        case Prereq::icmpv4:
        case Prereq::icmpv6:
            read(&PacketBlock::nw_proto);
            if (is_ip() && (read(&PacketBlock::nw_frag) & flow::frag_later)) return false;
            [[fallthrough]];
        default:
            if (!inner_known()) return false;
            read(&PacketBlock::eth_type);
    }
    return flow::prereq_holds(prereq, view_.key_for_lookup());
}

flow::FieldValue Translator::read_field(flow::Subfield src) {
    if (inner_unknown_ && is_below_labels(flow::field(src.field).prereq)) inner_known();
    if (planted(Plant::move_forgets_source)) return flow::get_bits(view_.key_for_lookup(), src);
    return view_.read(src);
}

void Translator::write_field(flow::Subfield dst, const flow::FieldValue& value) {
    if (holds(flow::field(dst.field).prereq)) view_.write(dst, value);
}

// ---- tables
// --------------------------------------------------------------------------------------------------------

void Translator::look_up_and_run(OfPort in_port, uint8_t table, OnMiss on_miss) {
    table_ = table;
    const RulePtr rule = look_up(in_port, on_miss);
    obs::TraceNode* const outer = trace_;
    if (trace_) trace_ = &trace_->add(obs::TraceKind::table, told_lookup(rule.get()));
    note_lookup(rule);
    if (rule) {
        effect(CountRule{rule});
        run_rule(rule);
    } else {
        tell(obs::TraceKind::action, [] { return std::string("drop"); });
    }
    trace_ = outer;
}

RulePtr Translator::look_up(OfPort in_port, OnMiss on_miss) {
    // The port given counts for the lookup only: output and NORMAL go by the packet's own.
    const OfPort own = view_.key_for_lookup().of_in_port();
    view_.write(&PacketBlock::in_port, Be32(in_port.value));
    RulePtr rule;
    if (bridge_->fragments == Fragments::drop && is_ip() && read(&PacketBlock::nw_frag)) {
        refuse(Drop::fragment, "");
        rule = bridge_->tables->drop_fragments_rule();
    }
    for (; !rule; ++table_) {
        // There is no table 255, but goto_table may name it, as in Open vSwitch: nothing is found there.
        const bool is_table = table_ < n_tables;
        if (is_table) rule = look_up_in(table_);
        if (rule || on_miss == OnMiss::drop) break;
        const Miss miss = is_table ? bridge_->tables->miss(table_) : Miss::as_connected;
        did_read(ReadBridge{bridge_->id});
        if (miss == Miss::next_table && table_ + 1 < internal_table) continue;
        const bool up = miss == Miss::controller || miss == Miss::next_table ||
                        (miss == Miss::as_connected && bridge_->miss_to_controller);
        rule = missed(in_port, up);
        break;
    }
    view_.write(&PacketBlock::in_port, Be32(own.value));
    return rule;
}

RulePtr Translator::missed(OfPort in_port, bool to_controllers) {
    const Tables& tables = *bridge_->tables;
    if (!to_controllers) return tables.no_packet_in_rule();
    did_read(ReadPort{bridge_->id, in_port});
    const Port* port = bridge_->port(in_port);
    return port && (port->config & port_config::no_packet_in) ? tables.no_packet_in_rule()
                                                              : tables.miss_rule();
}

TableKey Translator::table_key(const flow::FlowView& view) {
    const flow::FlowKey& key = view.key_for_lookup();
    TableKey out{.metadata = key.pipe.metadata, .in_port = key.of_in_port()};
    out.no_registers = std::ranges::all_of(key.pipe.regs, [](Be32 r) { return !r; });
    const auto written = flow::words(view.written());
    for (size_t i = 0; i < flow::packet_words; ++i)
        out.written |= uint32_t{written[flow::packet_word + i] != 0} << i;
    return out;
}

RulePtr Translator::look_up_in(uint8_t table) {
    const Tables& tables = *bridge_->tables;
    const Version version = snapshot_.version() - planted(Plant::stale_version);
    Lookup found;
    TableKey key;
    if (planted(Plant::lookup_forgets_mask)) {
        flow::FlowView blind = view_;
        found = tables.lookup(table, version, blind);
    } else if (bridge_->fragments != Fragments::nx_match && is_ip() &&
               (view_.read(&PacketBlock::nw_frag) & flow::frag_any)) {
        // Rules must not tell the first fragment, which has ports, from the others.
        flow::FlowView portless = view_;
        portless.write(&PacketBlock::tp_src, Be16());
        portless.write(&PacketBlock::tp_dst, Be16());
        key = table_key(portless);
        found = tables.lookup(table, version, portless, lookup_plant(request_.plant));
        view_.observe_original(portless.mask());
    } else {
        key = table_key(view_);
        found = tables.lookup(table, version, view_, lookup_plant(request_.plant));
    }
    effect(CountTable{bridge_->tables, table, found.rule != nullptr});
    if (found.rule && planted(Plant::conjunction_floor)) found.floor = found.rule->priority();
    if (found.rule || !planted(Plant::reads_forget_misses))
        did_read(ReadTable{bridge_->id, table, found.floor, key});
    return found.rule;
}

void Translator::run_rule(const RulePtr& rule) {
    if (!may_execute_) return;
    if (rule->actions().empty()) {
        tell(obs::TraceKind::action, [] { return std::string("drop"); });
        return;
    }
    RulePtr outer = rule;
    std::swap(rule_, outer);
    const bool in_group = std::exchange(in_group_, false);
    execute(rule->actions());
    in_group_ = in_group;
    // The first rule of a bridge stays: the action set at the end runs in its name.
    if (outer || in_packet_out_ || thawed_) rule_ = std::move(outer);
}

// ---- clone and patch
// -----------------------------------------------------------------------------------------------

/// What a clone leaves as it was. The mask is not part of it: what the clone looked at, the result depends
/// on.
struct Translator::Saved {
    flow::FlowView view;
    NewHeaders headers;
    std::vector<flow::FieldValue> stack;
    ActionSet action_set;
    const Bridge* bridge;
    RulePtr rule;
    uint8_t table;
    bool exit, in_action_set, in_packet_out, inner_unknown;
};

Translator::Saved Translator::save() {
    if (headers_.pending != NewHeaders::Pending::none) commit();  // once, not for each of the two
    return {view_,  headers_, stack_,         action_set_,    bridge_,       rule_,
            table_, exit_,    in_action_set_, in_packet_out_, inner_unknown_};
}

void Translator::restore(Saved&& s) {
    if (!planted(Plant::clone_forgets_mask)) s.view.observe_original(view_.mask());
    view_ = s.view;
    headers_ = std::move(s.headers);
    stack_ = std::move(s.stack);
    action_set_ = std::move(s.action_set);
    bridge_ = s.bridge;
    rule_ = std::move(s.rule);
    table_ = s.table;
    in_action_set_ = s.in_action_set;
    in_packet_out_ = s.in_packet_out;
    inner_unknown_ = s.inner_unknown;
}

void Translator::in_clone(const std::function<void()>& body) {
    obs::TraceNode* const outer = trace_;
    trace_ = trace_parent_;  // a clone's actions stand beside it
    Saved saved = save();
    in_stretch([&] {
        body();
        // What the action set holds by now is carried out on the clone.
        const bool exited = exit_;
        if (freeze_ == Freeze::no) run_action_set();
        exit_ = exit_ || exited;
    });
    restore(std::move(saved));
    trace_ = outer;
}

void Translator::bucket(const action::Bucket& bucket, bool is_last) {
    if (stopped()) return;
    const bool more = std::exchange(more_, more_ || !is_last);
    obs::TraceNode* const outer = trace_;
    obs::TraceNode* const parent = trace_parent_;
    if (parent) trace_ = &parent->add(obs::TraceKind::bucket, "bucket " + std::to_string(bucket.id));
    Saved saved = save();
    ActionSet set;
    set.write(bucket.actions);
    const bool in_group = std::exchange(in_group_, true);
    in_stretch([&] {
        ++depth_;
        execute(set.in_order());
        --depth_;
    });
    in_group_ = in_group;
    more_ = more;
    saved.action_set = std::move(action_set_);  // what tables it went to have written is the packet's
    restore(std::move(saved));
    exit_ = false;
    // What cannot be done to the bucket's packet is not the others' fault.
    if (error_ == Drop::unsupported_packet_type) refuse(std::exchange(error_, Drop::none), "");
    trace_ = outer;
    trace_parent_ = parent;
}

void Translator::enter_bridge(const Bridge& bridge, const Port& port) {
    bridge_ = &bridge;
    table_ = 0;
    rule_.reset();
    stack_.clear();
    action_set_.clear();
    exit_ = in_action_set_ = in_packet_out_ = false;
    flow::PipelineBlock fresh{};
    fresh.actset_output = no_output;
    view_.write_block(&FlowKey::pipe, fresh);
    view_.write_block(&FlowKey::tunnel, flow::TunnelBlock{});
    view_.write_block(&FlowKey::ct, flow::CtBlock{});
    view_.write(&PacketBlock::in_port, Be32(port.number.value));
}

void Translator::send_to_patch(const Port& port) {
    const Bridge* peer_bridge = snapshot_.config().bridge(port.peer->bridge);
    const Port* peer = peer_bridge ? peer_bridge->port(port.peer->port) : nullptr;
    did_read(ReadPort{port.peer->bridge, port.peer->port});
    if (!peer) return refuse(Drop::invalid_port, "Nonexistent output port");
    effect(CountPatch{port.counters, peer->counters});

    obs::TraceNode* const outer = trace_;
    Saved saved = save();
    enter_bridge(*peer_bridge, *peer);
    if (trace_) trace_ = &trace_->add(obs::TraceKind::bridge, bridge_title(*bridge_));
    in_stretch([&] {
        may_execute_ = may_receive(peer->number);
        descend(peer->number, 0, OnMiss::as_table_says);
        may_execute_ = true;
        if (freeze_ == Freeze::no) run_action_set();
    });
    // What goes wrong over there ends there, but what was sent stays sent.
    const bool exited = saved.exit;
    if (refused_ == Drop::none) refused_ = error_;
    error_ = Drop::none;
    restore(std::move(saved));
    exit_ = exited;
    trace_ = outer;
}

// ---- the end
// -------------------------------------------------------------------------------------------------------

void Translator::finish() {
    unwrap_last(out_.actions);
    if (error_ != Drop::none) {
        out_.actions.clear();
        out_.recircs.clear();
        out_.punts.clear();
        out_.nf_output.reset();
        out_.drop = error_;
        out_.failed = true;
    } else if (out_.actions.empty()) {
        out_.drop = refused_ != Drop::none ? refused_ : looked_up_;
        if (refused_ == Drop::none) out_.drop_site = looked_up_at_;
    } else if (refused_ == Drop::ttl_expired && !sent_ && out_.recircs.empty()) {
        out_.drop = refused_;  // though the controllers are told
    }
    out_.final_key = view_.key_for_lookup();
    out_.mask = final_mask(packet_, view_.mask(), request_.plant);
}

}  // namespace weft::pipeline
