// SPDX-License-Identifier: Apache-2.0
// What the eBPF datapath takes for many flows, and what it does beyond what the kernel has room for. Needs
// root.
#include <algorithm>
#include <bit>
#include <thread>

#include "dp/ebpf/ebpf_pairs.h"

namespace weft::dp {
namespace {

using testing::collect, testing::run, testing::tcp;
namespace act = action::dp;

class EbpfLimitsSystem : public testing::EbpfPairs {
  protected:
    /// A flow of packets from the port to that address, as far as the mask says, to port 2.
    void put(uint32_t id, uint32_t in_port, uint32_t address, uint32_t mask) {
        flow::Match match{};
        match.key.set_in_port(DpPort{in_port});
        match.mask.packet.in_port = be_max<Be32>;
        match.key.packet.nw_dst = Be32(address & mask);
        match.mask.packet.nw_dst = Be32(mask);
        dp_->put_flow({9, id}, match, to_port_2_, PutMode::create).value();
    }
    const ActionsPtr to_port_2_ = std::make_shared<const act::Actions>(act::Actions{act::Output{DpPort{2}}});
};

TEST_F(EbpfLimitsSystem, memory_follows_the_count_of_flows) {
    constexpr uint32_t n = 200'000;
    const size_t stripes =
        std::min<size_t>(weft_stripes_max, std::bit_ceil(std::thread::hardware_concurrency()));
    const size_t cells = sizeof(weft_entry) + stripes * sizeof(weft_flow_stats), buckets = 64;
    const uint64_t before = ebpf_->flow_counts().memory;
    EXPECT_LE(before, 4096 * (cells + buckets)) << "nothing is there for flows that may come";
    for (uint32_t i = 0; i < n; ++i) put(i, 1, i, ~0u);
    const KernelFlows::Counts full = ebpf_->flow_counts();
    EXPECT_EQ(full.flows, n);
    EXPECT_EQ(full.left_out, 0u);
    EXPECT_GE(full.memory, n * cells);
    EXPECT_LE(full.memory, n * (2 * cells + buckets));
    RecordProperty("bytes_per_flow", static_cast<int>(full.memory / n));
    for (uint32_t i = 0; i < n; ++i) (void)dp_->remove_flow({9, i}).value();
    for (uint32_t i = 0; i < n; ++i) put(i, 1, i, ~0u);
    EXPECT_LE(ebpf_->flow_counts().memory, n * (3 * cells + buckets))
        << "what removed flows had is used again";
}

TEST_F(EbpfLimitsSystem, flows_beyond_the_kernels_masks_are_forwarded_by_user_space) {
    for (uint32_t i = 0; i < weft_masks_max; ++i) put(i, 1000 + i, 0x0a000002, 0xffff0000 + i);
    put(weft_masks_max, 1, 0x0a000002, ~0u);
    const KernelFlows::Counts counts = ebpf_->flow_counts();
    EXPECT_EQ(counts.masks, size_t{weft_masks_max});
    EXPECT_EQ(counts.no_mask, 1u);
    for (const uint32_t length : {10u, 20u}) send(tcp(length));
    const auto got = collect(*ring2_, 2);
    ASSERT_EQ(got.size(), 2u);
    EXPECT_EQ(got[0].size(), tcp(10).size());
    EXPECT_EQ(got[1].size(), tcp(20).size());
    EXPECT_EQ(ebpf_->program_counters().hit, 0u);
    EXPECT_EQ(dp_->stats().missed, 0u) << "nobody translates them again";
    EXPECT_EQ((dp_->flow({9, weft_masks_max})->stats.packets), 2u);
}

TEST_F(EbpfLimitsSystem, a_port_beyond_the_kernels_numbers_is_forwarded_by_user_space) {
    run("ip link add h3 type veth peer name s3 && ip link set h3 up && ip link set s3 up");
    const DpPort far{weft_ports_max + 7};
    ASSERT_EQ(dp_->add_port({.name = "s3", .type = "system", .options = {}, .request = far}).value(), far);
    forward(1, {act::Output{far}});
    forward(far.value, {act::Output{DpPort{2}}});
    const auto ring3 = sys::PacketRing::open(index("h3"), {}).value();
    const auto sender3 = sys::PacketSender::open(index("h3"), {}).value();
    for (const uint32_t length : {10u, 20u}) {
        send(tcp(length));
        ASSERT_EQ(collect(*ring3, 1).size(), 1u);
        const packet::Packet back = tcp(length);
        const packet::Packet* one = &back;
        ASSERT_EQ(sender3->send({&one, 1}).packets, 1u);
        ASSERT_EQ(collect(*ring2_, 1).size(), 1u);
    }
    const PortState state = dp_->port_state(far).value();
    EXPECT_EQ(state.status.at("ebpf_hook"), "none");
    EXPECT_NE(state.status.at("ebpf_hook_reason").find("numbers below 4096"), std::string::npos);
}

}  // namespace
}  // namespace weft::dp
