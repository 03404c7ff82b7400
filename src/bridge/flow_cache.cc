// SPDX-License-Identifier: Apache-2.0
#include "bridge/flow_cache.h"

#include <algorithm>

#include "flow/field.h"
#include "obs/heap.h"
#include "pipeline/describe.h"

namespace weft::bridge {

namespace {

constexpr int max_mac_sum_bridges = 4096;

bool is_controller(const action::dp::Userspace* u) {
    return u && u->reason == action::dp::PuntReason::controller;
}

uint64_t mac_changes(std::span<const pipeline::Effect> effects) {
    uint64_t sum = 0;
    for (const auto& effect : effects)
        if (const auto* learn = std::get_if<pipeline::LearnMac>(&effect)) sum += learn->macs->changes();
    return sum;
}

/// A thread's translation, kept for its memory. What it held on to is let go with the object.
class SpareTranslation {
  public:
    SpareTranslation() : own_(std::move(kept)) {
        if (!own_) own_ = std::make_unique<pipeline::Translation>();
    }
    ~SpareTranslation() {
        own_->clear();
        kept = std::move(own_);
    }
    SpareTranslation(const SpareTranslation&) = delete;
    SpareTranslation& operator=(const SpareTranslation&) = delete;
    pipeline::Translation& operator*() const { return *own_; }

  private:
    static thread_local std::unique_ptr<pipeline::Translation> kept;
    std::unique_ptr<pipeline::Translation> own_;
};
thread_local std::unique_ptr<pipeline::Translation> SpareTranslation::kept;

}  // namespace

Stamp FlowCache::stamp_of(const pipeline::Snapshot& snapshot) {
    Stamp stamp{snapshot.version(), snapshot.generation(), 0};
    int n = 0;
    for (const auto& [id, bridge] : snapshot.config().bridges) {
        if (bridge->macs) stamp.macs += bridge->macs->changes();
        if (++n == max_mac_sum_bridges) break;
    }
    return stamp;
}

flow::FlowMask exact_mask(const flow::FlowKey& key) {
    flow::FlowMask mask{};
    for (const flow::Field& f : flow::fields()) {
        if (f.bit_offset / 64 < flow::tunnel_word || !flow::prereq_holds(f.prereq, key)) continue;
        flow::set_field(mask, f.id, flow::FieldValue::ones(f.n_bits));
    }
    return mask;
}

std::unique_ptr<Twin> FlowCache::make_twin(dp::FlowId id, pipeline::Translation& t, DpPort in_port) {
    auto twin = std::make_unique<Twin>();
    twin->id = id;
    twin->drop = drop_of(t, in_port);
    twin->outcome = outcome_of(t);
    return twin;
}

DropCounters::CellPtr FlowCache::drop_of(const pipeline::Translation& t, DpPort in_port) {
    return t.slow || t.drop == pipeline::Drop::none ? nullptr : drops_.cell(t.drop, in_port);
}

FlowOutcomePtr FlowCache::outcome_of(pipeline::Translation& t) {
    FlowOutcome out;
    // Lent: if there is such an outcome already, nothing is copied.
    const auto swap_lists = [&] {
        if (!t.slow) out.effects.swap(t.effects);
        out.reads.swap(t.reads);
        out.recircs.swap(t.recircs);
    };
    swap_lists();
    out.actions = t.slow ? actions_.share(action::dp::Actions{
                               action::dp::Userspace{action::dp::PuntReason::slow_path, t.slow, 0xffff, 0}})
                         : actions_.share(t.actions);
    for (const auto& punt : t.punts) out.punts.push_back(punt.id);
    FlowOutcomePtr shared = outcomes_.share(out);
    swap_lists();
    return shared;
}

dp::Verdict FlowCache::upcall(const dp::Upcall& up) {
    const obs::HeapScope heap(obs::HeapUse::megaflows);
    if (!clock_) return serve(up);
    const Time start = clock_->now();
    dp::Verdict verdict = serve(up);
    latency_.observe(clock_->now() - start);
    return verdict;
}

dp::Verdict FlowCache::serve(const dp::Upcall& up) {
    if (waits_for_flows()) {
        drops_.cell(SwitchDrop::flow_restore_wait, up.key.dp_in_port())->count(1, up.packet.size());
        if (samples_.take(dp::Drop::flow)) show(SwitchDrop::flow_restore_wait, up.packet, up.key, up.now);
        return {};
    }
    if (is_controller(up.userspace)) {
        punt(up);
        return {};
    }
    return up.userspace ? slow_path(up) : miss(up);
}

dp::Verdict FlowCache::miss(const dp::Upcall& up) {
    const SpareTranslation spare;
    return miss(up, *spare);
}

dp::Verdict FlowCache::miss(const dp::Upcall& up, pipeline::Translation& t) {
    const pipeline::Snapshot snapshot = state_.snapshot();
    const Stamp stamp = stamp_of(snapshot);
    flow::FlowKey key;
    const auto bridge = pipeline::key_in_bridge(snapshot, up.key, key);
    if (!bridge) return unknown_port(up, snapshot);

    pipeline::translate(snapshot,
                        {.key = key, .bridge = *bridge, .packet_len = up.packet.size(), .plant = plant_}, t);
    for (const auto& punt : t.punts) punts_.add(punt, up.now);
    const bool slow = t.slow != 0;
    if (!megaflows()) t.mask = exact_mask(up.key);
    const auto admitted = budget(t.mask, up, snapshot);
    dp::Verdict verdict{nullptr, dp::Verdict::Install{name_of_flow(up.key, admitted.mask), admitted.mask}};
    twins_.prefetch(verdict.install->id);
    auto twin = make_twin(verdict.install->id, t, up.key.dp_in_port());
    twin->bridge = bridge;
    twin->stamp = stamp;
    twin->mask_name = admitted.name;
    twin->mask = admitted.shared;
    if (!slow) play(twin->outcome->effects, {1, up.packet.size(), up.now, true});
    if (twin->drop) twin->drop->count(1, up.packet.size());
    install(std::move(twin), up, verdict);
    return verdict;
}

MaskBudget::Admitted FlowCache::budget(const flow::FlowMask& mask, const dp::Upcall& up,
                                       const pipeline::Snapshot& snapshot) {
    const DpPort port = up.key.dp_in_port();
    auto admitted = budget_.admit(port, up.key, mask);
    if (admitted.first) {
        const auto at = snapshot.config().find(port);
        const pipeline::Port* named = at ? snapshot.config().port(*at) : nullptr;
        sink_.post(MasksMerged{named ? named->name : std::to_string(port.value), MaskBudget::default_limit});
    }
    return admitted;
}

void FlowCache::forget(const Twin& twin) {
    budget_.release(twin.port, twin.mask_name);
    twins_.erase(twin.id);
}

void FlowCache::install(std::unique_ptr<Twin> twin, const dp::Upcall& up, dp::Verdict& verdict) {
    const Stamp stamp = twin->stamp;
    const uint64_t mask_name = twin->mask_name;
    twin->used = up.now;
    twin->packet = flow::PackedKey(up.key);
    twin->port = up.key.dp_in_port();
    verdict.actions = twin->outcome->actions;
    if (twins_.size() >= flow_limit()) {
        verdict.install.reset();
        beyond_limit_.fetch_add(1, std::memory_order_relaxed);
        budget_.release(up.key.dp_in_port(), mask_name);
        return;
    }
    if (!twins_.insert(std::move(twin))) budget_.release(up.key.dp_in_port(), mask_name);
    if (stamp.config != state_.generation() || stamp.version != state_.versions().current())
        sink_.post(Stale{});
}

dp::Verdict FlowCache::unknown_port(const dp::Upcall& up, const pipeline::Snapshot& snapshot) {
    flow::FlowMask mask{};
    mask.packet.in_port = Be32(~0u);
    dp::Verdict verdict{nullptr, dp::Verdict::Install{name_of_flow(up.key, mask), mask}};
    pipeline::Translation nothing;
    nothing.drop = up.key.packet.recirc_id.host() ? pipeline::Drop::no_recirculation_context
                                                  : pipeline::Drop::bridge_not_found;
    auto twin = make_twin(verdict.install->id, nothing, up.key.dp_in_port());
    twin->drop->count(1, up.packet.size());
    twin->stamp = stamp_of(snapshot);
    twin->mask_name = budget_.admit(up.key.dp_in_port(), up.key, mask).name;
    install(std::move(twin), up, verdict);
    return verdict;
}

dp::Verdict FlowCache::slow_path(const dp::Upcall& up) {
    const pipeline::Snapshot snapshot = state_.snapshot();
    flow::FlowKey key;
    const auto bridge = pipeline::key_in_bridge(snapshot, up.key, key);
    if (!bridge) return {};
    pipeline::Translation t =
        pipeline::translate(snapshot, {.key = key, .bridge = *bridge, .packet_len = up.packet.size()});
    for (const auto& punt : t.punts) punts_.add(punt, up.now);
    play(t.effects, {1, up.packet.size(), up.now, true});
    if (t.drop != pipeline::Drop::none) drops_.cell(t.drop, up.key.dp_in_port())->count(1, up.packet.size());
    return {actions_.share(std::move(t.actions)), std::nullopt};
}

void FlowCache::punt(const dp::Upcall& up) {
    const auto punt = punts_.find(up.userspace->arg);
    if (!punt) return;
    auto to = std::make_unique<openflow::PacketInTo>();
    to->controller_id = punt->controller_id;
    to->max_len = punt->max_len;
    openflow::PacketIn& m = to->message;
    m.packet.assign(up.packet.data(), up.packet.data() + up.packet.size());
    m.total_len = up.packet.size();
    m.reason = static_cast<openflow::PacketInReason>(punt->reason);
    m.table = punt->table;
    m.cookie = punt->cookie;
    m.userdata = punt->userdata;
    m.continuation = punt->continuation;
    flow::FlowKey key = up.key;
    key.pipe = punt->pipe;
    key.set_in_port(punt->in_port);
    m.metadata = openflow::packet_in_metadata(key);
    if (punt->reason == pipeline::Reason::invalid_ttl && samples_.take(dp::Drop::flow))
        show(pipeline::Drop::ttl_expired, up.packet, up.key, up.now);
    const DpPort in_port = up.packet.in_port;
    if (!sink_.post(PuntedPacket{punt->bridge, std::move(to), in_port}))
        drops_.cell(SwitchDrop::inbox_full, in_port)->count(1, up.packet.size());
}

void FlowCache::dropped(const dp::DroppedPacket& d) {
    auto sample = make_sample(d.reason, d.packet.bytes(), d.key, d.now);
    sample->arg = d.arg;
    sink_.post(PacketDropped{this, std::move(sample)});
}

void FlowCache::tapped(const dp::Upcall& up) {
    if (to_trace_.load(std::memory_order_acquire) <= 0) return;
    const pipeline::Snapshot snapshot = state_.snapshot();
    flow::FlowKey key;
    const auto bridge = pipeline::key_in_bridge(snapshot, up.key, key);
    if (!bridge || bridge->value != traced_bridge_.load(std::memory_order_relaxed)) return;
    if (to_trace_.fetch_sub(1, std::memory_order_relaxed) <= 0) return;
    pipeline::Translation t;
    const flow::PortNames names = pipeline::port_names(*snapshot.config().bridge(*bridge));
    const pipeline::Request request{.key = key, .bridge = *bridge, .packet_len = up.packet.size()};
    sink_.post(
        LiveTraced{std::make_unique<pipeline::TraceStory>(pipeline::tell(snapshot, request, t, {}, &names))});
}

void FlowCache::show(DropReason reason, const packet::Packet& packet, const flow::FlowKey& key, Time now) {
    const obs::HeapScope heap(obs::HeapUse::drop_records);
    sink_.post(PacketDropped{this, make_sample(reason, packet.bytes(), key, now)});
}

void FlowCache::play(std::span<const pipeline::Effect> effects, const pipeline::Occurrence& what) {
    const uint64_t before = mac_changes(effects);
    for (const auto& effect : effects) {
        const auto* learn = std::get_if<pipeline::LearnFlow>(&effect);
        const obs::HeapScope heap(learn ? obs::HeapUse::rules : obs::HeapUse::macs);
        std::vector<pipeline::RuleEvent> events;
        pipeline::play({&effect, 1}, what, events);
        if (events.empty()) continue;
        sink_.post(RulesChanged{learn ? learn->tables : nullptr, std::move(events)});
    }
    if (before != mac_changes(effects)) sink_.post(Stale{});
}

}  // namespace weft::bridge
