// SPDX-License-Identifier: Apache-2.0
// Packets that are shown to the handler: those that go nowhere, which are also counted by reason and port,
// and those that somebody waits for.
#include "dp/core/engine.h"

namespace weft::dp {

namespace {
/// Of a batch that a device did not take as a whole, the last ones are those left over.
std::span<const packet::Packet* const> left_over(std::span<const packet::Packet* const> packets, size_t n) {
    return packets.last(std::min(n, packets.size()));
}
}  // namespace

void Engine::show(Drop reason, const packet::Packet& packet, const flow::FlowKey& key, uint32_t arg) {
    if (UpcallHandler* handler = shared_.handler.load(std::memory_order_acquire))
        handler->dropped({reason, packet, key, arg, now_});
}

void Engine::show_tapped(const flow::Match& tap, std::span<const packet::Packet> packets) {
    UpcallHandler* handler = shared_.handler.load(std::memory_order_acquire);
    for (size_t i = 0; handler && i < packets.size(); ++i)
        if (tap.matches((*keys_)[i])) handler->tapped({packets[i], (*keys_)[i], nullptr, now_});
}

void Engine::drop(Drop reason, const Cursor& cursor, uint32_t arg) {
    EngineCounters::add(counters_.drops[static_cast<size_t>(reason)]);
    if (Port* in = ports_->find(cursor.meta.in_port)) in->count_drop(reason);
    if (shared_.samples.take(reason)) show(reason, *cursor.packet, *key_, arg);
}

void Engine::drop_at(Drop reason, Port& port, const packet::Packet& packet) {
    EngineCounters::add(counters_.drops[static_cast<size_t>(reason)]);
    port.count_drop(reason);
    if (!shared_.samples.take(reason)) return;
    flow::FlowKey key{};
    if (packet.l3_type)
        flow::extract_l3(packet.bytes(), packet.l3_type, key.packet);
    else
        flow::extract(packet.bytes(), key.packet, shared_.vlan_tags.load(std::memory_order_relaxed));
    key.set_in_port(packet.in_port);
    show(reason, packet, key, port.number().value);
}

void Engine::send(Port& port, std::span<const packet::Packet* const> packets) {
    const Sent sent = port.transmit(packets);
    if (sent.dropped == 0) [[likely]]
        return;
    for (const packet::Packet* packet : left_over(packets, sent.dropped)) drop_at(Drop::tx, port, *packet);
}

}  // namespace weft::dp
