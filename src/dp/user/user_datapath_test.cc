// SPDX-License-Identifier: Apache-2.0
// The datapath with its threads, between dummies: what ThreadSanitizer looks at.
#include "dp/user/user_datapath.h"

#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "base/prng.h"
#include "dp/dummy/dummy_port.h"
#include "sys/thread.h"

namespace weft::dp {
namespace {

using packet::Packet;
namespace act = action::dp;

constexpr uint32_t n_inputs = 3, out_port = 9;

ActionsPtr output(uint32_t port) {
    return std::make_shared<const act::Actions>(act::Actions{act::Output{DpPort{port}}});
}

/// UDP with source port `flow`, from input `input`, carrying a number.
Packet numbered(uint16_t flow, uint8_t input, uint32_t number) {
    Bytes f = *parse_hex(
        "020000000004 020000000002 0800 4500 0020 1234 4000 40 11 0000 0a000001 0a000002"
        "0000 0035 000c 0000 00000000");
    f[29] = input;
    f[35] = static_cast<uint8_t>(flow);
    std::memcpy(f.data() + 42, &number, 4);
    return Packet::copy_of(f);
}

/// Sends everything to one port; one megaflow for each source port and address.
struct Handler : UpcallHandler {
    std::atomic<uint64_t> calls{0};
    Verdict upcall(const Upcall& up) override {
        ++calls;
        flow::FlowMask mask{};
        mask.packet.tp_src = be_max<Be16>;
        mask.packet.nw_src = be_max<Be32>;
        return {
            .actions = output(out_port),
            .install = Verdict::Install{{up.key.packet.nw_src.host(), up.key.packet.tp_src.host()}, mask}};
    }
};

class UserDatapathTest : public testing::Test {
  protected:
    void SetUp() override {
        const auto cores = sys::usable_cores();
        dp_ = UserDatapath::open(clock_, {.cores = {cores.front(), cores.back()}}).value();
        for (uint32_t i = 1; i <= n_inputs; ++i) add_port(i);
        add_port(out_port);
        dp_->set_handler(&handler_);
    }
    void TearDown() override { dp_->set_handler(nullptr); }
    void add_port(uint32_t n) {
        ASSERT_EQ(
            dp_->add_port(
                {.name = "p" + std::to_string(n), .type = "dummy", .options = {}, .request = DpPort{n}}),
            DpPort{n});
    }
    DummyPort* port(uint32_t n) { return dp_->dummy("p" + std::to_string(n)); }

    std::atomic<uint64_t> arrived_{0};  ///< packets may still arrive when a test's body ends
    loop::Clock clock_;
    Handler handler_;
    std::unique_ptr<UserDatapath> dp_;
};

/// What came out, by input and flow: the numbers must rise.
struct Sink {
    std::mutex mutex;
    std::map<std::pair<uint8_t, uint8_t>, uint32_t> next;
    std::atomic<uint64_t> received{0};
    uint64_t disordered = 0;

    void operator()(ByteSpan frame) {
        {
            const std::lock_guard lock(mutex);
            uint32_t number;
            std::memcpy(&number, frame.data() + 42, 4);
            auto& wanted = next[{frame[29], frame[35]}];
            disordered += number != wanted;
            wanted = number + 1;
        }
        received.fetch_add(1);  // the last access: the test may end here
    }
};

TEST_F(UserDatapathTest, packets_of_a_flow_keep_their_order_while_its_megaflow_comes_and_goes) {
    constexpr uint32_t packets = 6000, flows = 4;
    Sink sink;
    port(out_port)->listen([&](ByteSpan f) { sink(f); });
    std::atomic<uint64_t> injected{0};
    std::vector<std::thread> sources;
    for (uint32_t input = 1; input <= n_inputs; ++input)
        sources.emplace_back([&, input] {
            DummyPort* in = port(input);
            for (uint32_t i = 0; i < packets; ++i) {
                while (injected.load() - sink.received.load() > 500) std::this_thread::yield();
                in->inject(
                    numbered(static_cast<uint16_t>(i % flows), static_cast<uint8_t>(input), i / flows));
                injected.fetch_add(1);
            }
        });
    Prng prng(1);
    for (int i = 0; sink.received < uint64_t{packets} * n_inputs; ++i) {
        (void)dp_->remove_flow({0x0a000000 + 1 + prng.below(n_inputs), prng.below(flows)});
        if (i % 50 == 0) dp_->flush_flows();
        if (i % 10 == 0) dp_->run(clock_.now());
        if (i % 20 == 0) dp_->for_each_flow([](const FlowInfo& f) { EXPECT_EQ(f.actions->size(), 1u); });
        std::this_thread::yield();
    }
    for (auto& t : sources) t.join();
    EXPECT_EQ(sink.disordered, 0u);
    // Counts follow a moment after the packets.
    const uint64_t total = uint64_t{packets} * n_inputs;
    while (dp_->port_stats(DpPort{out_port})->tx_packets != total) std::this_thread::yield();
    while (dp_->stats().hit + dp_->stats().missed != total) std::this_thread::yield();
    const DatapathStats s = dp_->stats();
    EXPECT_EQ(s.missed, handler_.calls.load());
    EXPECT_GT(s.missed, uint64_t{n_inputs}) << "flows did come and go";
}

TEST_F(UserDatapathTest, ports_threads_and_handlers_change_under_traffic) {
    std::atomic<bool> stop{false};
    std::thread source([&, in = port(1)] {
        while (!stop) {
            in->inject(numbered(1, 1, 0));
            std::this_thread::yield();
        }
    });
    const auto cores = sys::usable_cores();
    for (int i = 0; i < 100; ++i) {
        dp_->remove_port(DpPort{out_port}).value();
        add_port(out_port);
        if (i % 10 == 0) dp_->set_cores(i % 20 ? std::vector<int>{} : std::vector<int>{cores.back()}).value();
        if (i % 7 == 0) {
            dp_->set_handler(nullptr);
            dp_->flush_flows();
            dp_->set_handler(&handler_);
        }
        dp_->execute(numbered(2, 1, 0), {}, output(out_port));
        dp_->run(clock_.now());
    }
    dp_->remove_port(DpPort{out_port}).value();
    add_port(out_port);
    stop = true;
    source.join();
    port(out_port)->listen([this](ByteSpan) { ++arrived_; });
    port(1)->inject(numbered(1, 1, 0));
    while (arrived_ == 0) std::this_thread::yield();
}

TEST_F(UserDatapathTest, a_waiting_thread_wakes_for_each_packet) {
    port(out_port)->listen([this](ByteSpan) { ++arrived_; });
    for (int i = 0; i < 10; ++i) {
        port(1)->inject(numbered(1, 1, 0));
        while (arrived_.load() != static_cast<uint64_t>(i) + 1) std::this_thread::yield();
    }
    while (dp_->stats().hit != 9u) std::this_thread::yield();
}

TEST_F(UserDatapathTest, threads_hash_recirculate_and_meter_while_meters_change) {
    /// On the first way hashed and sent back, on the second within a rate that all threads share.
    struct ByHash : UpcallHandler {
        std::atomic<uint32_t> meter{0};
        std::atomic<uint64_t> without_hash{0};
        Verdict upcall(const Upcall& up) override {
            const uint32_t way = up.key.packet.recirc_id.host();
            without_hash += way && !up.key.packet.dp_hash.host();
            flow::FlowMask mask{};
            mask.packet.recirc_id = be_max<Be32>;
            act::Actions list{act::Hash{1, 0}, act::Recirc{5}};
            if (way) list = {act::Meter{meter}, act::Output{DpPort{out_port}}};
            return {.actions = std::make_shared<const act::Actions>(std::move(list)),
                    .install = Verdict::Install{{7, way}, mask}};
        }
    } by_hash;
    const action::MeterSpec spec{.flags = action::meter_flag::pktps | action::meter_flag::burst,
                                 .bands = {{.rate = 1, .burst = 50}}};
    by_hash.meter = dp_->set_meter(std::nullopt, spec, clock_.now()).value();
    dp_->set_handler(&by_hash);
    port(out_port)->listen([this](ByteSpan) { ++arrived_; });
    constexpr uint64_t each = 500, total = each * n_inputs;
    std::vector<std::thread> sources;
    for (uint32_t input = 1; input <= n_inputs; ++input)
        sources.emplace_back([&, input] {
            for (uint32_t i = 0; i < each; ++i) {
                port(input)->inject(numbered(static_cast<uint16_t>(i % 50), static_cast<uint8_t>(input), i));
                if (i % 50 == 0) std::this_thread::yield();
            }
        });
    // Others come and go meanwhile.
    for (int i = 0; i < 100; ++i) {
        dp_->remove_meter(dp_->set_meter(std::nullopt, spec, clock_.now()).value());
        dp_->run(clock_.now());
    }
    for (auto& t : sources) t.join();
    while (dp_->meter_counts(by_hash.meter)->packets < total)
        std::this_thread::yield();  // queues take all of them
    const auto counts = *dp_->meter_counts(by_hash.meter);
    const uint64_t passed = counts.packets - counts.bands.at(0).packets;
    EXPECT_GE(passed, 50u);
    EXPECT_LE(passed, 100u) << "a burst, and one for each second that this took";
    while (arrived_ < passed) std::this_thread::yield();
    EXPECT_EQ(by_hash.without_hash, 0u);
    dp_->set_handler(&handler_);
}

}  // namespace
}  // namespace weft::dp
