// SPDX-License-Identifier: Apache-2.0
#include "dp/core/engine.h"

#include <utility>

#include "dp/core/layers.h"
#include "dp/core/offload.h"

namespace weft::dp {
namespace {

/// As long as a lookup tries no more masks than this on average, that is cheaper than hashing the whole key.
constexpr unsigned masks_worth_a_cache = 2;
/// With more flows than this, a lookup waits for memory.
constexpr size_t flows_in_cpu_cache = 4096;
constexpr unsigned recirculations_max = 8;
constexpr uint32_t ethernet_header = 14;  ///< what is shorter is no frame

}  // namespace

void Engine::begin(const loop::EpochReader::Pin& pin, Time now) {
    now_ = now;
    ports_ = &shared_.ports.read(pin);
    meters_ = &shared_.meters.read(pin);
    if (queues_.size() < ports_->by_number.size()) queues_.resize(ports_->by_number.size());
    use_cache_ = shared_.flows.masks_tried() > masks_worth_a_cache;
    if (use_cache_) cache_.open();
    if (const uint64_t generation = shared_.flows.cache_generation(); generation != cache_generation_) {
        cache_.clear();
        cache_generation_ = generation;
    }
}

void Engine::extract(const packet::Packet& packet, const Metadata& meta) {
    if (packet.l3_type) [[unlikely]]
        flow::extract_l3(packet.bytes(), packet.l3_type, key_->packet);
    else
        flow::extract(packet.bytes(), key_->packet, shared_.vlan_tags.load(std::memory_order_relaxed));
    key_->set_in_port(meta.in_port);
    key_->packet.recirc_id = Be32(meta.recirc_id);
    key_->packet.dp_hash = Be32(meta.dp_hash);
    key_->packet.pkt_mark = Be32(meta.mark);
    key_->packet.skb_priority = Be32(meta.priority);
}

/// Has the memory that the lookups of a batch will read fetched, all at once instead of one after the other.
void Engine::look_ahead(size_t n) {
    if (use_cache_) {
        std::array<uint64_t, packet::Batch::capacity> hashes;
        for (size_t i = 0; i < n; ++i) cache_.prefetch_entry(hashes[i] = FlowCache::hash((*keys_)[i]));
        for (size_t i = 0; i < n; ++i) cache_.prefetch_flow(hashes[i]);
        return;
    }
    std::array<FlowTable::Place, packet::Batch::capacity> places;
    for (size_t i = 0; i < n; ++i) places[i] = shared_.flows.prefetch_slot(flow::words((*keys_)[i]).data());
    for (size_t i = 0; i < n; ++i) shared_.flows.prefetch_flow(places[i]);
}

Flow* Engine::lookup() {
    const uint64_t* key = flow::words(std::as_const(*key_)).data();
    uint64_t hash = 0;
    if (use_cache_) {
        hash = FlowCache::hash(*key_);
        if (Flow* flow = cache_.find(key, hash)) {
            EngineCounters::add(counters_.cache_hit);
            return flow;
        }
    }
    const FlowTable::Found found = shared_.flows.find(key);
    EngineCounters::add(counters_.masks_tried, found.masks_tried);
    if (use_cache_ && found.flow) cache_.insert(hash, found.flow);
    return found.flow;
}

void Engine::count(Flow* flow, const packet::Packet& packet) {
    if (flow != run_.flow) {
        end_run();
        run_.flow = flow;
    }
    ++run_.packets;
    run_.bytes += packet.size();
    run_.tcp_flags |= key_->packet.tcp_flags.host();
}

void Engine::end_run() {
    if (run_.packets) {
        run_.flow->count(run_.packets, run_.bytes, now_, run_.tcp_flags);
        EngineCounters::add(counters_.hit, run_.packets);
    }
    run_ = {};
}

uint32_t Engine::process(std::span<packet::Packet> packets, DpPort in_port) {
    return process_each(packets, [&](size_t) { return Metadata{.in_port = in_port}; });
}

uint32_t Engine::process(std::span<packet::Packet> packets, std::span<const Metadata> from) {
    return process_each(packets, [&](size_t i) { return from[i]; });
}

template <class MetadataOf>
uint32_t Engine::process_each(std::span<packet::Packet> packets, const MetadataOf& metadata) {
    CHECK(packets.size() <= keys_->size());
    for (size_t i = 0; i < packets.size(); ++i) {
        const Metadata meta = metadata(i);
        packets[i].in_port = meta.in_port;
        key_ = &(*keys_)[i];
        extract(packets[i], meta);
    }
    if (const flow::Match* tap = shared_.tap.load(std::memory_order_acquire)) [[unlikely]]
        show_tapped(*tap, packets);
    if (shared_.flows.size() > flows_in_cpu_cache) look_ahead(packets.size());
    uint32_t misses = 0;
    for (size_t i = 0; i < packets.size(); ++i) {
        packet::Packet& packet = packets[i];
        Cursor cursor{.packet = &packet, .meta = metadata(i)};
        key_ = &(*keys_)[i];
        if (packet.size() < ethernet_header) [[unlikely]] {
            drop(Drop::rx_invalid, cursor);
            continue;
        }
        Flow* flow = lookup();
        if (cursor.meta.part) [[unlikely]] {
            run_part(flow, cursor);
            continue;
        }
        if (!flow) {
            ++misses;
            miss(cursor);
            continue;
        }
        count(flow, packet);
        if (cursor.meta.needs_help && !may_be_helped(cursor)) continue;
        run(flow->actions(), cursor);
    }
    end_run();
    return misses;
}

void Engine::execute(packet::Packet& packet, const flow::FlowKey& key, const action::dp::Actions& actions) {
    packet.in_port = key.dp_in_port();
    Cursor cursor{.packet = &packet,
                  .meta = {.in_port = key.dp_in_port(),
                           .recirc_id = key.packet.recirc_id.host(),
                           .dp_hash = key.packet.dp_hash.host(),
                           .mark = key.packet.pkt_mark.host(),
                           .priority = key.packet.skb_priority.host()}};
    key_->packet = key.packet;  // what is told of it if it is dropped
    run(actions, cursor);
    end_run();
}

void Engine::miss(Cursor& cursor) {
    EngineCounters::add(counters_.missed);
    upcall(cursor, nullptr);
}

void Engine::upcall(Cursor& cursor, const action::dp::Userspace* why) {
    UpcallHandler* handler = shared_.handler.load(std::memory_order_acquire);
    if (!handler) {
        EngineCounters::add(counters_.lost);
        return drop(Drop::upcall_lost, cursor);
    }
    const Verdict verdict = handler->upcall({*cursor.packet, *key_, why, now_});
    if (!verdict.actions) return;
    // Before the packet goes out, so that an answer to it, or its successor, already finds the flow. Another
    // thread may have been faster: then its flow is as good.
    if (verdict.install)
        (void)shared_.flows.put({verdict.install->id, *key_, verdict.install->mask, verdict.actions},
                                PutMode::create);
    run(*verdict.actions, cursor);
}

void Engine::punt(Cursor& cursor, const action::dp::Userspace& why) {
    // Who receives it cannot finish checksums, so it gets what would have been on the wire.
    const auto up = [&](packet::Packet&& finished) {
        finished.in_port = cursor.meta.in_port;
        Cursor copy{.packet = &keep(std::move(finished)), .meta = cursor.meta, .depth = cursor.depth + 1};
        extract(*copy.packet, copy.meta);
        upcall(copy, &why);
    };
    if (cursor.depth > recirculations_max) return drop(Drop::recirculation, cursor);
    if (!segment(*cursor.packet, up)) drop(Drop::offload, cursor);
}

void Engine::recirculate(Cursor& cursor, uint32_t id) {
    if (++cursor.depth > recirculations_max) return drop(Drop::recirculation, cursor);
    cursor.meta.recirc_id = id;
    extract(*cursor.packet, cursor.meta);
    Flow* flow = lookup();
    if (!flow) return miss(cursor);
    count(flow, *cursor.packet);
    run(flow->actions(), cursor);
}

bool Engine::admit(uint32_t meter, Cursor& cursor) {
    if (meter >= meters_->size() || !(*meters_)[meter]) return true;
    if ((*meters_)[meter]->admit(cursor.packet->size(), now_)) return true;
    drop(Drop::meter, cursor, meter);
    return false;
}

bool Engine::may_be_helped(Cursor& cursor) {
    const Port* in = ports_->find(cursor.meta.in_port);
    const auto meter = in ? in->slow_path_meter() : std::nullopt;
    return !meter || admit(*meter, cursor);
}

void Engine::output(DpPort number, Cursor& cursor) {
    Port* port = ports_->find(number);
    if (!port) return drop(Drop::invalid_port, cursor, number.value);
    if (cursor.packet->l3_type) return drop(Drop::no_ethernet, cursor, number.value);
    if (const uint32_t n = std::exchange(cursor.cut, 0)) {
        if (cursor.packet->size() < n + ethernet_header) return drop(Drop::truncated, cursor, number.value);
        packet::Packet& cut = keep(cursor.packet->clone());
        finish_checksum(cut);
        cut.truncate(cut.size() - n);
        cut.offload = {};
        return output_prepared(*port, cut);
    }
    cursor.lent = true;
    output_prepared(*port, *cursor.packet);
}

void Engine::output_prepared(Port& port, packet::Packet& packet) {
    const packet::Offload& o = packet.offload;
    const bool takes = port.takes_offload();
    if (o.gso == packet::Gso::none && (takes || o.csum != packet::Csum::partial))
        return enqueue(port, packet);
    if (o.gso != packet::Gso::none && takes && kernel_can_segment(packet)) return enqueue(port, packet);
    if (!segment(packet, [&](packet::Packet&& one) { enqueue(port, keep(std::move(one))); }))
        drop_at(Drop::offload, port, packet);
}

void Engine::enqueue(Port& port, const packet::Packet& packet) {
    constexpr uint32_t vlan_tags = 8;  // two
    if (packet.size() > port.frame_max() + vlan_tags && packet.offload.gso == packet::Gso::none)
        return drop_at(Drop::mtu, port, packet);
    Queue& q = queues_[port.number().value];
    if (q.size == 0) busy_.push_back(port.number().value);
    q.packets[q.size++] = &packet;
    if (q.size < q.packets.size()) return;
    send(port, q.packets);
    q.size = 0;
    std::erase(busy_, port.number().value);
}

void Engine::flush() {
    end_run();
    for (const uint32_t number : busy_) {
        Queue& q = queues_[number];
        if (Port* port = ports_->find(DpPort{number})) send(*port, std::span(q.packets).first(q.size));
        q.size = 0;
    }
    busy_.clear();
    kept_.clear();
}

}  // namespace weft::dp
