// SPDX-License-Identifier: Apache-2.0
#include "bridge/overflow_watch.h"

#include <algorithm>
#include <utility>

namespace weft::bridge {

std::vector<DropSample> OverflowWatch::look(const dp::Datapath& datapath, FlowCache& cache, Time now) {
    next_ = now + interval;
    const dp::DatapathStats stats = datapath.stats();
    const uint64_t hit = stats.hit - std::exchange(hit_, stats.hit);
    const uint64_t missed = stats.missed - std::exchange(missed_, stats.missed);
    const SwitchDrop reason = missed > hit ? SwitchDrop::upcall_overload : SwitchDrop::rx_overflow;
    std::vector<DropSample> out;
    std::map<uint32_t, uint64_t> seen;
    for (const auto& [port, lost] : datapath.overflows()) {
        seen[port.value] = lost;
        const auto before = seen_.find(port.value);
        const uint64_t more = lost - (before == seen_.end() || before->second > lost ? 0 : before->second);
        if (more == 0) continue;
        cache.drops().cell(reason, port)->count(more, 0);
        DropSample& sample = out.emplace_back(DropSample{.reason = reason, .key = {}, .head = {}});
        sample.key.set_in_port(port);
        sample.arg = static_cast<uint32_t>(std::min<uint64_t>(more, UINT32_MAX));
        sample.when = now;
    }
    seen_ = std::move(seen);
    return out;
}

}  // namespace weft::bridge
