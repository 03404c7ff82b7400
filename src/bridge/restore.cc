// SPDX-License-Identifier: Apache-2.0
#include "bridge/restore.h"

#include <algorithm>

#include "base/hash.h"
#include "bridge/of_convert.h"
#include "obs/heap.h"

namespace weft::bridge {

namespace {

/// Frozen states that the earlier process made after its last checkpoint have numbers that we do not know.
constexpr uint32_t unknown_recirculations = 1 << 20;

std::vector<Checkpoint::Table> tables_of(const Bridge& bridge) {
    std::vector<Checkpoint::Table> out;
    for (uint8_t id = 0; id < pipeline::internal_table; ++id) {
        Checkpoint::Table t{.id = id, .miss = bridge.tables->config(id).miss};
        t.lookups = bridge.tables->counters(id).lookups.load(std::memory_order_relaxed);
        t.matched = bridge.tables->counters(id).matched.load(std::memory_order_relaxed);
        t.evicts = bridge.evicting.contains(id);
        if (const auto it = bridge.vacancies.find(id); it != bridge.vacancies.end()) t.vacancy = it->second;
        if (const auto it = bridge.table_names.find(id); it != bridge.table_names.end()) t.name = it->second;
        if (t != Checkpoint::Table{.id = id}) out.push_back(std::move(t));
    }
    return out;
}

void restore_tables(Bridge& bridge, const std::vector<Checkpoint::Table>& tables) {
    for (const Checkpoint::Table& t : tables) {
        if (t.id >= pipeline::internal_table || t.miss > pipeline::Miss::drop) continue;
        pipeline::TableConfig config = bridge.tables->config(t.id);
        config.miss = t.miss;
        bridge.tables->set_config(t.id, config);
        bridge.tables->counters(t.id).lookups.store(t.lookups, std::memory_order_relaxed);
        bridge.tables->counters(t.id).matched.store(t.matched, std::memory_order_relaxed);
        if (t.evicts) bridge.evicting.insert(t.id);
        if (t.vacancy) bridge.vacancies[t.id] = *t.vacancy;
        if (!t.name.empty()) bridge.table_names[t.id] = t.name;
    }
}

bool restore_group(pipeline::Tables& tables, const Checkpoint::Group& saved, const flow::TlvLayout& layout) {
    pipeline::GroupChange change{
        .command = pipeline::GroupChange::Command::add, .id = saved.desc.id, .spec = saved.desc.spec};
    pipeline::TablesEdit edit(tables, saved.created);
    if (!place_options(change, layout) || !edit.apply(change)) return false;
    (void)edit.publish();
    const pipeline::GroupPtr group = tables.groups().find(saved.desc.id, tables.versions().current());
    pipeline::GroupCounters& counters = group->counters();
    counters.all.count(saved.all.packets, saved.all.bytes);
    for (size_t i = 0; i < std::min(counters.buckets.size(), saved.buckets.size()); ++i)
        counters.buckets[i].count(saved.buckets[i].packets, saved.buckets[i].bytes);
    return true;
}

/// A group may name others, which come first; how many were left over.
size_t restore_groups(pipeline::Tables& tables, const std::vector<Checkpoint::Group>& groups,
                      const flow::TlvLayout& layout) {
    std::vector<const Checkpoint::Group*> left;
    for (const auto& g : groups) left.push_back(&g);
    for (size_t before = left.size() + 1; left.size() < before;) {
        before = left.size();
        std::erase_if(left, [&](const Checkpoint::Group* g) { return restore_group(tables, *g, layout); });
    }
    return left.size();
}

/// What became of a rule; the rest of it is in the change that adds it.
struct Life {
    Time modified, used;
    uint64_t packets, bytes;
};

/// Publishes what was added, and gives each rule its life back.
void publish(pipeline::TablesEdit& edit, const std::vector<Life>& lives) {
    const auto events = edit.publish();
    for (size_t i = 0; i < events.size() && events.size() == lives.size(); ++i) {
        events[i].rule->renew(lives[i].modified);
        events[i].rule->cell().count(lives[i].packets, lives[i].bytes, lives[i].used);
    }
}

/// Nobody reads the tables yet, so it need not be one change: an edit gives its time to all that it adds.
size_t restore_rules(Bridge& bridge, const Checkpoint::Bridge& saved) {
    size_t failed = 0;
    std::optional<pipeline::TablesEdit> edit;
    Time created{};
    std::vector<Life> lives;
    const auto read = read_rules(saved.rules, [&](EarlierRule&& earlier) {
        if (edit && earlier.created != created) {
            publish(*edit, lives);
            edit.reset();
            lives.clear();
        }
        if (!edit) edit.emplace(*bridge.tables, created = earlier.created);
        if (place_options(earlier.change, bridge.tlvs.layout()) && edit->apply(earlier.change))
            lives.push_back({earlier.modified, earlier.used, earlier.packets, earlier.bytes});
        else
            ++failed;
    });
    if (edit) publish(*edit, lives);
    return failed + !read;
}

}  // namespace

Checkpoint::Bridge checkpoint_of(const Bridge& bridge, const dp::Datapath& datapath,
                                 const std::optional<bool>& default_rule) {
    Checkpoint::Bridge out{
        .row = bridge.config.row, .name = bridge.config.name, .default_rule = default_rule};
    out.fragments = bridge.fragments;
    for (const auto& [name, m] : bridge.members)
        out.ports.push_back({name, m.number, m.dp_port, m.of_config});
    out.tables = tables_of(bridge);
    out.tlvs = bridge.tlvs.maps();
    if (const auto meters = bridge.meters.list(action::meter_all))
        for (const uint32_t id : *meters)
            out.meters.push_back(
                {bridge.meters.config(id), bridge.meters.created(id), bridge.meters.counts(id, datapath)});
    std::map<pipeline::BundleId, std::string> names;
    for (const auto& [name, id] : bridge.bundles) names.emplace(id, name);
    for (const auto& e : bridge.macs->entries()) {
        const auto port = names.find(e.port);
        if (port != names.end()) out.stations.push_back({e.mac, e.vlan, e.is_static, e.used, port->second});
    }
    return out;
}

uint64_t settings_mark(const Bridge& bridge) {
    uint64_t h = hash_mix(bridge.evicting.size(), static_cast<uint64_t>(bridge.fragments));
    for (const uint8_t id : bridge.evicting) h = hash_mix(h, id);
    for (const auto& [id, v] : bridge.vacancies) h = hash_mix(h, id | v.down << 8 | v.up << 16);
    for (const auto& m : bridge.tlvs.maps())
        h = hash_mix(h, m.option_class | uint64_t{m.option_type} << 16 | uint64_t{m.index} << 32);
    for (const auto& [id, name] : bridge.table_names) h = hash_bytes(as_bytes(name), h + id);
    return h;
}

size_t restore_bridge(Backer& backer, Bridge& bridge, const Checkpoint::Bridge& saved, bool with_tables) {
    for (const Checkpoint::Port& p : saved.ports) {
        bridge.numbers.keep(p.interface, p.number);
        if (p.of_config) bridge.earlier_of_config[p.interface] = p.of_config;
    }
    if (!with_tables) return 0;
    const obs::HeapScope heap(obs::HeapUse::rules);
    size_t failed = 0;
    if (saved.fragments <= pipeline::Fragments::nx_match) bridge.fragments = saved.fragments;
    restore_tables(bridge, saved.tables);
    if (!saved.tlvs.empty()) {
        failed += !bridge.tlvs.apply({openflow::TlvCommand::add, saved.tlvs}, 0);
        bridge.tables->set_option_layout(bridge.tlvs.layout());
    }
    for (const Checkpoint::Meter& m : saved.meters)
        failed += !bridge.meters.restore(m.config, m.created, m.counts, backer.datapath());
    failed += restore_groups(*bridge.tables, saved.groups, bridge.tlvs.layout());
    return failed + restore_rules(bridge, saved);
}

void restore_stations(Bridge& bridge, const Checkpoint::Bridge& saved, Time now) {
    for (const Checkpoint::Station& s : saved.stations) {
        const auto port = bridge.bundles.find(s.port);
        if (port == bridge.bundles.end()) continue;
        if (s.is_static)
            (void)bridge.macs->add_static(s.vlan, s.mac, port->second, now);
        else
            (void)bridge.macs->learn(s.vlan, s.mac, port->second, std::min(s.used, now));
    }
}

void restore_datapath(Backer& backer, const Checkpoint::Datapath& saved) {
    std::map<std::string, DpPort, std::less<>> numbers;
    for (const Checkpoint::Bridge& b : saved.bridges)
        for (const Checkpoint::Port& p : b.ports)
            if (p.dp_port != dp_none) numbers.emplace(p.interface, p.dp_port);
    backer.set_earlier_numbers(std::move(numbers));
    uint32_t last = 0;
    for (const Checkpoint::Recirculation& r : saved.recirculations) {
        (void)backer.state().recirc().restore(r.id, r.state);
        last = std::max(last, r.id);
    }
    backer.state().recirc().skip(last + unknown_recirculations);
}

}  // namespace weft::bridge
