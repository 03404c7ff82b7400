// SPDX-License-Identifier: Apache-2.0
// OfSwitch's tables: what they are, how they are configured, and the room in them.
#include <algorithm>

#include "action/option_places.h"
#include "bridge/of_convert.h"
#include "bridge/of_switch.h"

namespace weft::bridge {

using openflow::OfError;
using openflow::OfResult;

openflow::TableInfo OfSwitch::table_info(uint8_t id) const {
    const pipeline::TableConfig config = bridge_.tables->config(id);
    openflow::TableInfo info;
    info.id = id;
    info.name = config.name;
    info.active = static_cast<uint32_t>(bridge_.tables->size(id));
    info.lookups = bridge_.tables->counters(id).lookups;
    info.matches = bridge_.tables->counters(id).matched;
    info.miss = static_cast<openflow::TableMiss>(config.miss);
    info.eviction = bridge_.evicting.contains(id);
    if (config.max_rules != pipeline::no_rule_limit) info.max_entries = config.max_rules;
    if (info.active < info.max_entries)
        info.vacancy =
            static_cast<uint8_t>(uint64_t{info.max_entries - info.active} * 100 / info.max_entries);
    if (const auto it = bridge_.vacancies.find(id); it != bridge_.vacancies.end()) {
        info.vacancy_events = true;
        info.vacancy_down = it->second.down;
        info.vacancy_up = it->second.up;
    }
    return info;
}

std::vector<openflow::TableInfo> OfSwitch::tables() const {
    std::vector<openflow::TableInfo> out;
    out.reserve(pipeline::internal_table);
    for (uint8_t id = 0; id < pipeline::internal_table; ++id) out.push_back(table_info(id));
    return out;
}

OfResult<> OfSwitch::table_mod(const openflow::TableMod& mod) {
    if (mod.table >= pipeline::internal_table && mod.table != openflow::all_tables)
        return openflow::refuse(OfError::tmfc_eperm);
    for (uint8_t id = 0; id < pipeline::internal_table; ++id)
        if (mod.table == openflow::all_tables || mod.table == id) modify_table(id, mod);
    backer_.revalidator().hurry();
    return {};
}

void OfSwitch::modify_table(uint8_t id, const openflow::TableMod& mod) {
    pipeline::TableConfig config = bridge_.tables->config(id);
    if (mod.miss != openflow::TableMiss::standard) config.miss = static_cast<pipeline::Miss>(mod.miss);
    if (mod.eviction) {
        if (*mod.eviction)
            bridge_.evicting.insert(id);
        else
            bridge_.evicting.erase(id);
        config.evict = bridge_.evicts(id);
    }
    if (config != bridge_.tables->config(id)) bridge_.tables->set_config(id, config);
    if (!mod.vacancy_events) return;
    if (!*mod.vacancy_events) {
        bridge_.vacancies.erase(id);
        return;
    }
    const auto [it, is_new] = bridge_.vacancies.try_emplace(id);
    it->second.down = mod.vacancy_down;
    it->second.up = mod.vacancy_up;
    if (is_new) it->second.is_low = table_info(id).vacancy < mod.vacancy_up;
}

openflow::TlvTableReply OfSwitch::tlv_table() const {
    return {
        .max_space = TlvTable::max_space, .max_fields = TlvTable::max_fields, .maps = bridge_.tlvs.maps()};
}

/// The options that flows and groups name.
uint64_t OfSwitch::options_in_use() const {
    uint64_t used = 0;
    const pipeline::Snapshot snapshot = backer_.state().snapshot();
    const auto visit = [&](const pipeline::RulePtr& rule) {
        used |= rule->match().expand().mask.tunnel.metadata_present.host();
        if (rule->spec().actions) used |= action::options_named(rule->actions());
    };
    pipeline::RuleFilter all;
    all.hidden = true;
    bridge_.tables->visit(all, snapshot.version(), visit);
    bridge_.tables->groups().visit(snapshot.version(), [&](const pipeline::GroupPtr& group) {
        for (const auto& bucket : group->spec().buckets) used |= action::options_named(bucket.actions);
    });
    return used;
}

OfResult<> OfSwitch::tlv_table_mod(const openflow::TlvTableMod& mod) {
    const bool removes = mod.command != openflow::TlvCommand::add;
    TRY(bridge_.tlvs.apply(mod, removes ? options_in_use() : 0));
    bridge_.tables->set_option_layout(bridge_.tlvs.layout());
    return {};
}

OfResult<> place_options(flow::Match& match, const flow::TlvLayout& layout) {
    if (match.options.empty()) return {};
    const auto placed = layout.place(match);
    if (placed) return {};
    return openflow::refuse(placed.error() == flow::TlvLayout::Refusal::not_mapped
                                ? OfError::nxfmfc_invalid_tlv_field
                                : OfError::bmc_bad_value);
}

void OfSwitch::tell_options(flow::Match& match) const { bridge_.tlvs.layout().tell(match); }

OfResult<> OfSwitch::place_options(flow::Match& match) const {
    return bridge::place_options(match, bridge_.tlvs.layout());
}
OfResult<> OfSwitch::place_options(pipeline::FlowChange& change) const {
    return bridge::place_options(change, bridge_.tlvs.layout());
}
OfResult<> OfSwitch::place_options(pipeline::GroupChange& change) const {
    return bridge::place_options(change, bridge_.tlvs.layout());
}

OfResult<> place_options(pipeline::FlowChange& change, const flow::TlvLayout& layout) {
    TRY(place_options(change.filter.match, layout));
    if (!change.rule.actions || !action::options_named(*change.rule.actions)) return {};
    action::Actions placed = *change.rule.actions;
    TRY(action::place_options(placed, layout));
    change.rule.actions = std::make_shared<const action::Actions>(std::move(placed));
    return {};
}

OfResult<> place_options(pipeline::GroupChange& change, const flow::TlvLayout& layout) {
    for (auto& bucket : change.spec.buckets) TRY(action::place_options(bucket.actions, layout));
    return {};
}

/// Connections are not tracked yet, so there are none to forget.
OfResult<> OfSwitch::flush_connections(const openflow::CtFlush&) { return {}; }

/// Names can be given; the rest must be asked for as it is.
OfResult<> OfSwitch::set_table_features(const std::vector<openflow::TableFeatures>& wanted) {
    using Command = openflow::TableFeatures::Command;
    std::set<uint8_t> named;
    bool replaces = false;
    for (const auto& t : wanted) {
        if (!named.insert(t.table).second) return openflow::refuse(OfError::nxtffc_dup_table);
        const bool can_be = t.command == Command::replace || t.command == Command::modify;
        if (!can_be || t.table >= pipeline::internal_table ||
            t.max_entries != table_info(t.table).max_entries)
            return openflow::refuse(OfError::tffc_eperm);
        replaces |= t.command == Command::replace;
    }
    // To replace would take away tables that are not named.
    if (replaces && named.size() != pipeline::internal_table) return openflow::refuse(OfError::tffc_eperm);
    for (const auto& t : wanted) {
        bridge_.table_names[t.table] = t.name;
        pipeline::TableConfig config = bridge_.tables->config(t.table);
        config.name = bridge_.table_name(t.table);
        bridge_.tables->set_config(t.table, config);
    }
    return {};
}

std::vector<openflow::TableStatus> OfSwitch::table_news() {
    std::vector<openflow::TableStatus> out;
    for (auto& [id, v] : bridge_.vacancies) {
        const openflow::TableInfo info = table_info(id);
        const bool turned = v.is_low ? info.vacancy > v.up : info.vacancy < v.down;
        if (!turned) continue;
        v.is_low = !v.is_low;
        out.push_back(
            {v.is_low ? openflow::TableReason::vacancy_down : openflow::TableReason::vacancy_up, info});
    }
    return out;
}

}  // namespace weft::bridge
