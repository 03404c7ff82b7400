// SPDX-License-Identifier: Apache-2.0
#include "dp/fake/fake_datapath.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "dp/core/edit.h"

namespace weft::dp {
namespace {

using packet::Csum;
using packet::Gso;
using packet::Packet;
namespace act = action::dp;
constexpr DpPort p1{1}, p2{2}, p3{3};

ActionsPtr actions(act::Actions list) { return std::make_shared<const act::Actions>(std::move(list)); }
act::PushVlan push_vlan(uint16_t vid) { return {Be16(0x8100), Be16(vid | flow::vlan_present)}; }
std::shared_ptr<const act::Actions> nested(act::Actions list) { return actions(std::move(list)); }

/// UDP from 10.0.0.1 to 10.0.0.2 with this source port.
Packet udp(uint16_t port) {
    Bytes f = *parse_hex(
        "020000000004 020000000002 0800 4500 001e 1234 4000 40 11 0000 0a000001 0a000002"
        "0000 0035 000a 0000 6162");
    f[34] = static_cast<uint8_t>(port >> 8);
    f[35] = static_cast<uint8_t>(port);
    return Packet::copy_of(f);
}
Bytes content(const Packet& p) { return {p.bytes().begin(), p.bytes().end()}; }
uint16_t port_of(const Bytes& frame) { return static_cast<uint16_t>(frame[34] << 8 | frame[35]); }

/// Answers misses with fixed actions and a mask of the UDP source port, and remembers all it was asked.
struct Handler : UpcallHandler {
    act::Actions answer{act::Output{p2}};
    bool install = true;
    struct Seen {
        Bytes bytes;
        packet::Offload offload;
        flow::FlowKey key;
        std::optional<act::Userspace> userspace;
    };
    std::vector<Seen> seen;

    Verdict upcall(const Upcall& up) override {
        seen.push_back({Bytes(up.packet.bytes().begin(), up.packet.bytes().end()), up.packet.offload, up.key,
                        up.userspace ? std::optional(*up.userspace) : std::nullopt});
        if (up.userspace) return {};
        Verdict v{.actions = actions(answer), .install = {}};
        if (install) {
            flow::FlowMask mask{};
            mask.packet.tp_src = be_max<Be16>;
            v.install = Verdict::Install{{up.key.packet.recirc_id.host(), up.key.packet.tp_src.host()}, mask};
        }
        return v;
    }
};

class FakeDatapathTest : public testing::Test {
  protected:
    void SetUp() override {
        for (const uint32_t n : {1, 2, 3}) {
            const std::string name = "p" + std::to_string(n);
            ASSERT_EQ(dp_.add_port({.name = name, .type = "dummy", .options = {}, .request = DpPort{n}}),
                      DpPort{n});
            dp_.port(DpPort{n})->listen([this, n](ByteSpan f) { out_[n].emplace_back(f.begin(), f.end()); });
        }
        dp_.set_handler(&handler_);
    }
    void forward(act::Actions list) { handler_.answer = std::move(list); }
    FlowStats stats_of(uint64_t id) { return dp_.flow({0, id})->stats; }

    loop::Clock clock_{loop::Clock::Kind::simulated};
    FakeDatapath dp_{clock_, {}};
    Handler handler_;
    std::map<uint32_t, std::vector<Bytes>> out_;
};

TEST_F(FakeDatapathTest, a_miss_is_translated_once_and_later_packets_follow_the_megaflow) {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(dp_.receive(p1, udp(7)));
    EXPECT_EQ(handler_.seen.size(), 1u);
    EXPECT_EQ(handler_.seen[0].key.dp_in_port(), p1);
    EXPECT_EQ(out_[2].size(), 3u);
    EXPECT_EQ(out_[2][0], content(udp(7)));
    EXPECT_EQ(stats_of(7).packets, 2u) << "the first packet is the translation's to count";
    EXPECT_EQ(stats_of(7).bytes, 2u * udp(7).size());
    EXPECT_EQ(stats_of(7).used, clock_.now());
    const DatapathStats s = dp_.stats();
    EXPECT_EQ(s.hit, 2u);
    EXPECT_EQ(s.missed, 1u);
    EXPECT_EQ(s.flows, 1u);
    EXPECT_EQ(s.masks, 1u);
    EXPECT_EQ(dp_.port_stats(p1)->rx_packets, 3u);
    EXPECT_EQ(dp_.port_stats(p2)->tx_packets, 3u);
}

TEST_F(FakeDatapathTest, without_a_handler_a_miss_is_lost) {
    dp_.set_handler(nullptr);
    dp_.receive(p1, udp(7));
    EXPECT_EQ(dp_.stats().lost, 1u);
    EXPECT_TRUE(out_[2].empty());
}

TEST_F(FakeDatapathTest, misses_and_hits_in_one_batch_leave_in_the_order_they_came) {
    dp_.receive(p1, udp(1));
    for (uint16_t i = 1; i <= 32; ++i) dp_.port(p1)->inject(udp(i % 5));
    dp_.run(clock_.now());
    ASSERT_EQ(out_[2].size(), 33u);
    for (uint16_t i = 1; i <= 32; ++i) EXPECT_EQ(port_of(out_[2][i]), i % 5);
}

TEST_F(FakeDatapathTest, each_output_sees_the_frame_as_it_was_at_that_point) {
    forward({act::Output{p2}, push_vlan(5), act::Output{p3}, act::PopVlan{}, act::Output{p2}});
    dp_.receive(p1, udp(7));
    ASSERT_EQ(out_[2].size(), 2u);
    EXPECT_EQ(out_[2][0], out_[2][1]);
    EXPECT_EQ(out_[2][0].size(), udp(7).size());
    ASSERT_EQ(out_[3].size(), 1u);
    EXPECT_EQ(format_hex(ByteSpan(out_[3][0]).subspan(12, 4)), "81000005");
}

TEST_F(FakeDatapathTest, what_a_clone_does_to_the_frame_stays_in_the_clone) {
    forward({act::Clone{nested({push_vlan(5), act::Output{p3}})}, act::Output{p2}});
    dp_.receive(p1, udp(7));
    EXPECT_EQ(out_[3][0].size(), udp(7).size() + 4);
    EXPECT_EQ(out_[2][0].size(), udp(7).size());
}

TEST_F(FakeDatapathTest, a_clone_sees_what_was_done_before_it) {
    forward({push_vlan(5), act::Clone{nested({act::Output{p3}})}, act::PopVlan{}, act::Output{p2}});
    dp_.receive(p1, udp(7));
    EXPECT_EQ(out_[3][0].size(), udp(7).size() + 4);
    EXPECT_EQ(out_[2][0].size(), udp(7).size());
}

TEST_F(FakeDatapathTest, truncation_shortens_the_next_output_only) {
    forward({act::Trunc{20}, act::Output{p2}, act::Output{p3}});
    dp_.receive(p1, udp(7));
    EXPECT_EQ(out_[2][0].size(), 20u);
    EXPECT_EQ(out_[3][0].size(), udp(7).size());
}

TEST_F(FakeDatapathTest, a_sample_happens_always_never_or_sometimes) {
    const auto sample = [&](uint32_t probability) {
        forward({act::Sample{probability, nested({act::Output{p3}})}, act::Output{p2}});
        handler_.install = false;
        out_.clear();
        for (int i = 0; i < 1000; ++i) dp_.receive(p1, udp(7));
        EXPECT_EQ(out_[2].size(), 1000u);
        return out_[3].size();
    };
    EXPECT_EQ(sample(0xffffffff), 1000u);
    EXPECT_LE(sample(0), 1u);
    EXPECT_NEAR(static_cast<double>(sample(0x80000000)), 500, 80);
}

TEST_F(FakeDatapathTest, a_packet_takes_the_branch_of_its_length) {
    const auto size = static_cast<uint16_t>(udp(7).size());
    const auto goes_to = [&](uint16_t limit) {
        forward({act::CheckPktLen{.size = limit,
                                  .greater = nested({push_vlan(5), act::Output{p3}}),
                                  .less_equal = nested({act::Output{p2}})},
                 act::Output{p1}});
        handler_.install = false;
        out_.clear();
        dp_.receive(p2, udp(7));
        EXPECT_EQ(out_[1].at(0), content(udp(7))) << "what follows has the packet as it was";
        return out_[3].size() * 10 + out_[2].size();
    };
    EXPECT_EQ(goes_to(size - 1), 10u);
    EXPECT_EQ(goes_to(size), 1u);
}

TEST_F(FakeDatapathTest, what_needs_connection_tracking_goes_no_further) {
    act::Ct connections;
    connections.commit = true;
    forward({act::Output{p2}, act::CtClear{}, connections, act::Output{p3}});
    dp_.receive(p1, udp(7));
    EXPECT_EQ(out_[2].size(), 1u);
    EXPECT_TRUE(out_[3].empty());
}

TEST_F(FakeDatapathTest, an_empty_list_and_an_unknown_port_drop_the_packet) {
    forward({});
    dp_.receive(p1, udp(7));
    forward({act::Output{DpPort{99}}, act::Output{p3}});
    dp_.receive(p1, udp(8));
    EXPECT_TRUE(out_[2].empty());
    EXPECT_EQ(out_[3].size(), 1u);
    EXPECT_FALSE(dp_.receive(DpPort{99}, udp(7)));
}

TEST_F(FakeDatapathTest, a_punt_carries_why_and_a_finished_frame) {
    const act::Userspace why{.reason = act::PuntReason::controller, .arg = 5, .max_len = 128, .cookie = 9};
    forward({push_vlan(5), why, act::Output{p2}});
    Packet p = udp(7);
    p.offload = {.csum = Csum::partial, .csum_start = 34, .csum_offset = 6};
    dp_.receive(p1, std::move(p));
    ASSERT_EQ(handler_.seen.size(), 2u);
    const Handler::Seen& punt = handler_.seen[1];
    EXPECT_EQ(punt.userspace, why);
    EXPECT_EQ(punt.offload, packet::Offload{});
    EXPECT_EQ(punt.bytes.size(), udp(7).size() + 4);
    EXPECT_EQ(punt.key.packet.vlan[0].tci, Be16(5 | flow::vlan_present));
    EXPECT_EQ(punt.key.dp_in_port(), p1);
    EXPECT_EQ(out_[2].size(), 1u);
}

TEST_F(FakeDatapathTest, a_recirculated_packet_is_looked_up_again_under_its_new_id) {
    forward({act::PopVlan{}, act::Recirc{17}});
    flow::Match second;
    second.key.packet.recirc_id = Be32(17);
    second.mask.packet.recirc_id = be_max<Be32>;
    second.mask.packet.vlan[0].tci = be_max<Be16>;
    dp_.put_flow({5, 5}, second, actions({act::Output{p3}}), PutMode::create).value();
    Packet p = udp(7);
    edit(p, push_vlan(5));
    dp_.receive(p1, std::move(p));
    EXPECT_EQ(out_[3].size(), 1u);
    EXPECT_EQ(dp_.flow({5, 5})->stats.packets, 1u);
}

TEST_F(FakeDatapathTest, endless_recirculation_ends) {
    forward({act::Recirc{17}});
    handler_.install = false;
    dp_.receive(p1, udp(7));
    EXPECT_LT(handler_.seen.size(), 20u);
}

TEST_F(FakeDatapathTest, a_port_without_offload_gets_finished_frames) {
    Packet p = udp(7);
    p.append(3000);
    std::memset(p.data() + 42, 1, p.size() - 42);
    const uint16_t ip_size = static_cast<uint16_t>(p.size() - 14),
                   udp_size = static_cast<uint16_t>(p.size() - 34);
    const Be16 sizes[2] = {Be16(ip_size), Be16(udp_size)};
    std::memcpy(p.data() + 16, &sizes[0], 2);
    std::memcpy(p.data() + 38, &sizes[1], 2);
    p.offload = {
        .csum = Csum::partial, .gso = Gso::udp_segment, .csum_start = 34, .csum_offset = 6, .gso_size = 1000};
    dp_.receive(p1, std::move(p));
    ASSERT_EQ(out_[2].size(), 4u);
    EXPECT_EQ(out_[2][0].size(), 1042u);
}

TEST_F(FakeDatapathTest, frames_longer_than_the_ports_mtu_are_dropped) {
    Packet p = udp(7);
    p.append(2000);
    dp_.receive(p1, std::move(p));
    EXPECT_TRUE(out_[2].empty());
}

TEST_F(FakeDatapathTest, packet_out_runs_actions_and_what_they_cause_at_once) {
    flow::FlowKey key{};
    key.set_in_port(p3);
    dp_.execute(udp(7), key, actions({push_vlan(5), act::Output{p2}}));
    ASSERT_EQ(out_[2].size(), 1u);
    EXPECT_EQ(out_[2][0].size(), udp(7).size() + 4);
}

TEST_F(FakeDatapathTest, a_frame_sent_may_be_received_elsewhere_without_recursion) {
    dp_.port(p2)->listen([&](ByteSpan f) { dp_.receive(p3, Packet::copy_of(f)); });
    forward({act::Output{p2}});
    handler_.install = false;
    handler_.answer = {act::Output{p2}};
    int hops = 0;
    dp_.port(p2)->listen([&](ByteSpan f) {
        if (++hops < 1000) dp_.receive(p3, Packet::copy_of(f));
    });
    dp_.receive(p1, udp(7));
    EXPECT_EQ(hops, 1000);
}

TEST_F(FakeDatapathTest, the_cache_in_front_of_many_masks_forgets_removed_and_changed_flows) {
    for (int bit = 0; bit < 8; ++bit) {  // masks enough for the cache
        flow::Match m;
        m.key.packet.nw_ttl = static_cast<uint8_t>(1 << bit);
        m.mask.packet.nw_ttl = static_cast<uint8_t>(1 << bit);
        m.key.packet.nw_proto = m.mask.packet.nw_proto = 0xff;
        dp_.put_flow({1, static_cast<uint64_t>(bit)}, m, actions({}), PutMode::create).value();
    }
    for (int i = 0; i < 5; ++i) dp_.receive(p1, udp(7));
    EXPECT_GT(dp_.stats().cache_hit, 2u);
    EXPECT_EQ(out_[2].size(), 5u);
    dp_.put_flow({0, 7}, {}, actions({act::Output{p3}}), PutMode::modify).value();
    dp_.receive(p1, udp(7));
    EXPECT_EQ(out_[3].size(), 1u);
    dp_.remove_flow({0, 7}).value();
    for (int i = 0; i < 3; ++i) {
        dp_.receive(p1, udp(7));
        dp_.run(clock_.now());  // frees it
    }
    EXPECT_EQ(handler_.seen.size(), 2u);
    EXPECT_EQ(out_[2].size(), 8u);
}

TEST_F(FakeDatapathTest, ports_come_and_go_by_number_and_name) {
    EXPECT_EQ(dp_.add_port({.name = "p1", .type = "dummy", .options = {}, .request = {}}).error().code,
              EEXIST);
    dp_.remove_port(p2).value();
    EXPECT_EQ(dp_.remove_port(p2).error().code, ENODEV);
    dp_.receive(p1, udp(7));
    EXPECT_TRUE(out_[2].empty());
    EXPECT_EQ(dp_.add_port({.name = "again", .type = "dummy", .options = {}, .request = p1}), p2)
        << "the wanted number is taken: the lowest free one";
    EXPECT_EQ(dp_.ports().size(), 4u) << "the datapath's own port counts";
    EXPECT_EQ(dp_.ports()[2].name, "again");
    EXPECT_EQ(dp_.ports()[2].mtu, 1500);
}

TEST_F(FakeDatapathTest, capture_files_show_what_a_port_received_and_sent) {
    const std::string base = testing::TempDir() + "weft-dummy-" + std::to_string(::getpid());
    dp_.set_port_options(
           p1, {.name = "p1", .type = "dummy", .options = {{"rxq_pcap", base + "rx"}}, .request = {}})
        .value();
    dp_.set_port_options(
           p2, {.name = "p2", .type = "dummy", .options = {{"tx_pcap", base + "tx"}}, .request = {}})
        .value();
    forward({push_vlan(5), act::Output{p2}});
    dp_.receive(p1, udp(7));
    EXPECT_EQ(sys::read_pcap(base + "rx")->at(0), content(udp(7)));
    EXPECT_EQ(sys::read_pcap(base + "tx")->at(0), out_[2][0]);
    ::unlink((base + "rx").c_str());
    ::unlink((base + "tx").c_str());
}

TEST_F(FakeDatapathTest, a_meter_drops_what_exceeds_it_and_the_actions_behind_it) {
    const action::MeterSpec spec{.flags = action::meter_flag::pktps, .bands = {{.rate = 2}}};
    const auto id = dp_.set_meter(std::nullopt, spec, clock_.now());
    ASSERT_TRUE(id);
    forward({act::Output{p3}, act::Meter{*id}, act::Output{p2}});
    for (int i = 0; i < 5; ++i) dp_.receive(p1, udp(7));
    EXPECT_EQ(out_[3].size(), 5u);
    EXPECT_EQ(out_[2].size(), 2u);
    const auto counts = dp_.meter_counts(*id);
    EXPECT_EQ(counts->packets, 5u);
    EXPECT_EQ(counts->bands.at(0).packets, 3u);
    dp_.remove_meter(*id);
    dp_.receive(p1, udp(7));
    EXPECT_EQ(out_[2].size(), 3u) << "a meter that is gone lets everything pass";
}

TEST_F(FakeDatapathTest, a_meter_inside_a_sample_drops_the_sample_alone) {
    const action::MeterSpec spec{.flags = action::meter_flag::pktps, .bands = {{.rate = 1}}};
    const auto id = dp_.set_meter(std::nullopt, spec, clock_.now());
    forward({act::Sample{~0u, nested({act::Meter{*id}, act::Output{p3}})}, act::Output{p2}});
    for (int i = 0; i < 5; ++i) dp_.receive(p1, udp(7));
    EXPECT_EQ(out_[3].size(), 1u);
    EXPECT_EQ(out_[2].size(), 5u);
}

TEST_F(FakeDatapathTest, a_recirculated_packet_has_a_hash_that_is_the_same_in_both_directions) {
    forward({act::Hash{1, 0}, act::Recirc{4}});
    handler_.install = false;
    Packet back = udp(7);
    uint8_t* b = back.data();
    std::swap_ranges(b, b + 6, b + 6);
    std::swap_ranges(b + 26, b + 30, b + 30);
    std::swap_ranges(b + 34, b + 36, b + 36);
    const auto hash_of = [&](Packet&& p) {
        dp_.receive(p1, std::move(p));
        EXPECT_EQ(handler_.seen.back().key.packet.recirc_id.host(), 4u);
        return handler_.seen.back().key.packet.dp_hash.host();
    };
    const uint32_t there = hash_of(udp(7));
    EXPECT_NE(there, 0u);
    EXPECT_EQ(hash_of(std::move(back)), there);
    EXPECT_NE(hash_of(udp(8)), there);
}

}  // namespace
}  // namespace weft::dp
