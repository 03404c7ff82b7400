// SPDX-License-Identifier: Apache-2.0
// pipeline/actions/group.cc: the packet goes through buckets: all of them, the one chosen by a hash, the only
// one, or the first that is alive.
#include "pipeline/liveness.h"
#include "pipeline/select_hash.h"

namespace weft::pipeline {

namespace {

using action::GroupType;
using Choice = std::optional<size_t>;

void run_bucket(const GroupPtr& group, size_t i, bool is_last, Translator& t) {
    t.bucket(group->spec().buckets[i], is_last);
    t.effect(CountGroup{group, static_cast<uint16_t>(i)});
}

/// Tells of one that cannot be chosen, as Open vSwitch words it: a watched group is a port to it.
bool can_be_chosen(const action::Bucket& b, bool by_weight, Translator& t) {
    const bool alive = is_alive(b, t);
    if (alive && (b.weight || !by_weight)) return true;
    t.tell(obs::TraceKind::detail, [&] {
        std::string text = "bucket " + std::to_string(b.id) + ": not live due to ";
        if (alive) return text;
        const uint32_t watched = b.watch_port != ofpp::none ? b.watch_port.value : b.watch_group;
        return text + "port " + std::to_string(watched);
    });
    return false;
}

Choice first_alive(const Group& group, Translator& t) {
    for (size_t i = 0; i < group.spec().buckets.size(); ++i)
        if (can_be_chosen(group.spec().buckets[i], false, t)) return i;
    return std::nullopt;
}

/// The live bucket with the highest claim.
Choice by_hash(const Group& group, Translator& t) {
    const uint64_t hash = select_hash(group.spec().selection, t);
    if (t.stopped()) return std::nullopt;
    Choice best;
    uint64_t best_score = 0;
    for (size_t i = 0; i < group.spec().buckets.size(); ++i) {
        const action::Bucket& b = group.spec().buckets[i];
        if (!can_be_chosen(b, true, t)) continue;
        const uint64_t score = bucket_score(hash, b);
        t.tell(obs::TraceKind::detail,
               [&] { return "bucket " + std::to_string(b.id) + ": score " + std::to_string(score); });
        if (best && score <= best_score) continue;
        best = i;
        best_score = score;
    }
    return best;
}

/// The parameter's high half names the algorithm, its low half the basis.
action::dp::Hash hash_of(const action::GroupSelection& selection) {
    constexpr uint32_t l4 = 0, symmetric_l4 = 1;
    const uint64_t param = selection.param;
    const bool symmetric = selection.method.empty() || param >> 32 == symmetric_l4;
    return {.algorithm = symmetric ? symmetric_l4 : l4, .basis = static_cast<uint32_t>(param)};
}

/// By the hash the datapath computed; without one it is asked to. A dead bucket's packets go by the same hash
/// to the bucket that claims them most.
Choice by_dp_hash(const Group& group, Translator& t) {
    if (!t.is_hashed()) {
        t.freeze_for_hash(hash_of(group.spec().selection));
        return std::nullopt;
    }
    const auto mask = static_cast<uint32_t>(group.slots().size() - 1);
    if (!t.planted(Plant::dp_hash_forgets_bits)) {
        flow::FlowMask looked_at{};
        looked_at.packet.dp_hash = Be32(mask);
        t.key().observe(looked_at);
    }
    const uint32_t slot = t.key().key_for_lookup().packet.dp_hash.host() & mask;
    const size_t wanted = group.slots()[slot];
    if (is_alive(group.spec().buckets[wanted], t)) return wanted;
    Choice best;
    uint64_t best_score = 0;
    for (size_t i = 0; i < group.spec().buckets.size(); ++i) {
        const action::Bucket& b = group.spec().buckets[i];
        if (b.weight == 0 || !is_alive(b, t)) continue;
        const uint64_t score = bucket_score(slot, b);
        if (best && score <= best_score) continue;
        best = i;
        best_score = score;
    }
    return best;
}

Choice choose(const Group& group, Translator& t) {
    switch (group.spec().type) {
        case GroupType::select:
            return group.slots().empty() ? by_hash(group, t) : by_dp_hash(group, t);
        case GroupType::fast_failover:
            return first_alive(group, t);
        default:
            return group.spec().buckets.empty() ? Choice() : Choice(0);
    }
}

}  // namespace

void apply(const action::Group& a, Translator& t) {
    t.did_read(ReadGroup{t.bridge().id, a.group});
    const GroupPtr group = t.find_group(a.group);
    if (!group) return t.refuse(Drop::no_bucket, "group does not exist");
    if (!t.inner_known() || !t.may_go_deeper()) return;
    t.effect(CountGroup{group, std::nullopt});
    if (group->spec().type == GroupType::all) {
        const size_t n = group->spec().buckets.size();
        for (size_t i = 0; i < n; ++i) run_bucket(group, i, i + 1 == n, t);
        return;
    }
    const bool chosen_by_rule = group->spec().type != GroupType::indirect;
    const Choice choice = choose(*group, t);
    if (!choice) {
        if (!t.stopped()) t.refuse(Drop::no_bucket, "");
        if (chosen_by_rule) t.detail("no live bucket");
        return;
    }
    if (chosen_by_rule)
        t.tell(obs::TraceKind::detail,
               [&] { return "using bucket " + std::to_string(group->spec().buckets[*choice].id); });
    run_bucket(group, *choice, true, t);
}

}  // namespace weft::pipeline
