// SPDX-License-Identifier: Apache-2.0
// Forwarding: key extraction, flow lookup, translation of misses in place, actions, output queues. One Engine
// for each thread that forwards; what they share is in Shared.
#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "base/prng.h"
#include "dp/core/flow_cache.h"
#include "dp/core/flow_table.h"
#include "dp/core/meter.h"
#include "dp/core/port.h"
#include "flow/extract.h"
#include "obs/metrics.h"

namespace weft::dp {

/// What the threads of one datapath share. Resource type.
struct Shared {
    loop::EpochDomain domain;
    FlowTable flows{domain};
    Meters meters{domain};
    std::atomic<UpcallHandler*> handler{nullptr};
    std::atomic<unsigned> vlan_tags{flow::default_vlan_tags};  ///< that keys show
    DropSamples samples;
    obs::Histogram upcall_latency;
    std::atomic<const flow::Match*> tap{
        nullptr};  ///< packets to show before they are looked up; see set_tap()
    loop::Published<PortMap> ports{domain, std::make_unique<const PortMap>()};
};

/// Counted by one thread, read by any.
struct EngineCounters {
    std::atomic<uint64_t> hit{0}, missed{0}, lost{0}, masks_tried{0}, cache_hit{0};
    std::array<std::atomic<uint64_t>, n_drops> drops{};

    static void add(std::atomic<uint64_t>& counter, uint64_t n = 1) {
        counter.store(counter.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }
};

/// Resource type, used by one thread, with a pin of Shared::domain held around each group of calls that ends
/// in flush(). Packets leave each port in the order in which they came.
class Engine {
  public:
    explicit Engine(Shared& shared, uint64_t seed = 1) : shared_(shared), prng_(seed) {}
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// What a packet carries beside its bytes.
    struct Metadata {
        DpPort in_port = dp_none;
        uint32_t recirc_id = 0, dp_hash = 0, mark = 0, priority = 0;
        bool needs_help = false;  ///< its flow is known, and only we can do it
        uint16_t part = 0;        ///< not 0: of its flow's actions that one only, counted from 1
    };

    /// Call it after each pin.
    void begin(const loop::EpochReader::Pin& pin, Time now);
    /// Forwards packets that came in by `in_port`; how many of them had to be translated. They must live, and
    /// be left alone, until flush().
    uint32_t process(std::span<packet::Packet> packets, DpPort in_port);
    /// The same for packets that come from where `from` tells of each, perhaps in the middle of their way.
    uint32_t process(std::span<packet::Packet> packets, std::span<const Metadata> from);
    /// Runs actions on one packet, as if a flow of them had matched it. The same rule holds.
    void execute(packet::Packet& packet, const flow::FlowKey& key, const action::dp::Actions& actions);
    /// Sends what is queued.
    void flush();

    const EngineCounters& counters() const { return counters_; }

  private:
    /// A packet under execution. While lent, others may still read it: it is copied before it is changed.
    struct Cursor {
        packet::Packet* packet;
        Metadata meta;
        bool lent = false;
        uint32_t cut = 0;  ///< bytes at the end that the next output leaves out
        unsigned depth = 0;
    };
    /// Consecutive packets of one flow, counted at once.
    struct Run {
        Flow* flow = nullptr;
        uint64_t packets = 0, bytes = 0;
        uint16_t tcp_flags = 0;
    };
    struct Queue {
        uint32_t size = 0;
        std::array<const packet::Packet*, packet::Batch::capacity> packets;
    };
    friend struct ActionRunner;

    template <class MetadataOf>
    uint32_t process_each(std::span<packet::Packet> packets, const MetadataOf& metadata);
    void extract(const packet::Packet& packet, const Metadata& meta);
    void look_ahead(size_t n);
    void show_tapped(const flow::Match& tap, std::span<const packet::Packet> packets);
    Flow* lookup();
    void count(Flow* flow, const packet::Packet& packet);
    void end_run();
    void miss(Cursor& cursor);
    void punt(Cursor& cursor, const action::dp::Userspace& why);
    void upcall(Cursor& cursor, const action::dp::Userspace* why);
    void recirculate(Cursor& cursor, uint32_t id);
    /// False: the meter drops the packet.
    bool admit(uint32_t meter, Cursor& cursor);
    bool may_be_helped(Cursor& cursor);
    void run_part(const Flow* flow, Cursor& cursor);
    void run(std::span<const action::dp::Action> actions, Cursor& cursor);
    /// The same for each of the frames that a packet stands for, with finished checksums.
    void run_on_frames(std::span<const action::dp::Action> actions, Cursor& cursor);
    void output(DpPort port, Cursor& cursor);
    void output_prepared(Port& port, packet::Packet& packet);
    void enqueue(Port& port, const packet::Packet& packet);
    void send(Port& port, std::span<const packet::Packet* const> packets);
    /// Counts, and shows some to the handler. `arg`: see DroppedPacket.
    void drop(Drop reason, const Cursor& cursor, uint32_t arg = 0);
    void drop_at(Drop reason, Port& port, const packet::Packet& packet);
    void show(Drop reason, const packet::Packet& packet, const flow::FlowKey& key, uint32_t arg);
    packet::Packet& keep(packet::Packet&& packet) { return kept_.emplace_back(std::move(packet)); }

    Shared& shared_;
    Prng prng_;
    EngineCounters counters_;
    FlowCache cache_;
    bool use_cache_ = false;
    uint64_t cache_generation_ = 0;
    const PortMap* ports_ = nullptr;        ///< of the current pin
    const Meters::ById* meters_ = nullptr;  ///< likewise
    Time now_{};
    /// Of a batch; only the packet block is ever not zero.
    std::unique_ptr<std::array<flow::FlowKey, packet::Batch::capacity>> keys_ =
        std::make_unique<std::array<flow::FlowKey, packet::Batch::capacity>>();
    flow::FlowKey* key_ = keys_->data();  ///< of the packet under execution
    Run run_;
    std::vector<Queue> queues_;        ///< by port number
    std::vector<uint32_t> busy_;       ///< ports whose queue is not empty
    std::deque<packet::Packet> kept_;  ///< copies that queues point to
};

}  // namespace weft::dp
