// SPDX-License-Identifier: Apache-2.0
// Stopping a translation half way, and going on with one that was stopped.
#include <cstring>

#include "action/text.h"
#include "pipeline/describe.h"
#include "pipeline/translator.h"

namespace weft::pipeline {

using flow::FlowKey;
using flow::PacketBlock;

namespace {

const Bridge* bridge_of(const Config& config, const Uuid& uuid) {
    for (const auto& [id, bridge] : config.bridges)
        if (bridge->uuid == uuid) return bridge.get();
    return nullptr;
}

std::string unroll(const Frozen::Frame& f) {
    return "unroll_xlate(table=" + std::to_string(f.table) + ", cookie=" + describe_cookie(f.cookie) + ")";
}

}  // namespace

void Translator::freeze(Resume from) {
    freeze_ = from == Resume::after_this ? Freeze::after_this : Freeze::with_this;
}

bool Translator::inner_known() {
    if (!inner_unknown_) return true;
    if (freeze_ == Freeze::no) freeze_ = Freeze::instead_of_this;
    return false;
}

void Translator::keep_rest(std::span<const action::Action> rest) {
    freeze_ = Freeze::outside;
    if (!rest.empty())
        frames_.push_back({table_, cookie(), in_action_set_, action::Actions(rest.begin(), rest.end())});
}

/// What the datapath will not give back: it depends on the packet as it came.
void Translator::keep_overwritten(Frozen& out) {
    constexpr auto priority = &PacketBlock::skb_priority;
    if (priority_kept_ || (view_.written().packet.*priority).raw()) {
        if (!priority_kept_) view_.observe_original(priority, be_max<Be32>);
        out.priority = original_priority_;
    }
    if (view_.written().tunnel == flow::TunnelBlock{}) return;
    flow::FlowMask tunnel{};
    std::memset(&tunnel.tunnel, 0xff, sizeof tunnel.tunnel);
    view_.observe(tunnel);
    out.tunnel = view_.key_for_lookup().tunnel;
}

Frozen Translator::state() {
    const FlowKey& key = view_.key_for_lookup();
    Frozen out;
    out.bridge = bridge_->uuid;
    out.in_port = key.of_in_port();
    out.pipe = key.pipe;
    if (planted(Plant::frozen_forgets_register)) out.pipe.regs[0] = {};
    keep_overwritten(out);
    out.stack = stack_;
    out.action_set = action_set_.written();
    out.cookie = cookie();
    out.packet_out = in_packet_out_;
    out.hashed = hashed_ || hash_;
    out.frames = std::move(frames_);
    return out;
}

/// The end of a stretch that may have been frozen: the packet as it is by now leaves, to come back.
void Translator::end_stretch() {
    if (freeze_ == Freeze::no) return;
    freeze_ = Freeze::no;
    Frozen frozen = state();
    frames_.clear();
    if (error_ != Drop::none) return;
    if (pause_ && !is_ethernet())  // what a controller sends back is read as a frame
        return fail(Drop::unsupported_packet_type,
                    "dropping packet without an Ethernet header that cannot be paused");
    if (pause_) {
        const ToController what = *pause_;
        pause_.reset();
        frozen.paused = true;
        if (trace_ && !request_.with_packet) return;  // as Open vSwitch tells it
        return to_controller(what, encode(frozen));
    }
    commit();
    if (hash_) add(*std::exchange(hash_, std::nullopt));
    RecircPtr recirculation = snapshot_.recirc().intern(frozen);
    add(action::dp::Recirc{recirculation->id});
    out_.recircs.push_back(std::move(recirculation));
}

void Translator::in_stretch(const std::function<void()>& body) {
    const size_t at = out_.actions.size();
    const FlowKey base = base_;
    const NewHeaders headers = headers_;
    const bool known = !inner_unknown_;
    body();
    if (freeze_ == Freeze::no && headers_.n_committed == headers.n_committed) return;
    if (freeze_ != Freeze::no) end_stretch();
    base_ = base;
    headers_ = headers;
    inner_unknown_ = !known;
    // What follows goes on with the packet as it was: the stretch needs a copy of its own.
    auto copy = std::make_shared<action::dp::Actions>();
    for (size_t i = at; i < out_.actions.size(); ++i) copy->push_back(std::move(out_.actions[i]));
    out_.actions.erase(out_.actions.begin() + static_cast<ptrdiff_t>(at), out_.actions.end());
    unwrap_last(*copy);
    add(action::dp::Clone{std::move(copy)});
}

/// A copy for what is done last serves nobody.
void Translator::unwrap_last(action::dp::Actions& actions) {
    if (actions.empty()) return;
    const auto* clone = std::get_if<action::dp::Clone>(&actions.back().v);
    if (!clone || clone->actions->empty()) return;
    if (!std::holds_alternative<action::dp::Recirc>(clone->actions->back().v)) return;
    const auto inside = clone->actions;
    actions.pop_back();
    actions.insert(actions.end(), inside->begin(), inside->end());
}

void Translator::resume(const Frozen& frozen) {
    bridge_ = bridge_of(snapshot_.config(), frozen.bridge);
    if (!bridge_) return fail(Drop::bridge_not_found, "bridge not found");
    if (trace_) trace_ = &trace_->add(obs::TraceKind::bridge, bridge_title(*bridge_));
    restore(frozen);
    tell_thaw(frozen);
    for (const auto& frame : frozen.frames) {
        if (stopped()) break;
        table_ = frame.table;
        thawed_cookie_ = frame.cookie;
        in_action_set_ = frame.in_action_set;
        tell(obs::TraceKind::action, [&] { return unroll(frame); });
        tell(obs::TraceKind::action, [&] {
            return "restored state: table=" + std::to_string(frame.table) +
                   ", cookie=" + describe_cookie(frame.cookie);
        });
        more_ = &frame != &frozen.frames.back();
        execute(frame.actions);
        // Frames further out that did not get their turn wait with this one.
        if (freeze_ != Freeze::no) {
            const auto at = &frame - frozen.frames.data() + 1;
            frames_.insert(frames_.end(), frozen.frames.begin() + at, frozen.frames.end());
        }
    }
    more_ = in_action_set_ = false;
    thawed_cookie_ = frozen.cookie;
    if (freeze_ == Freeze::no) run_action_set();
    end_stretch();
}

void Translator::restore(const Frozen& frozen) {
    view_.write_block(&FlowKey::pipe, frozen.pipe);
    if (frozen.tunnel) view_.write_block(&FlowKey::tunnel, *frozen.tunnel);
    view_.write(&PacketBlock::in_port, Be32(frozen.in_port.value));
    base_ = view_.key_for_lookup();
    priority_kept_ = frozen.priority.has_value();
    if (frozen.priority) original_priority_ = *frozen.priority;
    stack_ = frozen.stack;
    action_set_.write(frozen.action_set);
    in_packet_out_ = frozen.packet_out;
    hashed_ = frozen.hashed;
}

void Translator::tell_thaw(const Frozen& frozen) {
    if (!trace_) return;
    const uint8_t table = frozen.frames.empty() ? uint8_t{0} : frozen.frames.front().table;
    trace_->add(obs::TraceKind::plain, "thaw");
    trace_->add(obs::TraceKind::plain, "        Resuming from table " + std::to_string(table));
    std::string list;
    for (const auto& f : frozen.frames)
        list += (list.empty() ? "" : ",") + unroll(f) + "," + action::to_text(f.actions);
    if (!list.empty()) trace_->add(obs::TraceKind::plain, "    Restoring actions: " + list);
}

}  // namespace weft::pipeline
