// SPDX-License-Identifier: Apache-2.0
// Against the running kernel, in a network namespace of each test's own. Needs root.
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "base/time.h"
#include "packet/batch.h"
#include "sys/ethtool.h"
#include "sys/ingress_drop.h"
#include "sys/internal_pair.h"
#include "sys/netlink.h"
#include "sys/packet_ring.h"
#include "sys/packet_sender.h"
#include "sys/tap.h"
#include "sys/testing.h"

namespace weft::sys {
namespace {

using packet::Batch;
using packet::Csum;
using packet::Gso;
using packet::Packet;

constexpr auto long_enough_to_see_nothing = 50ms;

void run(const std::string& command) { ASSERT_EQ(std::system(command.c_str()), 0) << command; }

/// A namespace with the veth pair va - vb, both up, without IPv6's chatter.
class System : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_EQ(::unshare(CLONE_NEWNET), 0) << "these tests make network namespaces: run them as root";
        run("echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6");
        run("ip link add va type veth peer name vb && ip link set va up && ip link set vb up && ip link set "
            "lo "
            "up");
        netlink_ = std::move(*Netlink::open());
    }
    int index(const std::string& name) { return netlink_->link(name).value().ifindex; }
    std::unique_ptr<PacketRing> ring(const std::string& name, uint32_t slots = 64) {
        return PacketRing::open(index(name), {.slots = slots}).value();
    }
    std::unique_ptr<PacketSender> sender(const std::string& name, PacketSender::Options options = {}) {
        return PacketSender::open(index(name), options).value();
    }
    std::unique_ptr<Netlink> netlink_;
};

template <class Sink>
SendResult send(Sink& sink, const std::vector<Packet>& packets) {
    std::vector<const Packet*> pointers;
    for (const Packet& p : packets) pointers.push_back(&p);
    return sink.send(pointers);
}

/// TCP over IPv4 from 10.0.0.1 to 10.0.0.2 with `payload` bytes, checksum left to do, in a frame of src 2,
/// dst 4.
Packet tcp(uint32_t payload, uint16_t mark) {
    Bytes f = *parse_hex(
        "020000000004 020000000002 0800"
        "4500 0000 0000 4000 40 06 0000 0a000001 0a000002"
        "1000 0050 00000001 00000001 5010 2000 0000 0000");
    const auto total = static_cast<uint16_t>(40 + payload);
    f[16] = static_cast<uint8_t>(total >> 8);
    f[17] = static_cast<uint8_t>(total);
    f[18] = static_cast<uint8_t>(mark >> 8);  // IP identification
    f[19] = static_cast<uint8_t>(mark);
    f.resize(f.size() + payload, 0x5a);
    Packet p = Packet::copy_of(f);
    p.offload = {.csum = Csum::partial, .csum_start = 34, .csum_offset = 16};
    if (payload > 1460) {
        p.offload.gso = Gso::tcp4;
        p.offload.gso_size = 1448;
        p.offload.header_size = 54;
    }
    return p;
}

Packet plain(uint16_t mark) {
    Packet p = tcp(10, mark);
    p.offload = {};
    return p;
}

uint16_t mark_of(const Packet& p) { return static_cast<uint16_t>(p.data()[18] << 8 | p.data()[19]); }

TEST_F(System, a_plain_frame_arrives_as_it_was_sent) {
    auto b = ring("vb");
    auto a = sender("va");
    EXPECT_TRUE(a->uses_xdp());
    std::vector<Packet> sent;
    sent.push_back(plain(7));
    EXPECT_EQ(send(*a, sent).packets, 1u);
    const auto got = collect(*b, 1);
    ASSERT_EQ(got.size(), 1u);
    EXPECT_EQ(format_hex(got[0].bytes()), format_hex(sent[0].bytes()));
    EXPECT_GE(got[0].headroom(), 64u);
}

TEST_F(System, checksum_and_segmentation_work_left_to_do_stays_with_the_frame) {
    auto b = ring("vb");
    auto a = sender("va");
    std::vector<Packet> sent;
    sent.push_back(tcp(100, 1));
    sent.push_back(tcp(60000, 2));
    EXPECT_EQ(send(*a, sent).packets, 2u);
    const auto got = collect(*b, 2);
    ASSERT_EQ(got.size(), 2u);
    for (size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(got[i].size(), sent[i].size());
        EXPECT_EQ(got[i].offload.csum, Csum::partial);
        EXPECT_EQ(got[i].offload.csum_start, 34);
        EXPECT_EQ(got[i].offload.gso, sent[i].offload.gso);
        EXPECT_EQ(got[i].offload.gso_size, sent[i].offload.gso_size);
    }
    EXPECT_TRUE(std::ranges::equal(got[1].bytes(), sent[1].bytes()));
}

TEST_F(System, frames_of_all_kinds_keep_their_order) {
    for (const bool xdp : {true, false}) {
        auto b = ring("vb", 1024);
        auto a = sender("va", {.xdp = xdp});
        std::vector<Packet> sent;
        for (uint16_t i = 0; i < 300; ++i)
            sent.push_back(i % 7 == 3 ? tcp(20000, i) : i % 5 == 2 ? tcp(64, i) : plain(i));
        EXPECT_EQ(send(*a, sent).packets, 300u);
        const auto got = collect(*b, 300);
        ASSERT_EQ(got.size(), 300u);
        for (uint16_t i = 0; i < 300; ++i) ASSERT_EQ(mark_of(got[i]), i);
        EXPECT_EQ(b->counters().dropped + b->counters().truncated, 0u);
    }
}

TEST_F(System, a_vlan_tag_that_the_kernel_strips_is_back_in_the_frame) {
    auto b = ring("vb");
    auto a = sender("va");
    for (const uint32_t payload : {10u, 30000u}) {
        std::vector<Packet> sent;
        sent.push_back(tcp(payload, 1));
        std::memcpy(sent[0].insert(12, 4), "\x81\x00\x20\x05", 4);
        EXPECT_EQ(send(*a, sent).packets, 1u);
        const auto got = collect(*b, 1);
        ASSERT_EQ(got.size(), 1u);
        EXPECT_EQ(got[0].offload.csum_start, 38);
        EXPECT_EQ(got[0].offload.gso, sent[0].offload.gso);
        EXPECT_TRUE(std::ranges::equal(got[0].bytes(), sent[0].bytes()));
    }
}

TEST_F(System, a_full_ring_counts_what_it_drops_and_goes_on) {
    auto b = ring("vb", 64);
    auto a = sender("va");
    std::vector<Packet> sent;
    for (uint16_t i = 0; i < 100; ++i) sent.push_back(plain(i));
    send(*a, sent);
    EXPECT_EQ(collect(*b, 64).size(), 64u);
    EXPECT_EQ(b->counters().dropped, 36u);
    send(*a, sent);
    EXPECT_EQ(collect(*b, 64).size(), 64u);
}

TEST_F(System, a_sender_takes_over_xdp_when_its_owner_lets_go) {
    auto first = sender("va");
    auto second = sender("va");
    EXPECT_FALSE(second->uses_xdp());
    EXPECT_TRUE(second->wants_xdp());
    std::vector<Packet> sent;
    sent.push_back(plain(1));
    EXPECT_EQ(send(*second, sent).packets, 1u);
    first.reset();
    for (int i = 0; i < 1000 && second->wants_xdp(); ++i) {  // the kernel lets go a moment later
        second->try_xdp();
        std::this_thread::yield();
    }
    EXPECT_TRUE(second->uses_xdp());
    EXPECT_EQ(send(*second, sent).packets, 1u);
}

TEST_F(System, what_the_host_sends_by_the_device_is_not_received_from_it) {
    auto a = ring("va");
    auto by_other_socket = sender("va", {.bypass_qdisc = false});
    std::vector<Packet> sent;
    sent.push_back(plain(1));
    send(*by_other_socket, sent);
    EXPECT_FALSE(readable(a->fd(), long_enough_to_see_nothing));
}

TEST_F(System, sending_by_a_device_that_is_down_is_counted_as_dropped) {
    auto a = sender("va");
    netlink_->set_up(index("va"), false).value();
    std::vector<Packet> sent;
    sent.push_back(plain(1));
    sent.push_back(tcp(10, 2));
    EXPECT_EQ(send(*a, sent).dropped, 2u);
    netlink_->set_up(index("va"), true).value();
    EXPECT_EQ(send(*a, sent).packets, 2u);
}

/// Whether the host answers on device vb: ARP for its address.
bool host_answers(PacketSender& a, PacketRing& ring_a) {
    std::vector<Packet> ask;
    ask.push_back(
        Packet::copy_of(*parse_hex("ffffffffffff 020000000002 0806 0001 0800 06 04 0001"
                                   "020000000002 0a000001 000000000000 0a000002")));
    send(a, ask);
    const bool answered = readable(ring_a.fd(), long_enough_to_see_nothing);
    Batch batch;
    ring_a.receive(batch);
    batch.clear();
    ring_a.release();
    return answered;
}

TEST_F(System, the_hosts_stack_does_not_handle_frames_of_a_device_under_ingress_drop) {
    run("ip addr add 10.0.0.2/24 dev vb");
    auto a = sender("va");
    auto ring_a = ring("va");
    auto ring_b = ring("vb");
    EXPECT_TRUE(host_answers(*a, *ring_a));
    collect(*ring_b, 1);
    for (const auto method : {IngressProgram::Method::best, IngressProgram::Method::clsact}) {
        auto drop = attach_ingress_drop(*netlink_, index("vb"), method).value();
        EXPECT_FALSE(host_answers(*a, *ring_a));
        EXPECT_EQ(collect(*ring_b, 1).size(), 1u) << "the switch still sees the frame";
        drop.reset();
        EXPECT_TRUE(host_answers(*a, *ring_a));
        collect(*ring_b, 1);
        EXPECT_EQ(std::system("tc qdisc show dev vb | grep -q clsact"), 1 << 8)
            << "nothing is left on the device";
    }
}

TEST_F(System, a_ring_tells_of_a_device_that_went_down_until_the_error_is_taken) {
    auto b = ring("vb");
    run("ip link set vb down");
    EXPECT_TRUE(readable(b->fd(), patience));
    EXPECT_TRUE(collect(*b, 0).empty());
    b->clear_error();
    EXPECT_FALSE(readable(b->fd(), 0ms)) << "who waits for frames may sleep";
}

TEST_F(System, a_killed_process_leaves_no_ingress_drop_behind) {
    run("ip addr add 10.0.0.2/24 dev vb");
    auto a = sender("va");
    auto ring_a = ring("va");
    for (const auto method : {IngressProgram::Method::tcx, IngressProgram::Method::clsact}) {
        const pid_t child = ::fork();
        if (child == 0) {
            auto drop = attach_ingress_drop(*Netlink::open().value(), index("vb"), method);
            ::raise(SIGKILL);
        }
        ASSERT_EQ(::waitpid(child, nullptr, 0), child);
        if (method == IngressProgram::Method::clsact) {
            EXPECT_FALSE(host_answers(*a, *ring_a));
            remove_leftovers(*netlink_).value();
        }
        EXPECT_TRUE(host_answers(*a, *ring_a));
    }
}

TEST_F(System, a_living_process_keeps_its_ingress_drop_when_another_cleans_up_or_leaves) {
    run("ip addr add 10.0.0.2/24 dev vb");
    auto a = sender("va");
    auto ring_a = ring("va");
    auto first = attach_ingress_drop(*netlink_, index("vb"), IngressProgram::Method::clsact).value();
    remove_leftovers(*netlink_).value();
    EXPECT_FALSE(host_answers(*a, *ring_a));
    auto second = attach_ingress_drop(*netlink_, index("vb"), IngressProgram::Method::clsact).value();
    first.reset();
    EXPECT_FALSE(host_answers(*a, *ring_a)) << "the second still wants it";
    second.reset();
    EXPECT_TRUE(host_answers(*a, *ring_a));
}

TEST_F(System, filters_of_others_survive_our_cleaning) {
    run("tc qdisc add dev vb clsact && tc filter add dev vb egress u32 match u32 0 0 flowid :1");
    attach_ingress_drop(*netlink_, index("vb"), IngressProgram::Method::clsact).value().reset();
    remove_leftovers(*netlink_).value();
    run("tc filter show dev vb egress | grep -q u32");
}

TEST_F(System, promiscuous_mode_ends_with_the_socket) {
    const char* promiscuous = "ip -d link show vb | grep -q 'promiscuity 1'";
    auto b = ring("vb");
    EXPECT_EQ(std::system(promiscuous), 0);
    b.reset();
    EXPECT_NE(std::system(promiscuous), 0);
}

TEST_F(System, a_tap_keeps_its_address_when_the_process_that_made_it_ends) {
    Tap::open("t0").value();
    run("ip addr add 10.1.0.1/24 dev t0 && ip link set t0 up");
    {
        auto tap = Tap::open("t0").value();
        EXPECT_EQ(tap->name().value(), "t0");
        EXPECT_FALSE(Tap::open("t0").has_value()) << "one owner at a time";
        const auto addresses = netlink_->addresses().value();
        EXPECT_TRUE(
            std::ranges::any_of(addresses, [](const auto& x) { return x.ip4 == *parse_ip4("10.1.0.1"); }));
        tap->unpersist().value();
    }
    EXPECT_EQ(netlink_->link("t0").error().code, ENODEV);
}

TEST_F(System, a_tap_refuses_the_name_of_a_device_of_another_kind) {
    const auto tap = Tap::open("va");
    ASSERT_FALSE(tap.has_value());
    EXPECT_EQ(tap.error().message, "device va exists and is not a tap: remove or rename it");
}

TEST_F(System, an_internal_pair_keeps_the_hosts_address_when_the_process_that_made_it_ends) {
    InternalPair::open(*netlink_, "br0").value();
    run("ip addr add 10.1.0.1/24 dev br0 && ip link set br0 up");
    EXPECT_EQ(netlink_->link("br0")->alias, internal_port_mark);
    {
        const auto pair = InternalPair::open(*netlink_, "br0").value();
        EXPECT_EQ(pair.wire(), index("weft-br0"));
        EXPECT_EQ(InternalPair::open(*netlink_, "br0").error().code, EBUSY) << "one owner at a time";
        EXPECT_TRUE(left_pairs(*netlink_)->empty());
        run("ip addr show br0 | grep -q 10.1.0.1 && ip addr show br0 | grep -q LOWER_UP");
    }
    const auto left = left_pairs(*netlink_).value();
    ASSERT_EQ(left.size(), 1u);
    EXPECT_EQ(left[0].port, "br0");
    auto pair = InternalPair::open(*netlink_, "br0").value();
    pair.remove(*netlink_);
    EXPECT_EQ(netlink_->link("br0").error().code, ENODEV);
    EXPECT_EQ(netlink_->link("weft-br0").error().code, ENODEV);
}

TEST_F(System, the_longest_name_of_an_internal_pair_leaves_room_for_its_other_end) {
    for (const char* name : {"qr-0123456789ab", "qr-0123456789ac"}) {
        auto pair = InternalPair::open(*netlink_, name).value();
        EXPECT_TRUE(pair.host(*netlink_)->is_here);
        EXPECT_TRUE(InternalPair::exists(*netlink_, name));
    }
    EXPECT_EQ(left_pairs(*netlink_)->size(), 2u);
}

TEST_F(System, an_internal_pair_takes_no_name_of_others) {
    EXPECT_EQ(InternalPair::open(*netlink_, "va").error().message,
              "make device va with its other end weft-va: File exists");
    EXPECT_EQ(netlink_->link("weft-va").error().code, ENODEV);
    run("ip link add weft-br0 type veth peer name vc");
    const auto pair = InternalPair::open(*netlink_, "br0");
    ASSERT_FALSE(pair);
    EXPECT_EQ(pair.error().message, "internal port br0 needs the name of device weft-br0: rename that");
}

TEST_F(System, the_kernels_own_stack_is_silent_at_the_switchs_end_of_an_internal_pair) {
    run("echo 0 > /proc/sys/net/ipv6/conf/default/disable_ipv6");
    const auto pair = InternalPair::open(*netlink_, "br0").value();
    run("echo 1 > /proc/sys/net/ipv6/conf/br0/disable_ipv6 && ip link set br0 up");
    run("ip addr show weft-br0 | grep -q NOARP && ! ip addr show weft-br0 | grep -q inet6");
    auto at_host = ring("br0");
    EXPECT_FALSE(readable(at_host->fd(), long_enough_to_see_nothing));
}

TEST_F(System, a_tap_carries_frames_and_offload_both_ways) {
    auto tap = Tap::open("t0").value();
    netlink_->set_up(index("t0"), true).value();
    auto host_ring = ring("t0");
    auto host_sender = sender("t0");
    for (const uint32_t payload : {10u, 60000u}) {
        std::vector<Packet> sent;
        sent.push_back(tcp(payload, 1));
        EXPECT_EQ(send(*tap, sent).packets, 1u);
        const auto up = collect(*host_ring, 1);
        ASSERT_EQ(up.size(), 1u);
        EXPECT_EQ(up[0].offload.gso_size, sent[0].offload.gso_size);
        EXPECT_EQ(up[0].offload.csum, Csum::partial);
        EXPECT_EQ(send(*host_sender, sent).packets, 1u);
        const auto down = collect(*tap, 1);
        ASSERT_EQ(down.size(), 1u);
        EXPECT_EQ(down[0].offload.gso, sent[0].offload.gso);
        EXPECT_EQ(down[0].offload.csum, Csum::partial);
        EXPECT_TRUE(std::ranges::equal(down[0].bytes(), sent[0].bytes()));
    }
    tap->unpersist().value();
}

TEST_F(System, links_show_what_was_set) {
    const Link before = netlink_->link("va").value();
    EXPECT_EQ(before.kind, "veth");
    EXPECT_TRUE(before.admin_up);
    EXPECT_TRUE(before.carrier);
    EXPECT_EQ(before.oper_state, OperState::up);
    netlink_->set_mtu(before.ifindex, 1400).value();
    netlink_->set_mac(before.ifindex, *Mac::parse("02:00:00:00:00:99")).value();
    netlink_->set_alias(before.ifindex, "weft").value();
    const Link after = netlink_->link(before.ifindex).value();
    EXPECT_EQ(after.mtu, 1400);
    EXPECT_EQ(after.mac.to_string(), "02:00:00:00:00:99");
    EXPECT_EQ(after.alias, "weft");
    EXPECT_EQ(netlink_->links().value().size(), 3u);
    EXPECT_EQ(netlink_->set_mtu(before.ifindex, 1).error().code, EINVAL);
}

TEST_F(System, statistics_count_frames) {
    auto a = sender("va");
    std::vector<Packet> sent;
    for (uint16_t i = 0; i < 10; ++i) sent.push_back(plain(i));
    const LinkStats before = netlink_->link("vb").value().stats;
    send(*a, sent);
    EXPECT_EQ(netlink_->link("vb").value().stats.rx_packets - before.rx_packets, 10u);
}

/// The news of one device until one satisfies `wanted`.
template <class F>
bool hears(LinkMonitor& monitor, const F& wanted) {
    while (readable(monitor.fd()))
        for (const LinkEvent& e : monitor.read().events)
            if (wanted(e)) return true;
    return false;
}

TEST_F(System, news_of_devices_comes_when_they_appear_change_and_vanish) {
    auto monitor = LinkMonitor::open().value();
    run("ip link add vc type veth peer name vd");
    EXPECT_TRUE(hears(*monitor, [](const LinkEvent& e) {
        return e.kind == LinkEvent::Kind::present && e.link.name == "vc" && !e.link.admin_up;
    }));
    run("ip link set vc mtu 1300");
    EXPECT_TRUE(
        hears(*monitor, [](const LinkEvent& e) { return e.link.name == "vc" && e.link.mtu == 1300; }));
    run("ip link del vc");
    EXPECT_TRUE(hears(*monitor, [](const LinkEvent& e) {
        return e.kind == LinkEvent::Kind::gone && e.link.name == "vc" && !e.moved_to_namespace;
    }));
}

TEST_F(System, a_device_moved_to_another_namespace_is_reported_as_moved) {
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        if (::unshare(CLONE_NEWNET) != 0 || ::write(ready[1], "x", 1) != 1) ::_exit(1);
        ::pause();
    }
    char x;
    ASSERT_EQ(::read(ready[0], &x, 1), 1);
    auto monitor = LinkMonitor::open().value();
    run("ip link set vb netns " + std::to_string(child));
    EXPECT_TRUE(hears(*monitor, [](const LinkEvent& e) {
        return e.kind == LinkEvent::Kind::gone && e.link.name == "vb" && e.moved_to_namespace.has_value();
    }));
    auto pair = InternalPair::open(*netlink_, "br0").value();
    run("ip link set br0 netns " + std::to_string(child));
    const auto host = pair.host(*netlink_).value();
    EXPECT_FALSE(host.is_here);
    EXPECT_EQ(host.link.name, "br0");
    EXPECT_FALSE(host.link.mac.is_zero());
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
}

TEST_F(System, ethtool_names_driver_and_speed) {
    const Ethtool ethtool = Ethtool::open().value();
    EXPECT_EQ(ethtool.driver("va").value().name, "veth");
    EXPECT_EQ(ethtool.link_mode("va").value().speed_bps, 10'000'000'000u);
    EXPECT_TRUE(ethtool.link_mode("va").value().full_duplex);
    EXPECT_EQ(ethtool.driver("nosuch").error().code, ENODEV);
}

TEST(PollSet, an_event_wakes_the_waiter_until_it_is_drained) {
    const Event event = Event::open().value();
    PollSet set = PollSet::open().value();
    set.add(event.fd(), 42).value();
    EXPECT_TRUE(set.wait(0ms).empty());
    event.notify();
    ASSERT_EQ(set.wait(patience).size(), 1u);
    EXPECT_EQ(set.wait(patience)[0], 42u);
    event.drain();
    EXPECT_TRUE(set.wait(0ms).empty());
}

}  // namespace
}  // namespace weft::sys
