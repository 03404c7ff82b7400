// SPDX-License-Identifier: Apache-2.0
// OfSwitch's groups and meters.
#include <algorithm>

#include "bridge/of_convert.h"
#include "bridge/of_switch.h"
#include "pipeline/outputs_to.h"

namespace weft::bridge {

using openflow::OfError;
using openflow::OfResult;

std::vector<pipeline::GroupPtr> OfSwitch::groups_of(uint32_t id) const {
    std::vector<pipeline::GroupPtr> out;
    const pipeline::Snapshot snapshot = backer_.state().snapshot();
    const pipeline::Groups& groups = bridge_.tables->groups();
    if (id == action::group_all) {
        groups.visit(snapshot.version(), [&](const pipeline::GroupPtr& g) { out.push_back(g); });
    } else if (auto group = groups.find(id, snapshot.version())) {
        out.push_back(std::move(group));
    }
    return out;
}

std::vector<openflow::GroupStats> OfSwitch::group_stats(uint32_t id, Time now) const {
    settle_statistics();
    std::vector<openflow::GroupStats> out;
    for (const auto& g : groups_of(id)) {
        out.push_back(to_group_stats(*g, now));
        out.back().n_flows = static_cast<uint32_t>(bridge_.tables->group_users(g->id()));
    }
    return out;
}

std::vector<openflow::GroupDesc> OfSwitch::group_descs(uint32_t id) const {
    std::vector<openflow::GroupDesc> out;
    for (const auto& g : groups_of(id)) out.push_back({g->id(), g->spec()});
    return out;
}

OfResult<> OfSwitch::meter_mod(const openflow::MeterMod& mod, Time now) {
    const bool remove = mod.command == openflow::MeterCommand::remove;
    const auto gone = remove ? bridge_.meters.list(mod.id) : OfResult<std::vector<uint32_t>>();
    if (remove && gone) {
        settle_statistics();
        std::vector<pipeline::RuleEvent> events;
        {
            pipeline::TablesEdit edit(*bridge_.tables, now);
            for (const uint32_t id : *gone) edit.forget_meter(id);
            events = edit.publish();
        }
        calls_.rules_changed(std::move(events), now);
    }
    TRY(bridge_.meters.apply(mod, backer_.datapath(), now));
    backer_.publish();
    return {};
}

OfResult<std::vector<openflow::MeterStats>> OfSwitch::meter_stats(uint32_t id, Time now) const {
    std::vector<openflow::MeterStats> out;
    for (const uint32_t one : TRY(bridge_.meters.list(id))) {
        out.push_back(bridge_.meters.stats(one, backer_.datapath(), now));
        out.back().n_flows = static_cast<uint32_t>(bridge_.tables->meter_users(one));
    }
    return out;
}

OfResult<std::vector<openflow::MeterConfig>> OfSwitch::meter_configs(uint32_t id) const {
    std::vector<openflow::MeterConfig> out;
    for (const uint32_t one : TRY(bridge_.meters.list(id))) out.push_back(bridge_.meters.config(one));
    return out;
}

openflow::MeterFeatures OfSwitch::meter_features() const {
    const dp::MeterFeatures f = backer_.datapath().meter_features();
    constexpr uint32_t drop_band = 1 << 1, all_flags = 0xf;
    return {.max_meters = f.max_meters,
            .band_types = drop_band,
            .capabilities = all_flags,
            .max_bands = f.max_bands};
}

/// A flow may only use meters that are there.
OfResult<> OfSwitch::check_meters(const action::Actions& actions) const {
    for (const auto& a : actions)
        if (const auto* meter = std::get_if<action::Meter>(&a.v); meter && !bridge_.meters.has(meter->meter))
            return openflow::refuse(OfError::mmfc_invalid_meter);
    return {};
}

/// Nor may a packet-out use groups or meters that are not.
OfResult<> OfSwitch::check_uses(const action::Actions& actions) const {
    TRY(check_meters(actions));
    const pipeline::Snapshot snapshot = backer_.state().snapshot();
    bool all = true;
    pipeline::for_each_group(actions, [&](uint32_t id) {
        all &= bridge_.tables->groups().find(id, snapshot.version()) != nullptr;
    });
    return all ? OfResult<>() : openflow::refuse(OfError::bac_bad_out_group);
}

}  // namespace weft::bridge
