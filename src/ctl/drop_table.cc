// SPDX-License-Identifier: Apache-2.0
#include "ctl/drop_table.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace weft::ctl {

namespace {

struct Place {
    std::string bridge, port;
};

std::map<uint32_t, Place> places(const bridge::Backer& backer) {
    std::map<uint32_t, Place> out;
    for (const auto& [name, b] : backer.bridges)
        for (const auto& [interface, m] : b->members)
            if (!m.is_patch()) out[m.dp_port.value] = {name, interface};
    return out;
}

void add_datapath(const bridge::Backer& backer, const dp::Datapath& datapath, std::vector<DropRow>& out) {
    for (const auto& [port, place] : places(backer)) {
        const dp::DropCounts counts = datapath.port_drops(DpPort{port});
        for (size_t i = 0; i < counts.size(); ++i)
            if (counts[i]) out.push_back({place.bridge, place.port, static_cast<dp::Drop>(i), counts[i]});
    }
}

}  // namespace

std::vector<DropRow> drop_table(bridge::Switch& sw) {
    std::vector<DropRow> out;
    for (auto& [name, r] : sw.bridges()) r.of_switch->settle_statistics();
    for (auto& [type, backer] : sw.backers()) {
        const auto known = places(*backer);
        for (const auto& c : backer->cache().drops().counts()) {
            if (c.packets == 0) continue;
            const auto at = known.find(c.in_port.value);
            const Place place = at == known.end() ? Place{"", std::to_string(c.in_port.value)} : at->second;
            out.push_back({place.bridge, place.port, c.reason, c.packets});
        }
        add_datapath(*backer, backer->datapath(), out);
    }
    std::ranges::sort(out, {},
                      [](const DropRow& r) { return std::tuple(r.bridge, r.port, r.reason.name()); });
    return out;
}

}  // namespace weft::ctl
