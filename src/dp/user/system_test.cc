// SPDX-License-Identifier: Apache-2.0
// The datapath between real devices, in a network namespace of each test's own. Needs root.
#include <poll.h>

#include <cerrno>
#include <cstring>

#include "dp/core/edit.h"
#include "dp/core/offload.h"
#include "dp/user/two_pairs.h"
#include "sys/internal_pair.h"
#include "sys/xdp_transmit.h"

namespace weft::dp {
namespace {

using packet::Csum;
using packet::Gso;
using packet::Packet;
using testing::collect;
using testing::readable;
using testing::run;
using testing::tcp;
namespace act = action::dp;

class UserDatapathSystem : public testing::TwoPairs {};

TEST_F(UserDatapathSystem, frames_and_their_offload_pass_from_device_to_device) {
    send(tcp(100));
    send(tcp(60000));
    const auto got = collect(*ring2_, 2);
    ASSERT_EQ(got.size(), 2u);
    EXPECT_EQ(got[0].offload.csum, Csum::partial);
    EXPECT_EQ(got[1].offload.gso, Gso::tcp4);
    EXPECT_TRUE(std::ranges::equal(got[1].bytes(), tcp(60000).bytes()));
    EXPECT_EQ(dp_->stats().missed, 1u);
    EXPECT_GT(latency_of(1).sum, Duration(0));
    EXPECT_EQ(dp_->port_stats(DpPort{1})->rx_packets, 2u);
    EXPECT_EQ(dp_->port_stats(DpPort{2})->tx_packets, 2u);
}

TEST_F(UserDatapathSystem, super_packets_pass_through_pushed_and_popped_vlan_tags) {
    const act::PushVlan inner{Be16(0x8100), Be16(5 | flow::vlan_present)};
    const act::PushVlan outer{Be16(0x88a8), Be16(6 | flow::vlan_present)};
    forward(1, {inner, outer, act::Output{DpPort{2}}});
    send(tcp(30000));
    auto got = collect(*ring2_, 1);
    ASSERT_EQ(got.size(), 1u);
    EXPECT_EQ(got[0].offload.gso, Gso::tcp4);
    EXPECT_EQ(got[0].offload.csum_start, 42);
    edit(got[0], act::PopVlan{});
    edit(got[0], act::PopVlan{});
    EXPECT_TRUE(std::ranges::equal(got[0].bytes(), tcp(30000).bytes()));
}

TEST_F(UserDatapathSystem, a_super_packet_that_gets_a_label_is_segmented_first) {
    forward(1, {act::PushMpls{Be32(0x00064140), Be16(0x8847)}, act::Output{DpPort{2}}});
    send(tcp(4200));
    const auto got = collect(*ring2_, 3);
    ASSERT_EQ(got.size(), 3u);
    for (const Packet& p : got) {
        EXPECT_EQ(p.offload.gso, Gso::none);
        EXPECT_EQ(p.size(), 54u + 4 + 1400);
        EXPECT_EQ(format_hex(p.bytes().subspan(12, 6)), "884700064140");
    }
}

TEST_F(UserDatapathSystem, an_internal_port_connects_the_host) {
    const DpPort host = add("br0", "internal");
    run("ip addr add 10.0.0.2/24 dev br0 && ip link set br0 up");
    forward(1, {act::Output{host}});
    forward(host.value, {act::Output{DpPort{1}}});
    send(
        Packet::copy_of(*parse_hex("ffffffffffff 020000000002 0806 0001 0800 06 04 0001"
                                   "020000000002 0a000001 000000000000 0a000002")));
    std::vector<Packet> got;
    do got = collect(*ring1_, 1);
    while (!got.empty() && got[0].data()[21] != 2);  // the host may ask for itself too
    ASSERT_EQ(got.size(), 1u) << "the host answers ARP";
    EXPECT_EQ(format_hex(got[0].bytes().subspan(28, 4)), "0a000002");
    for (const PortState& s : dp_->ports()) {
        if (s.number != host) continue;
        EXPECT_EQ(s.type, "internal");
        EXPECT_EQ(s.mtu, 1500);
        EXPECT_TRUE(s.admin_up);
        EXPECT_NE(s.ifindex, 0);
    }
}

TEST_F(UserDatapathSystem, an_internal_port_outlives_the_process_but_not_its_removal) {
    add("br0", "internal");
    add("br1", "internal");
    run("ip addr add 10.0.0.2/24 dev br0");
    dp_.reset();  // like a killed process, this removes no port
    run("ip addr show dev br0 | grep -q 10.0.0.2");
    dp_ = UserDatapath::open(clock_, {}).value();
    dp_->remove_leftovers(std::vector<std::string>{"br0"}).value();
    EXPECT_EQ(kernel_->netlink->link("br1").error().code, ENODEV) << "nobody wants it any more";
    const DpPort again = add("br0", "internal");
    run("ip addr show dev br0 | grep -q 10.0.0.2");
    dp_->remove_port(again).value();
    EXPECT_EQ(kernel_->netlink->link("br0").error().code, ENODEV);
}

TEST_F(UserDatapathSystem, an_internal_port_that_the_kernel_forwarded_for_is_taken_over_and_cleaned_up) {
    for (const char* name : {"br0", "br1"}) sys::InternalPair::open(*kernel_->netlink, name).value();
    run("ip addr add 10.0.0.2/24 dev br0 && ip link set br0 arp off && ip link set br0 up");
    dp_->remove_leftovers(std::vector<std::string>{"br0"}).value();
    EXPECT_EQ(kernel_->netlink->link("br1").error().code, ENODEV) << "nobody wants it any more";
    const DpPort host = add("br0", "internal");
    run("ip addr show dev br0 | grep -q 10.0.0.2");
    forward(1, {act::Output{host}});
    forward(host.value, {act::Output{DpPort{1}}});
    auto host_sender = sys::PacketSender::open(index("br0"), {}).value();
    auto host_ring = sys::PacketRing::open(index("br0"), {}).value();
    const Packet p = tcp(60000);
    const Packet* one = &p;
    ASSERT_EQ(host_sender->send({&one, 1}).packets, 1u);
    send(p.clone());
    for (const auto& got : {collect(*ring1_, 1), collect(*host_ring, 1)}) {
        ASSERT_EQ(got.size(), 1u);
        EXPECT_EQ(got[0].offload.gso, Gso::tcp4);
    }
    dp_->remove_port(host).value();
    EXPECT_EQ(kernel_->netlink->link("br0").error().code, ENODEV);
}

TEST_F(UserDatapathSystem, news_of_devices_is_told_by_name_once) {
    const auto news = [&] {
        pollfd p{dp_->news_fd(), POLLIN, 0};
        EXPECT_EQ(::poll(&p, 1, 5000), 1) << "the descriptor wakes who waits for news";
        dp_->run(clock_.now());
        return dp_->take_news().names;
    };
    dp_->run(clock_.now());
    dp_->take_news();
    run("ip link set s1 down");
    EXPECT_TRUE(news().contains("s1"));
    EXPECT_TRUE(dp_->take_news().names.empty());
    run("ip link add late type veth peer name etal");
    EXPECT_TRUE(news().contains("late"));
    run("ip link set s2 down && ip link set s2 name other");
    const auto renamed = news();
    EXPECT_TRUE(renamed.contains("other") && renamed.contains("s2")) << "the port still has the old name";
    run("ip link del s1");
    EXPECT_TRUE(news().contains("s1"));
}

TEST_F(UserDatapathSystem, the_resets_of_a_link_are_counted_from_its_opening) {
    EXPECT_EQ(dp_->ports()[0].link_resets, 0u);
    run("ip link set h1 down && ip link set h1 up");
    EXPECT_EQ(dp_->ports()[0].link_resets, 2u);
}

TEST_F(UserDatapathSystem, a_device_that_is_missing_or_vanishes_is_told) {
    const auto missing = dp_->add_port({.name = "nosuch", .type = "system", .options = {}, .request = {}});
    EXPECT_EQ(missing.error().code, ENODEV);
    EXPECT_EQ(missing.error().message, "network device nosuch: No such device");
    EXPECT_EQ(dp_->add_port({.name = "x", .type = "geneve", .options = {}, .request = {}}).error().code,
              EAFNOSUPPORT);
    EXPECT_EQ(dp_->ports()[0].status.at("driver_name"), "veth");
    EXPECT_TRUE(dp_->ports()[0].link_up);
    run("ip link del s1");
    EXPECT_EQ(dp_->ports()[0].ifindex, 0);
    EXPECT_FALSE(dp_->ports()[0].link_up);
    dp_->remove_port(DpPort{1}).value();
    run("ip link add s1 type veth peer name h1 && ip link set s1 up && ip link set h1 up");
    EXPECT_EQ(add("s1", "system"), DpPort{1});
    sender1_ = sys::PacketSender::open(index("h1"), {}).value();
    send(tcp(10));
    EXPECT_EQ(collect(*ring2_, 1).size(), 1u);
}

TEST_F(UserDatapathSystem, a_port_that_leaves_is_the_hosts_again) {
    forward(1, {});  // else h2 would answer
    run("ip addr add 10.0.0.2/24 dev s1");
    const auto host_answers = [&] {
        send(
            Packet::copy_of(*parse_hex("ffffffffffff 020000000002 0806 0001 0800 06 04 0001"
                                       "020000000002 0a000001 000000000000 0a000002")));
        return readable(ring1_->fd(), 50ms);
    };
    EXPECT_FALSE(host_answers());
    dp_->remove_port(DpPort{1}).value();
    EXPECT_TRUE(host_answers());
    run("ip -d link show s1 | grep -q 'promiscuity 0'");
}

TEST_F(UserDatapathSystem, frames_beyond_the_mtu_of_a_port_are_dropped_when_it_changes) {
    run("ip link set s2 mtu 1000");
    dp_->run(clock_.now());
    Packet big = tcp(1200);
    finish_checksum(big);
    send(std::move(big));
    send(tcp(100));
    const auto got = collect(*ring2_, 1);
    ASSERT_EQ(got.size(), 1u);
    EXPECT_EQ(got[0].size(), tcp(100).size());
}

TEST_F(UserDatapathSystem, a_port_that_a_program_forwards_has_af_xdp_only_while_much_is_sent_by_it) {
    run("ip link add h3 type veth peer name s3 && ip link set h3 up && ip link set s3 up");
    const auto port =
        SystemPort::open(*kernel_, DpPort{3}, {.name = "s3", .type = "system", .options = {}, .request = {}},
                         SystemPort::Receiver::program_in_kernel)
            .value();
    const auto ring = sys::PacketRing::open(index("h3"), {}).value();
    constexpr uint32_t at_once = packet::Batch::capacity;
    uint32_t sent = 0, received = 0;
    const auto send_some = [&] {
        std::vector<Packet> frames;
        std::vector<const Packet*> list;
        for (uint32_t i = 0; i < at_once; ++i) {
            Bytes f = *parse_hex("020000000004 020000000002 1234");
            f.resize(60);
            std::memcpy(&f[20], &sent, sizeof sent);
            ++sent;
            frames.push_back(Packet::copy_of(f));
        }
        for (const Packet& p : frames) list.push_back(&p);
        EXPECT_EQ(port->transmit(list).packets, at_once);
        for (const Packet& p : collect(*ring, at_once)) {
            uint32_t number = 0;
            std::memcpy(&number, p.data() + 20, sizeof number);
            EXPECT_EQ(number, received++);
        }
    };
    const auto is_taken = [&] {
        const auto another = sys::XdpTransmit::open(index("s3"));
        return !another && another.error().code == EBUSY;
    };
    Time now = Time{} + 1h;
    port->housekeep(now);
    for (int i = 0; i < 50; ++i) send_some();
    port->housekeep(now += 200ms);
    EXPECT_TRUE(is_taken());
    for (int i = 0; i < 20; ++i) send_some();
    port->housekeep(now += 11s);
    const Time end = clock_.now() + 10s;  // the kernel takes its time
    bool taken = true;
    while (taken && clock_.now() < end) taken = is_taken();
    EXPECT_FALSE(taken);
    send_some();
    EXPECT_EQ(received, sent);
}

}  // namespace
}  // namespace weft::dp
