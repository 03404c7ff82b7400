// SPDX-License-Identifier: Apache-2.0
#include "pipeline/config.h"

#include <algorithm>

#include "base/result.h"

namespace weft::pipeline {

namespace {

template <class Items, class Id, class Member>
auto* find_sorted(Items& items, Id id, Member member) {
    const auto it = std::ranges::lower_bound(items, id, {}, member);
    return it != items.end() && (*it).*member == id ? &*it : nullptr;
}

}  // namespace

const Port* Bridge::port(OfPort number) const { return find_sorted(ports, number, &Port::number); }
const Bundle* Bridge::bundle(BundleId bundle_id) const {
    return find_sorted(bundles, bundle_id, &Bundle::id);
}

std::optional<uint32_t> Bridge::dp_meter(uint32_t meter) const {
    const auto it = meters.find(meter);
    return it == meters.end() ? std::nullopt : std::optional(it->second);
}

void Bridge::finish() {
    std::ranges::sort(ports, {}, &Port::number);
    std::ranges::sort(bundles, {}, &Bundle::id);
    CHECK(tables && macs);
    for (Bundle& b : bundles) {
        b.floodable = true;
        for (const OfPort member : b.members) {
            const Port* p = port(member);
            CHECK(p && p->bundle == b.id);
            if ((p->config & port_config::no_flood) || !p->stp_forward) b.floodable = false;
        }
    }
}

const Bridge* Config::bridge(BridgeId id) const {
    const auto it = bridges.find(id);
    return it == bridges.end() ? nullptr : it->second.get();
}

const Bridge* Config::bridge(std::string_view name) const {
    for (const auto& [id, b] : bridges)
        if (b->name == name) return b.get();
    return nullptr;
}

const Port* Config::port(PortAt at) const {
    const Bridge* b = bridge(at.bridge);
    return b ? b->port(at.port) : nullptr;
}

std::optional<PortAt> Config::find(DpPort port) const {
    const auto it = by_dp_port.find(port);
    if (it == by_dp_port.end()) return std::nullopt;
    return it->second;
}

void Config::finish() {
    by_dp_port.clear();
    for (const auto& [id, b] : bridges) {
        CHECK(id == b->id);
        for (const Port& p : b->ports)
            if (p.dp_port != dp_none) CHECK(by_dp_port.emplace(p.dp_port, PortAt{id, p.number}).second);
    }
}

}  // namespace weft::pipeline
