// SPDX-License-Identifier: Apache-2.0
// Engine's list of actions: one operator for each, so that a missing one does not compile.
#include <algorithm>

#include "dp/core/edit.h"
#include "dp/core/engine.h"
#include "dp/core/flow_hash.h"
#include "dp/core/offload.h"

namespace weft::dp {

namespace act = action::dp;

namespace {

/// On the wire: of a super-packet, that of its segments.
uint32_t frame_length(const packet::Packet& p) {
    const bool is_super = p.offload.gso != packet::Gso::none && p.offload.header_size;
    return is_super ? std::min<uint32_t>(p.size(), p.offload.header_size + p.offload.gso_size) : p.size();
}

/// What the sender left to the hardware must be done before the headers it is about are out of reach.
bool hides_headers(const act::Action& a) {
    return std::holds_alternative<act::PushNsh>(a.v) || std::holds_alternative<act::AddMpls>(a.v) ||
           std::holds_alternative<act::PopEth>(a.v);
}
bool has_work_left(const packet::Packet& p) {
    return p.offload.gso != packet::Gso::none || p.offload.csum == packet::Csum::partial;
}

}  // namespace

/// Runs one action; false: the packet is used up.
struct ActionRunner {
    Engine& engine;
    Engine::Cursor& cursor;

    bool operator()(const act::Output& a) const {
        engine.output(a.port, cursor);
        return true;
    }
    bool operator()(const act::Userspace& a) const {
        engine.punt(cursor, a);
        cursor.cut = 0;
        return true;
    }
    bool operator()(const act::SetSkbMark& a) const {
        cursor.meta.mark = (cursor.meta.mark & ~a.mask) | (a.value & a.mask);
        return true;
    }
    bool operator()(const act::SetSkbPriority& a) const {
        cursor.meta.priority = a.value;
        return true;
    }
    bool operator()(const act::Trunc& a) const {
        // What is pushed or popped before the output comes on top, as in Open vSwitch.
        cursor.cut = cursor.packet->size() - std::min(cursor.packet->size(), a.max_len);
        return true;
    }
    bool operator()(const act::Clone& a) const { return nested(*a.actions); }
    bool operator()(const act::Sample& a) const {
        return static_cast<uint32_t>(engine.prng_.next()) > a.probability || nested(*a.actions);
    }
    bool operator()(const act::Recirc& a) const {
        engine.recirculate(cursor, a.id);
        return false;
    }
    bool operator()(const act::Hash& a) const {
        engine.extract(*cursor.packet, cursor.meta);
        cursor.meta.dp_hash = flow_hash(engine.key_->packet, a);
        return true;
    }
    bool operator()(const act::Meter& a) const { return engine.admit(a.id, cursor); }
    bool operator()(const act::CheckPktLen& a) const {
        return nested(frame_length(*cursor.packet) > a.size ? *a.greater : *a.less_equal);
    }
    /// There is no connection tracker yet; what needs one goes no further.
    bool operator()(const act::Ct&) const {
        engine.drop(Drop::conntrack, cursor);
        return false;
    }
    bool operator()(const act::CtClear&) const { return true; }
    bool operator()(const act::Drop& a) const {
        engine.drop(Drop::explicit_drop, cursor, a.reason);
        return false;
    }
    /// All others rewrite the frame.
    template <class Edit>
    bool operator()(const Edit& a) const {
        if (cursor.lent) {
            cursor.packet = &engine.keep(cursor.packet->clone());
            cursor.lent = false;
        }
        edit(*cursor.packet, a);
        return true;
    }

  private:
    bool nested(const act::Actions& actions) const {
        // The copy is made only if one of the two sides changes the frame.
        Engine::Cursor copy = cursor;
        copy.lent = cursor.lent = true;
        engine.run(actions, copy);
        return true;
    }
};

void Engine::run(std::span<const act::Action> actions, Cursor& cursor) {
    if (actions.size() == 1)  // most often just that
        if (const auto* only = std::get_if<act::Output>(&actions[0].v)) return output(only->port, cursor);
    if (actions.empty()) {
        if (shared_.samples.take(Drop::flow)) show(Drop::flow, *cursor.packet, *key_, 0);
        return;
    }
    for (size_t i = 0; i < actions.size(); ++i) {
        if (hides_headers(actions[i]) && has_work_left(*cursor.packet)) [[unlikely]]
            return run_on_frames(actions.subspan(i), cursor);
        if (!std::visit(ActionRunner{*this, cursor}, actions[i].v)) return;
    }
}

/// The copy of a packet that goes on in the kernel, or was dropped by a meter there; it was counted there.
/// Whether a sample is taken was decided there too.
void Engine::run_part(const Flow* flow, Cursor& cursor) {
    const size_t at = cursor.meta.part - 1u;
    const act::Action* action = flow && at < flow->actions().size() ? &flow->actions()[at] : nullptr;
    if (const auto* meter = action ? std::get_if<act::Meter>(&action->v) : nullptr) {
        if (shared_.samples.take(Drop::meter)) show(Drop::meter, *cursor.packet, *key_, meter->id);
        return;
    }
    const auto* sample = action ? std::get_if<act::Sample>(&action->v) : nullptr;
    if (!sample && !(action && std::holds_alternative<act::Userspace>(action->v))) {
        EngineCounters::add(counters_.lost);  // the flow has changed meanwhile
        return drop(Drop::upcall_lost, cursor);
    }
    if (cursor.meta.needs_help && !may_be_helped(cursor)) return;
    run(sample ? std::span(*sample->actions) : std::span(action, 1), cursor);
}

void Engine::run_on_frames(std::span<const act::Action> actions, Cursor& cursor) {
    const auto run_on = [&](packet::Packet&& one) {
        one.l3_type = cursor.packet->l3_type;
        one.in_port = cursor.meta.in_port;
        Cursor own{.packet = &keep(std::move(one)), .meta = cursor.meta, .depth = cursor.depth};
        run(actions, own);
    };
    if (!segment(*cursor.packet, run_on)) drop(Drop::offload, cursor);
}

}  // namespace weft::dp
