// SPDX-License-Identifier: Apache-2.0
#include "bridge/adoption.h"

#include <algorithm>

namespace weft::bridge {

std::optional<FlowCache::Adopted> FlowCache::adopt(const dp::LeftFlow& left,
                                                   const pipeline::Snapshot& snapshot, Time now) {
    flow::FlowKey key;
    const auto bridge = pipeline::key_in_bridge(snapshot, left.match.key, key);
    if (!bridge) return std::nullopt;
    pipeline::Translation t =
        pipeline::translate(snapshot, {.key = key, .bridge = *bridge, .with_packet = false});
    // Bits that the flow did not look at are not known of its packets.
    if (wider(left.match.mask, t.mask)) return std::nullopt;
    const DpPort port = left.match.key.dp_in_port();
    const auto admitted = budget_.admit(port, left.match.key, t.mask);
    const dp::FlowId id = name_of_flow(left.match.key, admitted.mask);
    if (wider(left.match.mask, admitted.mask) || twins_.find(id) || twins_.size() >= flow_limit()) {
        budget_.release(port, admitted.name);
        return std::nullopt;
    }
    for (const auto& punt : t.punts) punts_.add(punt, now);
    auto twin = make_twin(id, t, port);
    twin->bridge = bridge;
    twin->stamp = stamp_of(snapshot);
    twin->mask_name = admitted.name;
    twin->mask = admitted.shared;
    twin->used = left.stats.used.value_or(now);
    twin->packet = flow::PackedKey(left.match.key);
    twin->port = port;
    // Rules and addresses that it uses are as young as its last packet.
    if (left.stats.used) play(twin->outcome->effects, {0, 0, *left.stats.used, false});
    Adopted out{id, admitted.mask, twin->outcome->actions};
    if (!twins_.insert(std::move(twin))) budget_.release(port, admitted.name);
    return out;
}

Adoption adopt_flows(dp::Datapath& datapath, pipeline::State& state, FlowCache& cache, Time now) {
    Adoption out;
    const pipeline::Snapshot snapshot = state.snapshot();
    std::vector<dp::LeftFlow> flows = datapath.left_flows();
    // The last used last: of a station that has moved, the newest place counts.
    std::ranges::sort(flows, {}, [](const dp::LeftFlow& f) { return f.stats.used; });
    out.left = flows.size();
    for (const dp::LeftFlow& left : flows) {
        auto adopted = cache.adopt(left, snapshot, now);
        if (!adopted) continue;
        const flow::Match match{left.match.key, adopted->mask};
        if (datapath.put_flow(adopted->id, match, std::move(adopted->actions), dp::PutMode::create))
            ++out.adopted;
    }
    return out;
}

}  // namespace weft::bridge
