// SPDX-License-Identifier: Apache-2.0
// The host itself as a station behind the eBPF datapath. Needs root.
#include "dp/core/offload.h"
#include "dp/ebpf/ebpf_pairs.h"
#include "sys/tap.h"

namespace weft::dp {
namespace {

using packet::Csum;
using packet::Gso;
using packet::Packet;
using testing::collect;
using testing::run;
using testing::tcp;
namespace act = action::dp;

class EbpfHostSystem : public testing::EbpfPairs {};

/// What the host has to say is the kernel's too, super-packets and all.
TEST_F(EbpfHostSystem, an_internal_port_connects_the_host_by_the_kernel_both_ways) {
    const DpPort host = add("br0", "internal");
    run("ip link set br0 arp off && ip link set br0 up");
    forward(1, {act::Output{host}});
    forward(host.value, {act::Output{DpPort{1}}});
    auto host_sender = sys::PacketSender::open(index("br0"), {}).value();
    auto host_ring = sys::PacketRing::open(index("br0"), {}).value();
    for (const uint64_t hits : {0, 1, 2}) {  // the first goes up
        const Packet p = tcp(60000);
        const Packet* one = &p;
        ASSERT_EQ(host_sender->send({&one, 1}).packets, 1u);
        send(p.clone());
        for (const auto& got : {collect(*ring1_, 1), collect(*host_ring, 1)}) {
            ASSERT_EQ(got.size(), 1u);
            EXPECT_EQ(got[0].offload.gso, Gso::tcp4);
            EXPECT_EQ(got[0].offload.csum, Csum::partial);
            EXPECT_TRUE(std::ranges::equal(got[0].bytes(), p.bytes()));
        }
        ebpf_->settle();
        EXPECT_EQ(ebpf_->program_counters().hit, 2 * hits);
    }
    EXPECT_EQ(dp_->port_stats(host)->rx_packets, 3u);
    EXPECT_EQ(dp_->port_stats(host)->tx_packets, 3u);
    const PortState state = dp_->port_state(host).value();
    EXPECT_EQ(state.ifindex, index("br0"));
    EXPECT_EQ(state.mtu, 1500);
    EXPECT_EQ(state.status.at("ebpf_hook"), "tc");
    run("ip link set br0 mtu 1000");
    dp_->run(clock_.now());
    Packet big = tcp(1200);
    finish_checksum(big);
    send(std::move(big));
    EXPECT_TRUE(collect(*host_ring, 1).empty());
    EXPECT_EQ(ebpf_->program_counters().lost[weft_beyond_mtu], 1u);
    dp_->remove_port(host).value();
    EXPECT_EQ(kernel_->netlink->link("weft-br0").error().code, ENODEV);
}

/// A tap is what ports of that type are, and internal ones that the userspace datapath made.
TEST_F(EbpfHostSystem, a_tap_connects_the_host_and_user_space_reads_it) {
    dp_->set_handler(nullptr);
    sys::Tap::open("br0").value();
    for (const char* type : {"tap", "internal"}) {
        SCOPED_TRACE(type);
        dp_->flush_flows();
        const DpPort host = add("br0", type);
        run("ip addr add 10.0.0.2/24 dev br0 && ip link set br0 up");
        forward(1, {act::Output{host}});
        forward(host.value, {act::Output{DpPort{1}}});
        dp_->set_handler(&handler_);
        const auto ask = [&] {
            send(
                Packet::copy_of(*parse_hex("ffffffffffff 020000000002 0806 0001 0800 06 04 0001"
                                           "020000000002 0a000001 000000000000 0a000002")));
            std::vector<Packet> got;
            do got = collect(*ring1_, 1);
            while (!got.empty() && got[0].data()[21] != 2);  // the host may ask for itself too
            EXPECT_EQ(got.size(), 1u) << "the host answers ARP";
        };
        ask();
        ebpf_->settle();
        const uint64_t hits = ebpf_->program_counters().hit;
        ask();
        EXPECT_EQ(ebpf_->program_counters().hit, hits + 1);
        EXPECT_EQ(dp_->port_stats(host)->tx_packets, 2u);
        EXPECT_EQ(dp_->port_state(host)->status.at("ebpf_hook"), "none");
        dp_->remove_port(host).value();
        EXPECT_EQ(kernel_->netlink->link("br0").error().code, ENODEV);
        sys::Tap::open("br0").value();
    }
}

}  // namespace
}  // namespace weft::dp
