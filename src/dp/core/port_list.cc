// SPDX-License-Identifier: Apache-2.0
#include "dp/core/port_list.h"

#include <cerrno>

namespace weft::dp {

Result<DpPort> free_number(const PortMap& ports, const PortSpec& spec) {
    for (const auto& p : ports.by_number)
        if (p && p->name() == spec.name)
            return fail("port " + spec.name + " is already in the datapath", EEXIST);
    if (spec.request && spec.request->value <= port_number_max && !ports.find(*spec.request))
        return *spec.request;
    for (uint32_t n = 1; n <= port_number_max; ++n)
        if (!ports.find(DpPort{n})) return DpPort{n};
    return fail("all " + std::to_string(port_number_max) + " port numbers of the datapath are taken", EFBIG);
}

Result<std::shared_ptr<Port>> find_port(const PortMap& ports, DpPort number) {
    if (ports.find(number)) return ports.by_number[number.value];
    return fail("the datapath has no port " + std::to_string(number.value), ENODEV);
}

void publish_port(Shared& shared, DpPort number, std::shared_ptr<Port> port) {
    auto next = std::make_unique<PortMap>(shared.ports.current());
    if (next->by_number.size() <= number.value) next->by_number.resize(number.value + 1);
    next->by_number[number.value] = std::move(port);
    shared.ports.publish(std::move(next));
}

void add_counters(DatapathStats& sum, const EngineCounters& c) {
    const auto value = [](const std::atomic<uint64_t>& a) { return a.load(std::memory_order_relaxed); };
    sum.hit += value(c.hit);
    sum.missed += value(c.missed);
    sum.lost += value(c.lost);
    sum.mask_hit += value(c.masks_tried);
    sum.cache_hit += value(c.cache_hit);
}

void set_tap(Shared& shared, const std::optional<flow::Match>& match) {
    std::unique_ptr<const flow::Match> next = match ? std::make_unique<const flow::Match>(*match) : nullptr;
    shared.domain.retire(std::unique_ptr<const flow::Match>(shared.tap.exchange(next.release())));
}

void add_drops(DropCounts& sum, const EngineCounters& c) {
    for (size_t i = 0; i < n_drops; ++i) sum[i] += c.drops[i].load(std::memory_order_relaxed);
}

}  // namespace weft::dp
