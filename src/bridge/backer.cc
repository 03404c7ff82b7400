// SPDX-License-Identifier: Apache-2.0
#include "bridge/backer.h"

#include <algorithm>

namespace weft::bridge {

namespace {
constexpr Duration reclaim_interval = 1s;  ///< of rules that no reader sees any more
}  // namespace

Backer::Backer(std::unique_ptr<dp::Datapath> datapath, EventSink& sink)
    : datapath_(std::move(datapath)),
      cache_(state_, sink),
      revalidator_(*datapath_, state_, cache_),
      self_check_(*datapath_, state_, cache_, revalidator_) {
    datapath_->hold();
    revalidator_.set_paused(true);
    datapath_->set_handler(&cache_);
}

Result<void> Backer::start() {
    running_ = true;
    revalidator_.set_paused(false);
    set_earlier_numbers({});
    return datapath_->go();
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
    config->limits = limits_;
    datapath_->set_vlan_limit(static_cast<unsigned>(vlan_limit_));
    for (const auto& [name, bridge] : bridges) {
        const auto view = pipeline_view(*bridge);
        const auto meter = view->dp_meter(action::meter_slow_path);
        for (const auto& [interface, member] : bridge->members)
            if (!member.is_patch()) datapath_->set_slow_path_meter(member.dp_port, meter);
        config->bridges[bridge->id] = view;
    }
    config->finish();
    state_.publish(std::move(config));
    revalidator_.hurry();
}

void Backer::set_earlier_numbers(std::map<std::string, DpPort, std::less<>> numbers) {
    earlier_numbers_ = std::move(numbers);
    beyond_earlier_ = 0;
    for (const auto& [name, number] : earlier_numbers_)
        beyond_earlier_ = std::max(beyond_earlier_, number.value + 1);
}

std::optional<DpPort> Backer::earlier_number(std::string_view port) {
    if (const auto it = earlier_numbers_.find(port); it != earlier_numbers_.end()) return it->second;
    if (beyond_earlier_ == 0) return std::nullopt;
    return DpPort{beyond_earlier_++};
}

Time Backer::run(Time now, std::vector<Expired>& expired) {
    Time next = datapath_->run(now);
    const bool waits = cache_.waits_for_flows();  // nothing ages while flows are being restored
    if (!waits) next = std::min(next, revalidator_.run(now));
    for (const auto& [name, bridge] : bridges) {
        next = std::min(next, bridge->macs->run(now));
        if (waits) continue;
        if (bridge->tables->next_deadline() <= now || reclaimed_ + reclaim_interval <= now) {
            Expired out{bridge.get(), {}};
            bridge->tables->expire(now, out.events);
            if (!out.events.empty()) expired.push_back(std::move(out));
        }
        next = std::min(next, bridge->tables->next_deadline());
    }
    if (reclaimed_ + reclaim_interval <= now) reclaimed_ = now;
    if (!waits) check_flows();
    if (overflow_.is_due(now)) {
        cache_.refill_samples();
        for (DropSample& lost : overflow_.look(*datapath_, cache_, now)) record(std::move(lost), now);
    }
    return std::min(next, now + OverflowWatch::interval);
}

void Backer::check_flows() {
    if (!cache_.clock()) return;
    for (const auto& wrong : self_check_.run(*cache_.clock()))
        cache_.sink().post(FlowWasWrong{std::make_unique<std::string>(
            "self-check: datapath flow " + wrong.flow + " does " + wrong.installed + ", but packet " +
            wrong.packet + ", which it matches, should get " + wrong.right + "; the flow was removed")});
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
