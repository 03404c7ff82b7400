// SPDX-License-Identifier: Apache-2.0
#include "bridge/backer.h"

#include <algorithm>

namespace weft::bridge {

namespace {
constexpr Duration reclaim_interval = 1s;  ///< of rules that no reader sees any more
}  // namespace

Backer::Backer(std::unique_ptr<dp::Datapath> datapath, EventSink& sink)
    : datapath_(std::move(datapath)), cache_(state_, sink), revalidator_(*datapath_, state_, cache_) {
    datapath_->set_handler(&cache_);
}

Backer::~Backer() {
    watch.reset();
    datapath_->set_handler(nullptr);
    datapath_.reset();
    bridges.clear();  // before the state that their tables count versions in
}

void Backer::publish() {
    auto config = std::make_shared<pipeline::Config>();
    config->vlan_limit = static_cast<unsigned>(vlan_limit_);
    datapath_->set_vlan_limit(static_cast<unsigned>(vlan_limit_));
    for (const auto& [name, bridge] : bridges) config->bridges[bridge->id] = pipeline_view(*bridge);
    config->finish();
    state_.publish(std::move(config));
    revalidator_.hurry();
}

Time Backer::run(Time now, std::vector<Expired>& expired) {
    Time next = datapath_->run(now);
    next = std::min(next, revalidator_.run(now));
    for (const auto& [name, bridge] : bridges) {
        next = std::min(next, bridge->macs->run(now));
        if (bridge->tables->next_deadline() <= now || reclaimed_ + reclaim_interval <= now) {
            Expired out{bridge.get(), {}};
            bridge->tables->expire(now, out.events);
            if (!out.events.empty()) expired.push_back(std::move(out));
        }
        next = std::min(next, bridge->tables->next_deadline());
    }
    if (reclaimed_ + reclaim_interval <= now) reclaimed_ = now;
    return next;
}

Bridge* Backer::find(pipeline::BridgeId id) {
    for (const auto& [name, bridge] : bridges)
        if (bridge->id == id) return bridge.get();
    return nullptr;
}

Bridge* Backer::find(const pipeline::Tables* tables) {
    for (const auto& [name, bridge] : bridges)
        if (bridge->tables.get() == tables) return bridge.get();
    return nullptr;
}

std::optional<dp::PortStats> Backer::stats_of(const Member& member) const {
    if (member.is_patch()) {
        dp::PortStats s;
        s.rx_packets = member.patch->rx_packets;
        s.rx_bytes = member.patch->rx_bytes;
        s.tx_packets = member.patch->tx_packets;
        s.tx_bytes = member.patch->tx_bytes;
        return s;
    }
    auto found = datapath_->port_stats(member.dp_port);
    if (!found) return std::nullopt;
    return *std::move(found);
}

std::string Backer::name() const {
    return std::string(datapath_->type()) + "@" + std::string(datapath_->name());
}

}  // namespace weft::bridge
