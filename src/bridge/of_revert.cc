// SPDX-License-Identifier: Apache-2.0
// OfSwitch's part in time travel: what a change did, and the way back.
#include <cerrno>

#include "bridge/of_switch.h"
#include "obs/heap.h"

namespace weft::bridge {

void OfSwitch::note_groups(const openflow::GroupMod& mod, GroupsBefore& before) const {
    const pipeline::Version version = bridge_.tables->versions().current();
    const pipeline::Groups& groups = bridge_.tables->groups();
    if (mod.id == action::group_all)
        groups.visit(version, [&](const pipeline::GroupPtr& g) { before.try_emplace(g->id(), g); });
    else
        before.try_emplace(mod.id, groups.find(mod.id, version));
}

std::vector<GroupDifference> OfSwitch::since(const GroupsBefore& before) const {
    std::vector<GroupDifference> out;
    const pipeline::Version version = bridge_.tables->versions().current();
    for (const auto& [id, then] : before) {
        const pipeline::GroupPtr now = bridge_.tables->groups().find(id, version);
        if (then != now) out.push_back({id, then, now});
    }
    return out;
}

void OfSwitch::begin_version() {
    pipeline::Versions& versions = bridge_.tables->versions();
    const std::lock_guard hold(versions.writer());
    versions.publish();
}

/// All or none; the error names the meter.
Result<void> OfSwitch::apply_meters(const std::vector<openflow::MeterMod>& mods, Time now) {
    std::vector<openflow::MeterMod> undo;
    for (const openflow::MeterMod& mod : mods) {
        const auto old = meter_spec(mod.id);
        if (bridge_.meters.apply(mod, backer_.datapath(), now)) {
            undo.push_back(way_back(MeterDifference{mod.id, old, meter_spec(mod.id)}));
            continue;
        }
        for (auto back = undo.rbegin(); back != undo.rend(); ++back)
            (void)bridge_.meters.apply(*back, backer_.datapath(), now);
        return fail("meter " + std::to_string(mod.id));
    }
    return {};
}

Result<void> OfSwitch::revert(const History::Differences& differences, pipeline::Version at, Time now) {
    settle_statistics();
    const obs::HeapScope heap(obs::HeapUse::rules);
    HistoryStep step{.when = now, .source = HistoryStep::Source::revert};
    std::vector<openflow::MeterMod> to_set, to_remove;
    for (const MeterDifference& d : differences.meters) {
        (d.then ? to_set : to_remove).push_back(way_back(d));
        step.meters.push_back({d.id, d.now, d.then});
    }
    GroupsBefore groups;
    for (const GroupDifference& d : differences.groups) groups.emplace(d.id, d.now);
    {
        pipeline::TablesEdit edit(*bridge_.tables, now);
        if (bridge_.tables->versions().current() != at)
            return fail("the tables changed meanwhile: nothing was changed", EAGAIN);
        for (const Change& change : way_back(differences)) {
            const auto done = std::visit([&](const auto& c) { return edit.apply(c); }, change);
            if (!done) return fail(done.error().message + ": nothing was changed");
        }
        if (const auto set = apply_meters(to_set, now); !set)
            return fail(set.error().message +
                        " cannot be brought back, the datapath has no room for it: nothing was changed");
        backer_.publish();  // no flow sees a meter before it is there
        step.events = edit.publish();
    }
    step.groups = since(groups);
    if (step.events.empty() && step.groups.empty()) begin_version();
    const auto removed = apply_meters(to_remove, now);
    if (!removed) std::erase_if(step.meters, [](const MeterDifference& d) { return !d.now; });
    backer_.publish();
    calls_.tables_changed(std::move(step), {});
    if (!removed)
        return fail(removed.error().message +
                    " cannot be removed: all is as it was then but for meters added since, which stay");
    return {};
}

}  // namespace weft::bridge
