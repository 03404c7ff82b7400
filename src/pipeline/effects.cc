// SPDX-License-Identifier: Apache-2.0
#include "pipeline/effects.h"

#include "pipeline/translate.h"

namespace weft::pipeline {

namespace {

struct Player {
    const Occurrence& what;
    std::vector<RuleEvent>& events;

    void operator()(const CountRule& e) const {
        const uint16_t flags = e.rule->flags();
        e.rule->cell().count(flags & rule_flag::no_packet_counts ? 0 : what.packets,
                             flags & rule_flag::no_byte_counts ? 0 : what.bytes, what.used);
    }
    void operator()(const CountTable& e) const {
        TableCounters& counters = e.tables->counters(e.table);
        counters.lookups.fetch_add(what.packets, std::memory_order_relaxed);
        if (e.matched) counters.matched.fetch_add(what.packets, std::memory_order_relaxed);
    }
    void operator()(const CountGroup& e) const {
        GroupCounters& c = e.group->counters();
        (e.bucket ? c.buckets[*e.bucket] : c.all).count(what.packets, what.bytes);
    }
    void operator()(const LearnMac& e) const { e.macs->learn(e.vlan, e.mac, e.port, what.used); }
    void operator()(const CountPatch& e) const {
        if (e.sent_on) {
            e.sent_on->tx_packets.fetch_add(what.packets, std::memory_order_relaxed);
            e.sent_on->tx_bytes.fetch_add(what.bytes, std::memory_order_relaxed);
        }
        if (e.received_on) {
            e.received_on->rx_packets.fetch_add(what.packets, std::memory_order_relaxed);
            e.received_on->rx_bytes.fetch_add(what.bytes, std::memory_order_relaxed);
        }
    }
    void operator()(const LearnFlow& e) const { e.tables->learn(*e.change, what.used, events); }
    void operator()(const ReduceTimeouts& e) const { e.tables->reduce_timeouts(e.rule, e.idle, e.hard); }
};

}  // namespace

void play(std::span<const Effect> effects, const Occurrence& what, std::vector<RuleEvent>& events) {
    for (const Effect& e : effects) std::visit(Player{what, events}, e);
}

}  // namespace weft::pipeline
