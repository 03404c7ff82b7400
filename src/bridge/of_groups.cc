// SPDX-License-Identifier: Apache-2.0
// OfSwitch's groups and meters.
#include <algorithm>

#include "action/outputs_to.h"
#include "bridge/of_convert.h"
#include "bridge/of_switch.h"

namespace weft::bridge {

using openflow::OfError;
using openflow::OfResult;

std::vector<pipeline::GroupPtr> OfSwitch::groups_of(uint32_t id) const {
    std::vector<pipeline::GroupPtr> out;
    const pipeline::Snapshot snapshot = backer_.state().snapshot();
    const pipeline::Groups& groups = bridge_.tables->groups();
    if (id == action::group_all) {
        groups.visit(snapshot.version(), [&](const pipeline::GroupPtr& g) { out.push_back(g); });
        std::ranges::sort(out, {}, [](const pipeline::GroupPtr& g) { return g->id(); });
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

OfResult<> OfSwitch::meter_mod(const openflow::MeterMod& mod, const openflow::Requester& from, Time now) {
    HistoryStep step{.when = now, .source = HistoryStep::Source::controller};
    for (const uint32_t id : bridge_.meters.list(mod.id).value_or(std::vector{mod.id}))
        step.meters.push_back({id, meter_spec(id), std::nullopt});
    if (mod.command == openflow::MeterCommand::remove) {
        settle_statistics();
        // Flows and meter go in one step: none can be added in between.
        pipeline::TablesEdit edit(*bridge_.tables, now);
        for (const auto& meter : step.meters) edit.forget_meter(meter.id);
        TRY(bridge_.meters.apply(mod, backer_.datapath(), now));
        step.events = edit.publish();
    } else {
        TRY(bridge_.meters.apply(mod, backer_.datapath(), now));
    }
    for (auto& meter : step.meters) meter.now = meter_spec(meter.id);
    if (step.events.empty()) begin_version();
    backer_.publish();
    calls_.tables_changed(std::move(step), from);
    return {};
}

std::optional<openflow::MeterSpec> OfSwitch::meter_spec(uint32_t id) const {
    if (!bridge_.meters.has(id)) return std::nullopt;
    return bridge_.meters.config(id).spec;
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
    bool all = true;
    action::for_each_meter(actions, [&](uint32_t id) { all &= bridge_.meters.has(id); });
    return all ? OfResult<>() : openflow::refuse(OfError::mmfc_invalid_meter);
}

/// Nor may a packet-out use groups or meters that are not.
OfResult<> OfSwitch::check_uses(const action::Actions& actions) const {
    TRY(check_meters(actions));
    const pipeline::Snapshot snapshot = backer_.state().snapshot();
    bool all = true;
    action::for_each_group(actions, [&](uint32_t id) {
        all &= bridge_.tables->groups().find(id, snapshot.version()) != nullptr;
    });
    return all ? OfResult<>() : openflow::refuse(OfError::bac_bad_out_group);
}

}  // namespace weft::bridge
