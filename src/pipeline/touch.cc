// SPDX-License-Identifier: Apache-2.0
#include "pipeline/touch.h"

#include <algorithm>
#include <bit>

namespace weft::pipeline {
namespace {

uint64_t in_port_word(OfPort port) {
    flow::PacketBlock p{};
    p.in_port = Be32(port.value);
    return std::bit_cast<std::array<uint64_t, flow::packet_words>>(p)[0];
}

/// The bits of one word in which the rule asks for something that the looked up key cannot have had.
uint64_t conflict(size_t word, uint64_t wanted, const TableKey& key, const PacketSet& packets) {
    constexpr size_t registers = offsetof(flow::PipelineBlock, regs) / 8,
                     registers_end = registers + sizeof(flow::PipelineBlock::regs) / 8;
    if (word == 0) return wanted ^ key.metadata.raw();
    if (word < registers_end) return key.no_registers ? wanted : 0;
    if (word < flow::packet_word) return 0;
    const size_t in_packet = word - flow::packet_word;
    if (in_packet == 0) return (wanted ^ in_port_word(key.in_port)) & in_port_word(OfPort{0xffff});
    if (key.written >> in_packet & 1) return 0;
    return packets.mask ? (packets.packet.word(word) ^ wanted) & packets.mask->word(word) : 0;
}

bool may_match(const flow::SparseMatch& match, const TableKey& key, const PacketSet& packets) {
    uint64_t conflicts = 0;
    match.for_each_word([&](size_t word, uint64_t mask, uint64_t wanted) {
        conflicts |= conflict(word, wanted, key, packets) & mask;
    });
    return conflicts == 0;
}

bool same_settings(const Bridge& a, const Bridge& b) {
    return a.name == b.name && a.uuid == b.uuid && a.mac == b.mac && a.tables == b.tables &&
           a.macs == b.macs && a.fail_mode == b.fail_mode && a.fragments == b.fragments &&
           a.forward_bpdu == b.forward_bpdu && a.miss_to_controller == b.miss_to_controller &&
           a.meters == b.meters && a.flood_vlans == b.flood_vlans;
}

/// The change is one of the bridge that `read` is about.
bool may_touch(const TableChange& change, const Read& read, const PacketSet& packets) {
    if (change.group) {
        const auto* r = std::get_if<ReadGroup>(&read);
        return r && r->group == *change.group;
    }
    const auto* r = std::get_if<ReadTable>(&read);
    if (!r || r->table != change.table) return false;
    if (!change.rule) return r->priority < 0;
    if (change.rule->priority() < r->priority) return false;
    return !r->key || may_match(change.rule->match(), *r->key, packets);
}

}  // namespace

ConfigChange::ConfigChange(const Config& before, const Config& after) {
    all_ = before.vlan_limit != after.vlan_limit || before.limits != after.limits ||
           before.bridges.size() != after.bridges.size();
    for (const auto& [id, bridge] : after.bridges) {
        const Bridge* old = before.bridge(id);
        if (!old) all_ = true;
        if (all_) return;
        if (old != bridge.get()) compare(*old, *bridge);
    }
}

void ConfigChange::compare(const Bridge& before, const Bridge& after) {
    const BridgeId id = after.id;
    if (!same_settings(before, after)) whole_.insert(id);
    std::set<BundleId> bundles;
    for (const auto& [one, other] : {std::pair(&before, &after), std::pair(&after, &before)}) {
        for (const Bundle& b : one->bundles) {
            const Bundle* now = other->bundle(b.id);
            if (!now || *now != b) bundles.insert(b.id);
        }
    }
    for (const auto& [one, other] : {std::pair(&before, &after), std::pair(&after, &before)}) {
        for (const Port& p : one->ports) {
            const Port* now = other->port(p.number);
            if (!now || *now != p || bundles.contains(p.bundle)) ports_.insert({id, p.number});
        }
    }
    const auto first = ports_.lower_bound({id, OfPort{0}});
    const bool has_port = first != ports_.end() && first->bridge == id;
    if (has_port || !bundles.empty() || whole_.contains(id)) bridges_.insert(id);
}

bool ConfigChange::touches(const Read& read) const {
    if (all_) return true;
    const BridgeId bridge = std::visit([](const auto& r) { return r.bridge; }, read);
    if (whole_.contains(bridge)) return true;
    if (const auto* port = std::get_if<ReadPort>(&read)) return ports_.contains({bridge, port->port});
    return std::holds_alternative<ReadBridge>(read) && bridges_.contains(bridge);
}

Changes::Changes(const TableLog& log, const StateMark& before, const Snapshot& now)
    : now_(now), before_(before.version) {
    if (!before.config) {
        all_ = true;
        return;
    }
    if (before.config.get() != &now.config()) config_ = ConfigChange(*before.config, now.config());
    const auto changes = log.since(before.version);
    all_ = !changes || changes->size() > table_changes_max;
    if (all_) return;
    for (const TableChange& c : *changes)
        if (c.version <= now.version()) tables_[c.tables].push_back(c);
}

bool Changes::touch(std::span<const Read> reads, const PacketSet& packets, Version seen) const {
    return all_ || seen < before_ ||
           std::ranges::any_of(reads, [&](const Read& r) { return touch(r, packets, seen); });
}

bool Changes::touch(const Read& read, const PacketSet& packets, Version seen) const {
    if (config_.touches(read)) return true;
    const BridgeId id = std::visit([](const auto& r) { return r.bridge; }, read);
    const Bridge* bridge = now_.config().bridge(id);
    if (!bridge) return true;
    if (const auto* mac = std::get_if<ReadMac>(&read))
        return bridge->macs->lookup(mac->vlan, mac->mac) != mac->port;
    const auto changes = tables_.find(bridge->tables.get());
    return changes != tables_.end() && std::ranges::any_of(changes->second, [&](const TableChange& c) {
               return c.version > seen && may_touch(c, read, packets);
           });
}

}  // namespace weft::pipeline
