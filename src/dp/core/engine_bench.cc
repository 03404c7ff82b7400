// SPDX-License-Identifier: Apache-2.0
// CPU time per packet of the core alone: batches of 32 from one port to one that throws them away.
#include <benchmark/benchmark.h>

#include "base/hash.h"
#include "dp/core/engine.h"
#include "dp/core/port_list.h"

namespace weft::dp {
namespace {

using packet::Packet;

struct NullPort : Port {
    using Port::Port;
    void receive(packet::Batch&, uint32_t) override {}
    bool takes_offload() const override { return true; }
    PortState state() const override { return {}; }
    Result<void> set_options(const PortSpec&) override { return {}; }
    Result<void> set_up(bool) override { return {}; }
    PortStats stats() const override { return counted(); }
    Sent send(std::span<const Packet* const> p) override {
        return {.packets = static_cast<uint32_t>(p.size())};
    }
};

/// Exact matches of the 5-tuple, or one flow for the port.
struct Handler : UpcallHandler {
    bool exact = false;
    ActionsPtr actions =
        std::make_shared<const action::dp::Actions>(action::dp::Actions{action::dp::Output{DpPort{2}}});
    Verdict upcall(const Upcall& up) override {
        flow::FlowMask m{};
        m.packet.in_port = be_max<Be32>;
        m.packet.recirc_id = be_max<Be32>;
        m.packet.eth_type = be_max<Be16>;
        m.packet.nw_frag = 3;
        if (exact) {
            m.packet.nw_src = m.packet.nw_dst = be_max<Be32>;
            m.packet.nw_proto = 0xff;
            m.packet.tp_src = m.packet.tp_dst = be_max<Be16>;
        }
        const uint64_t tuple = uint64_t{up.key.packet.nw_src.raw()} << 16 | up.key.packet.tp_src.raw();
        return {.actions = actions, .install = Verdict::Install{{1, exact ? tuple : 0}, m}};
    }
};

struct Bench {
    Shared shared;
    loop::EpochReader reader{shared.domain};
    Engine engine{shared};
    Handler handler;
    std::vector<Packet> packets;
    uint32_t flows;

    explicit Bench(uint32_t n) : flows(n) {
        for (const uint32_t port : {1, 2})
            publish_port(shared, DpPort{port}, std::make_shared<NullPort>(DpPort{port}, PortSpec{}));
        shared.handler = &handler;
        const Bytes frame = *parse_hex(
            "020000000004 020000000002 0800 4500 002e 1234 4000 40 11 0000 0a000001 0a000002"
            "0000 0035 001a 0000 000000000000000000000000000000000000");
        for (int i = 0; i < 32; ++i) packets.push_back(Packet::copy_of(frame));
    }
    void batch() {
        for (Packet& p : packets) {
            const auto flow = static_cast<uint32_t>(next_++ % flows * 2654435761u % flows);
            std::memcpy(p.data() + 26, &flow, 4);
        }
        const auto pin = reader.pin();
        engine.begin(pin, Time(1ms));
        engine.process(packets, DpPort{1});
        engine.flush();
    }
    uint64_t next_ = 0;
};

void forward(benchmark::State& state) {
    Bench bench(static_cast<uint32_t>(state.range(0)));
    bench.handler.exact = state.range(1) != 0;
    for (int64_t i = 0; i < state.range(2); ++i) {  // masks that never match
        flow::Match m;
        m.key.packet.nw_ttl = m.mask.packet.nw_ttl = static_cast<uint8_t>(1 + i);
        m.key.packet.nw_tos = m.mask.packet.nw_tos = 0xff;
        bench.shared.flows.put({7, static_cast<uint64_t>(i)}, m, bench.handler.actions, PutMode::create)
            .value();
    }
    for (uint32_t i = 0; i < bench.flows; i += 32) bench.batch();
    bench.shared.flows.tidy_up();
    for (auto _ : state) bench.batch();
    state.SetItemsProcessed(state.iterations() * 32);
}
BENCHMARK(forward)
    ->ArgNames({"flows", "exact", "other_masks"})
    ->Args({1, 0, 0})
    ->Args({1'000'000, 0, 0})
    ->Args({10'000, 1, 0})
    ->Args({1'000'000, 1, 0})
    ->Args({1'000, 1, 20})
    ->Args({100'000, 1, 20});

void miss_and_install(benchmark::State& state) {
    Bench bench(1u << 31);
    bench.handler.exact = true;
    for (auto _ : state) {
        bench.batch();
        if (bench.shared.flows.size() < 100'000) continue;
        state.PauseTiming();
        bench.shared.flows.clear();
        bench.shared.flows.tidy_up();
        state.ResumeTiming();
    }
    state.SetItemsProcessed(state.iterations() * 32);
}
BENCHMARK(miss_and_install);

}  // namespace
}  // namespace weft::dp
