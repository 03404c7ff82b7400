// SPDX-License-Identifier: Apache-2.0
// The eBPF datapath between real devices. Needs root.
#include <algorithm>

#include "dp/core/edit.h"
#include "dp/core/offload.h"
#include "dp/ebpf/ebpf_datapath.h"
#include "dp/user/two_pairs.h"

namespace weft::dp {
namespace {

using packet::Csum;
using packet::Gso;
using packet::Packet;
using testing::collect;
using testing::run;
using testing::tcp;
using Method = sys::IngressProgram::Method;
namespace act = action::dp;

class EbpfDatapathSystem : public testing::TwoPairs, public ::testing::WithParamInterface<Method> {
  protected:
    std::unique_ptr<UserDatapath> open() override {
        auto opened = EbpfDatapath::open(clock_, {.type = "ebpf", .name = "ovs-ebpf", .cores = {}},
                                         {.method = GetParam()});
        EXPECT_TRUE(opened) << opened.error().message << "\nRemedy: root, and Linux 5.17 or later with BTF";
        ebpf_ = opened->get();
        return std::move(*opened);
    }
    weft_counters counted() const { return ebpf_->program_counters(); }
    FlowStats flow_of_port(uint64_t port) const { return dp_->flow({1, port})->stats; }
    /// Sends it twice: once for a miss, once for the kernel.
    std::vector<Packet> both_ways(const Packet& p) {
        send(p.clone());
        std::vector<Packet> got = collect(*ring2_, 1);
        wait_for_kernel();
        const uint64_t hits = counted().hit;
        send(p.clone());
        for (Packet& second : collect(*ring2_, 1)) got.push_back(std::move(second));
        EXPECT_EQ(counted().hit, hits + 1) << "the second is the kernel's";
        return got;
    }
    /// Until user space has forwarded all that went up.
    void wait_for_kernel() { ebpf_->settle(); }

    EbpfDatapath* ebpf_ = nullptr;
};

TEST_P(EbpfDatapathSystem, the_first_packet_goes_up_and_the_next_is_the_kernels) {
    const auto got = both_ways(tcp(100));
    ASSERT_EQ(got.size(), 2u);
    for (const Packet& p : got) {
        EXPECT_TRUE(std::ranges::equal(p.bytes(), tcp(100).bytes()));
        EXPECT_EQ(p.offload.csum, Csum::partial);
    }
    EXPECT_EQ(counted().up[weft_miss], 1u);
    EXPECT_EQ(dp_->stats().missed, 1u);
    EXPECT_GT(latency_of(1).sum, Duration(0)) << "of the one that went up";
    EXPECT_EQ(flow_of_port(1).packets, 1u) << "the first made the flow, the second is counted by it";
    EXPECT_EQ(flow_of_port(1).bytes, tcp(100).size());
    EXPECT_EQ(dp_->port_stats(DpPort{1})->rx_packets, 2u);
    EXPECT_EQ(dp_->port_stats(DpPort{2})->tx_packets, 2u);
}

TEST_P(EbpfDatapathSystem, super_packets_keep_their_offload_both_ways) {
    const auto got = both_ways(tcp(60000));
    ASSERT_EQ(got.size(), 2u);
    for (const Packet& p : got) {
        EXPECT_EQ(p.offload.gso, Gso::tcp4);
        EXPECT_EQ(p.offload.gso_size, 1400);
        EXPECT_TRUE(std::ranges::equal(p.bytes(), tcp(60000).bytes()));
    }
}

TEST_P(EbpfDatapathSystem, tags_are_pushed_and_popped) {
    const act::PushVlan inner{Be16(0x8100), Be16(5 | flow::vlan_present)};
    const act::PushVlan outer{Be16(0x88a8), Be16(6 | flow::vlan_present)};
    forward(1, {inner, outer, act::Output{DpPort{2}}});
    const auto got = both_ways(tcp(30000));
    ASSERT_EQ(got.size(), 2u);
    for (const Packet& p : got) EXPECT_EQ(format_hex(p.bytes().subspan(12, 10)), "88a80006810000050800");
    EXPECT_TRUE(std::ranges::equal(got[0].bytes(), got[1].bytes()));
    EXPECT_EQ(got[0].offload, got[1].offload);
}

TEST_P(EbpfDatapathSystem, a_tag_that_a_frame_came_with_is_popped) {
    forward(1, {act::PopVlan{}, act::Output{DpPort{2}}});
    Packet tagged = tcp(50);
    edit(tagged, act::PushVlan{Be16(0x8100), Be16(5 | flow::vlan_present)});
    for (const Packet& p : both_ways(tagged)) EXPECT_TRUE(std::ranges::equal(p.bytes(), tcp(50).bytes()));
}

/// What user space makes of a packet, and what the kernel does, for each action that both can.
TEST_P(EbpfDatapathSystem, headers_are_rewritten_as_user_space_does_it) {
    act::Set<act::EthHeader> eth{{Mac::from_u64(1), Mac::from_u64(2)},
                                 {Mac::from_u64(0xffffffffffff), Mac::from_u64(0xffff)}};
    act::Set<act::Ipv4Header> ip{};
    ip.value = {
        .src = Be32(0x01020304), .dst = Be32(0x05060708), .proto = 0, .tos = 0x28, .ttl = 9, .frag = 0};
    ip.mask = {.src = be_max<Be32>, .dst = Be32(0xffff), .proto = 0, .tos = 0xfc, .ttl = 0xff, .frag = 0};
    const act::SetL4 ports{act::L4::tcp, {Be16(77), Be16(78)}, {be_max<Be16>, Be16(0xff)}};
    Packet finished = tcp(333);
    finish_checksum(finished);
    for (const Packet* p : {&finished}) {
        for (const act::Actions& edits :
             {act::Actions{eth}, act::Actions{ip}, act::Actions{ports},
              act::Actions{eth, ip, ports, act::PushVlan{Be16(0x8100), Be16(0x1005)}}}) {
            act::Actions list = edits;
            list.emplace_back(act::Output{DpPort{2}});
            dp_->flush_flows();
            forward(1, list);
            const auto got = both_ways(*p);
            ASSERT_EQ(got.size(), 2u);
            EXPECT_EQ(format_hex(got[0].bytes()), format_hex(got[1].bytes()));
        }
    }
}

TEST_P(EbpfDatapathSystem, a_packet_goes_to_several_ports_each_as_the_list_says) {
    const act::SetL4 ports{act::L4::tcp, {Be16(77), Be16(78)}, {be_max<Be16>, be_max<Be16>}};
    forward(1, {act::Output{DpPort{1}}, ports, act::Output{DpPort{2}}});
    const auto got = both_ways(tcp(10));
    const auto back = collect(*ring1_, 2);
    ASSERT_EQ(got.size() + back.size(), 4u);
    for (const Packet& p : got) EXPECT_EQ(format_hex(p.bytes().subspan(34, 4)), "004d004e");
    for (const Packet& p : back) EXPECT_TRUE(std::ranges::equal(p.bytes(), tcp(10).bytes()));
}

TEST_P(EbpfDatapathSystem, what_the_kernel_cannot_do_is_done_above) {
    const act::PushVlan tag{Be16(0x8100), Be16(0x1005)};
    forward(1, {tag, act::PushMpls{Be32(0x00064140), Be16(0x8847)}, act::Output{DpPort{2}}});
    send(tcp(10));
    send(tcp(20));
    const auto got = collect(*ring2_, 2);
    ASSERT_EQ(got.size(), 2u);
    for (const Packet& p : got) EXPECT_EQ(format_hex(p.bytes().subspan(12, 10)), "81000005884700064140");
    EXPECT_EQ(counted().up[weft_action] + counted().up[weft_miss], 2u);
    EXPECT_EQ(ebpf_->flow_counts().not_in_kernel[static_cast<size_t>(NotInKernel::mpls)], 1u);
}

TEST_P(EbpfDatapathSystem, labels_are_pushed_and_popped_in_the_kernel) {
    const act::PushMpls push{Be32(0x00064140), Be16(0x8847)};
    forward(1, {push, act::Output{DpPort{2}}});
    Packet labelled = tcp(100);
    edit(labelled, push);
    for (const Packet& p : both_ways(tcp(100))) {
        EXPECT_EQ(format_hex(p.bytes()), format_hex(labelled.bytes()));
        EXPECT_EQ(p.offload.csum, Csum::partial);
        EXPECT_EQ(p.offload.csum_start, tcp(100).offload.csum_start + 4);
    }
    dp_->flush_flows();
    forward(1, {act::PopMpls{Be16(0x0800)}, act::Output{DpPort{2}}});
    Packet finished = tcp(100);
    finish_checksum(finished);
    labelled = finished.clone();
    edit(labelled, push);
    for (const Packet& p : both_ways(labelled))
        EXPECT_EQ(format_hex(p.bytes()), format_hex(finished.bytes()));
    EXPECT_EQ(counted().up[weft_action], 0u);
    dp_->flush_flows();
    forward(1, {push, act::Output{DpPort{2}}});
    send(tcp(100));
    ASSERT_EQ(collect(*ring2_, 1).size(), 1u);
    wait_for_kernel();
    send(tcp(10000));
    EXPECT_EQ(collect(*ring2_, 8).size(), 8u) << "segments have a label each: user space makes them";
    EXPECT_EQ(counted().up[weft_action], 1u);
}

TEST_P(EbpfDatapathSystem, a_meter_limits_what_the_kernel_cannot_do_and_nothing_else) {
    const action::MeterSpec spec{.flags = action::meter_flag::pktps | action::meter_flag::burst,
                                 .bands = {{.rate = 1, .burst = 3}}};
    const uint32_t meter = dp_->set_meter(std::nullopt, spec, clock_.now()).value();
    dp_->set_slow_path_meter(DpPort{1}, meter);
    for (int i = 0; i < 10; ++i) send(tcp(100));
    EXPECT_EQ(collect(*ring2_, 10).size(), 10u) << "misses, and what the kernel forwards, are free";
    forward(1, {act::PopNsh{}, act::Output{DpPort{2}}});
    wait_for_kernel();
    dp_->flush_flows();
    for (int i = 0; i < 11; ++i) {
        send(tcp(100));
        wait_for_kernel();  // the first, which misses, is not of a flow yet
    }
    EXPECT_EQ(collect(*ring2_, 4).size(), 4u);
    EXPECT_EQ(dp_->meter_counts(meter)->packets, 10u);
    EXPECT_EQ(dp_->port_drops(DpPort{1})[static_cast<size_t>(Drop::meter)], 7u);
    dp_->set_slow_path_meter(DpPort{1}, std::nullopt);
    for (int i = 0; i < 5; ++i) send(tcp(100));
    EXPECT_EQ(collect(*ring2_, 5).size(), 5u);
}

TEST_P(EbpfDatapathSystem, one_port_gets_the_beginning_of_a_packet_and_the_next_all_of_it) {
    forward(1, {act::Trunc{60}, act::Output{DpPort{2}}, act::Output{DpPort{1}}});
    Packet finished = tcp(100);
    finish_checksum(finished);
    const auto got = both_ways(finished);
    const auto back = collect(*ring1_, 2);
    ASSERT_EQ(got.size() + back.size(), 4u);
    for (const Packet& p : got) EXPECT_TRUE(std::ranges::equal(p.bytes(), finished.bytes().first(60)));
    for (const Packet& p : back) EXPECT_TRUE(std::ranges::equal(p.bytes(), finished.bytes()));
    EXPECT_EQ(counted().up[weft_action], 0u);
    // What only user space can cut right: the checksum is of all of it, and its frames are many.
    for (const uint32_t payload : {100u, 30000u}) {
        wait_for_kernel();  // else it would be held behind the one before
        const uint64_t up = counted().up[weft_action];
        send(tcp(payload));
        for (const Packet& p : collect(*ring2_, 1)) EXPECT_EQ(p.size(), 60u);
        EXPECT_EQ(collect(*ring1_, 1).at(0).size(), tcp(payload).size());
        EXPECT_EQ(counted().up[weft_action], up + 1);
    }
}

/// Takes what goes up for an action.
struct Sampled : testing::ByPort {
    std::atomic<uint64_t> copies{0};
    Verdict upcall(const Upcall& up) override {
        if (!up.userspace) return ByPort::upcall(up);
        ++copies;
        return {};
    }
};

TEST_P(EbpfDatapathSystem, a_copy_goes_up_for_what_only_user_space_does_and_the_kernel_does_the_rest) {
    Sampled handler;
    dp_->set_handler(&handler);
    const act::Userspace up{.reason = act::PuntReason::sflow};
    const auto nested = std::make_shared<const act::Actions>(act::Actions{up});
    const auto sample = [&](uint32_t probability) { return act::Sample{probability, nested}; };
    struct Case {
        act::Actions list;
        uint64_t least, most;
    };
    constexpr uint64_t n = 400;
    const act::Output out{DpPort{2}};
    for (const Case& c : {Case{{up, out}, n, n}, Case{{out, sample(~0u)}, n, n}, Case{{sample(0), out}, 0, 1},
                          Case{{sample(~0u / 4), out}, n / 8, n / 2}, Case{{up, out, up}, 2 * n, 2 * n}}) {
        {
            const std::lock_guard lock(handler.mutex);
            handler.actions[DpPort{1}] = std::make_shared<const act::Actions>(c.list);
        }
        dp_->flush_flows();
        handler.copies = 0;
        const weft_counters before = counted();
        for (uint64_t i = 0; i < n; ++i) {
            send(tcp(100));
            if (i % 50 == 0) wait_for_kernel();  // the ring has room for so many
        }
        EXPECT_EQ(collect(*ring2_, n).size(), n);
        wait_for_kernel();
        EXPECT_GE(handler.copies, c.least);
        EXPECT_LE(handler.copies, c.most);
        EXPECT_EQ(counted().hit - before.hit, n - 1) << "all but the first are forwarded by the kernel";
        EXPECT_EQ(flow_of_port(1).packets, n - 1) << "and counted once";
    }
    dp_->set_handler(nullptr);
}

/// What is sent sometimes goes by port 1, the rest by port 2: in the kernel, and all at one chance in four
/// would be noticed.
TEST_P(EbpfDatapathSystem, the_kernel_sends_some_packets_of_a_flow_by_another_port) {
    const auto sample = [&](uint32_t probability) {
        return act::Sample{probability,
                           std::make_shared<const act::Actions>(act::Actions{act::Output{DpPort{1}}})};
    };
    const act::Output out{DpPort{2}};
    const act::PushVlan tag{Be16(0x8100), Be16(0x1005)};
    struct Case {
        act::Actions list;
        uint64_t least, most, others;
    };
    constexpr uint64_t n = 400;
    for (const Case& c :
         {Case{{sample(~0u), out}, n, n, n}, Case{{out, sample(~0u)}, n, n, n},
          Case{{sample(0), out}, 0, 1, n}, Case{{sample(~0u / 4), out}, n / 8, n / 2, n},
          Case{{out, sample(~0u / 4)}, n / 8, n / 2, n}, Case{{sample(~0u / 4)}, n / 8, n / 2, 0},
          Case{{tag, sample(~0u / 4), act::PopVlan{}, out}, n / 8, n / 2, n}}) {
        forward(1, c.list);
        dp_->flush_flows();
        const auto sent = [&](uint32_t port) { return dp_->port_stats(DpPort{port})->tx_packets; };
        const uint64_t hits = counted().hit, by_1 = sent(1), by_2 = sent(2);
        for (uint64_t i = 0; i < n; ++i) {
            send(tcp(100));
            if (i == 0) wait_for_kernel();
        }
        EXPECT_EQ(counted().hit - hits, n - 1) << "all but the first are forwarded by the kernel";
        EXPECT_EQ(sent(2) - by_2, c.others);
        EXPECT_GE(sent(1) - by_1, c.least);
        EXPECT_LE(sent(1) - by_1, c.most);
    }
}

/// Waits in the translation of what comes by port 2.
struct Waiting : Sampled {
    std::atomic<bool> entered{false}, go_on{false};
    Verdict upcall(const Upcall& up) override {
        if (up.key.dp_in_port() == DpPort{2}) {
            entered.store(true);
            entered.notify_all();
            go_on.wait(false);
        }
        return Sampled::upcall(up);
    }
};

TEST_P(EbpfDatapathSystem, a_copy_of_a_flow_that_has_changed_meanwhile_is_lost_and_counted) {
    const auto list = [](act::Actions actions) {
        return std::make_shared<const act::Actions>(std::move(actions));
    };
    const act::Output out{DpPort{2}};
    Waiting handler;
    handler.actions[DpPort{1}] = list({act::Userspace{.reason = act::PuntReason::sflow}, out});
    dp_->set_handler(&handler);
    both_ways(tcp(10));
    wait_for_kernel();
    EXPECT_EQ(handler.copies, 2u);
    auto sender2 = sys::PacketSender::open(index("h2"), {}).value();
    const Packet back = tcp(10);
    const Packet* one = &back;
    ASSERT_EQ(sender2->send({&one, 1}).packets, 1u);
    handler.entered.wait(false);  // user space is busy now
    send(tcp(10));
    EXPECT_EQ(collect(*ring2_, 1).size(), 1u);
    flow::Match match{};
    match.mask.packet.in_port = be_max<Be32>;
    match.key.set_in_port(DpPort{1});
    dp_->put_flow({1, 1}, match, list({out}), PutMode::modify).value();
    const auto lost = [&] { return dp_->port_drops(DpPort{1})[static_cast<size_t>(Drop::upcall_lost)]; };
    EXPECT_EQ(lost(), 0u);
    handler.go_on.store(true);
    handler.go_on.notify_all();
    wait_for_kernel();
    EXPECT_EQ(handler.copies, 2u);
    EXPECT_EQ(lost(), 1u);
    dp_->set_handler(nullptr);
}

TEST_P(EbpfDatapathSystem, copies_that_go_up_pass_their_ports_meter_and_the_packets_do_not) {
    Sampled handler;
    handler.actions[DpPort{1}] = std::make_shared<const act::Actions>(
        act::Actions{act::Userspace{.reason = act::PuntReason::controller}, act::Output{DpPort{2}}});
    dp_->set_handler(&handler);
    const action::MeterSpec spec{.flags = action::meter_flag::pktps | action::meter_flag::burst,
                                 .bands = {{.rate = 1, .burst = 3}}};
    const uint32_t meter = dp_->set_meter(std::nullopt, spec, clock_.now()).value();
    dp_->set_slow_path_meter(DpPort{1}, meter);
    constexpr uint64_t n = 200;
    for (uint64_t i = 0; i < n; ++i) {
        send(tcp(100));
        if (i % 50 == 0) wait_for_kernel();  // the ring has room for so many
    }
    EXPECT_EQ(collect(*ring2_, n).size(), n);
    wait_for_kernel();
    EXPECT_EQ(dp_->meter_counts(meter)->packets, n - 1);
    EXPECT_EQ(handler.copies, n - dp_->meter_counts(meter)->bands[0].packets);
    EXPECT_LT(handler.copies, n);
    dp_->set_handler(nullptr);
}

TEST_P(EbpfDatapathSystem, a_port_that_leaves_is_the_hosts_again_and_may_come_back) {
    both_ways(tcp(10));
    dp_->remove_port(DpPort{2}).value();
    send(tcp(10));
    dp_->remove_port(DpPort{1}).value();
    EXPECT_NE(std::system("tc qdisc show | grep -q clsact"), 0) << "nothing is left behind";
    EXPECT_EQ(add("s1", "system"), DpPort{1});
    EXPECT_EQ(add("s2", "system"), DpPort{2});
    dp_->flush_flows();
    EXPECT_EQ(both_ways(tcp(10)).size(), 2u);
}

TEST_P(EbpfDatapathSystem, frames_beyond_the_mtu_of_a_port_are_dropped_when_it_changes) {
    both_ways(tcp(10));
    run("ip link set s2 mtu 1000");
    dp_->run(clock_.now());
    Packet big = tcp(1200);
    finish_checksum(big);
    send(std::move(big));
    send(tcp(100));
    const auto got = collect(*ring2_, 1);
    ASSERT_EQ(got.size(), 1u);
    EXPECT_EQ(got[0].size(), tcp(100).size());
    EXPECT_EQ(counted().lost[weft_beyond_mtu], 1u);
}

/// Numbered packets as fast as they can be sent, while their flow is installed, changed and removed again and
/// again: none is lost, none overtakes another.
TEST_P(EbpfDatapathSystem, numbered_packets_stay_in_order_through_misses) {
    constexpr uint32_t n = 20000, per_round = 500;
    uint32_t next = 0, expected = 0;
    while (next < n) {
        for (uint32_t i = 0; i < per_round; ++i, ++next) {
            Packet p = tcp(60);
            std::memcpy(p.data() + 60, &next, sizeof next);
            finish_checksum(p);
            send(std::move(p));
        }
        for (const Packet& p : collect(*ring2_, per_round)) {
            uint32_t number;
            std::memcpy(&number, p.data() + 60, sizeof number);
            ASSERT_EQ(number, expected++);
        }
        ASSERT_EQ(expected, next) << "some were lost";
        if (next % (2 * per_round) == 0) (void)dp_->remove_flow({1, 1});
    }
    // Each second round begins with the flow in place; of the others all packets may come before it.
    EXPECT_GE(counted().hit, n / 2);
    EXPECT_EQ(dp_->stats().missed, n / (2 * per_round)) << "of a new flow one is translated";
    EXPECT_GE(counted().up[weft_miss], n / (2 * per_round));
}

/// Were all held packets sent up, one that sends faster than user space forwards would stay there for ever.
TEST_P(EbpfDatapathSystem, a_flow_that_is_too_fast_for_user_space_gets_into_the_kernel) {
    Waiting handler;
    handler.actions = handler_.actions;
    dp_->set_handler(&handler);
    send(tcp(10));
    ASSERT_EQ(collect(*ring2_, 1).size(), 1u);
    wait_for_kernel();
    (void)dp_->remove_flow({1, 1});
    auto sender2 = sys::PacketSender::open(index("h2"), {}).value();
    const Packet back = tcp(10);
    const Packet* one = &back;
    ASSERT_EQ(sender2->send({&one, 1}).packets, 1u);
    handler.entered.wait(false);  // user space is busy now
    flow::Match match{};
    match.mask.packet.in_port = be_max<Be32>;
    match.key.set_in_port(DpPort{1});
    dp_->put_flow({1, 1}, match, handler.actions.at(DpPort{1}), PutMode::create).value();
    constexpr uint32_t n = weft_held_max + 500;
    for (uint32_t i = 0; i < n; ++i) send(tcp(10));
    EXPECT_EQ(counted().up[weft_held], uint64_t{weft_held_max});
    EXPECT_EQ(counted().lost[weft_overrun], n - weft_held_max);
    handler.go_on.store(true);
    handler.go_on.notify_all();
    wait_for_kernel();
    const uint64_t hits = counted().hit;
    send(tcp(10));
    EXPECT_EQ(counted().hit, hits + 1);
    dp_->set_handler(nullptr);
}

TEST_P(EbpfDatapathSystem, a_noisy_port_leaves_room_for_the_others_upcalls) {
    Waiting handler;
    handler.actions = handler_.actions;
    dp_->set_handler(&handler);
    auto sender2 = sys::PacketSender::open(index("h2"), {}).value();
    const Packet back = tcp(10);
    const Packet* one = &back;
    ASSERT_EQ(sender2->send({&one, 1}).packets, 1u);
    handler.entered.wait(false);  // user space is busy now
    constexpr uint32_t noise = 6000, quiet = 200;
    for (uint32_t i = 0; i < noise; ++i) send(tcp(10));
    const uint64_t lost = counted().lost[weft_share_used];
    EXPECT_GT(lost, noise / 4) << "a third of the ring is full";
    EXPECT_LT(lost, noise * 3 / 4);
    EXPECT_EQ(dp_->port_drops(DpPort{1})[static_cast<size_t>(Drop::upcall_lost)], lost);
    for (uint32_t i = 0; i < quiet; ++i) ASSERT_EQ(sender2->send({&one, 1}).packets, 1u);
    EXPECT_EQ(counted().lost[weft_share_used], lost) << "the other port's find room";
    EXPECT_EQ(counted().up[weft_miss], noise - lost + quiet + 1);
    handler.go_on.store(true);
    handler.go_on.notify_all();
    EXPECT_EQ(collect(*ring1_, quiet + 1).size(), quiet + 1);
    wait_for_kernel();
    for (uint32_t i = 0; i < noise; ++i) send(tcp(10));
    EXPECT_EQ(counted().lost[weft_share_used], lost) << "what was taken out is given back";
    dp_->set_handler(nullptr);
}

INSTANTIATE_TEST_SUITE_P(, EbpfDatapathSystem, ::testing::Values(Method::tcx, Method::clsact),
                         [](const auto& info) { return info.param == Method::tcx ? "tcx" : "clsact"; });

}  // namespace
}  // namespace weft::dp
