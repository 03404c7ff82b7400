// SPDX-License-Identifier: Apache-2.0
#include "openflow/connection.h"

#include <gtest/gtest.h>

#include "action/text.h"
#include "flow/match_text.h"
#include "openflow/fake_peer.h"

namespace weft::openflow {
namespace {

using enum Version;

struct ConnectionTest : testing::Test {
    FakeSwitch sw;
    Connmgr mgr;
};

Time at(Duration since_start) { return Time{} + since_start; }
PacketInTo packet_in(PacketInReason reason, uint16_t controller_id = 0) {
    return {.message = {.packet = {1, 2, 3},
                        .total_len = 3,
                        .reason = reason,
                        .metadata = *flow::parse_match("in_port=1")},
            .controller_id = controller_id};
}
Connection::Options service() { return {.service = true}; }

TEST_F(ConnectionTest, the_highest_common_version_is_spoken) {
    for (const Version v : {v10, v11, v12, v13, v14, v15}) {
        const Peer p(mgr, sw, v);
        EXPECT_EQ(p.c->version(), v);
    }
    Connection c({.versions = {v10, v13}}, mgr, sw, {});
    c.receive(encode({.xid = 1, .body = Hello{VersionSet::all()}}, {}), {});
    c.run({}, 0);
    EXPECT_EQ(c.version(), v13);
}

TEST_F(ConnectionTest, without_a_common_version_it_ends_with_an_error) {
    Connection c({.versions = {v13}}, mgr, sw, {});
    c.take_output();
    c.receive(encode({.xid = 1, .body = Hello{VersionSet{v10}}}, {}), {});
    c.run({}, 0);
    ASSERT_EQ(c.state(), Connection::State::closed);
    const auto m = decode(c.take_output(), Dialect{.version = v13});
    ASSERT_TRUE(m);
    const auto& e = std::get<ErrorReport>(m->body);
    EXPECT_EQ(e.error, OfError::hfc_incompatible);
    EXPECT_EQ(as_chars(e.data), "We support OpenFlow13, you support OpenFlow10, no versions in common.");
}

TEST_F(ConnectionTest, bytes_may_come_in_any_pieces) {
    Peer p(mgr, sw, v13);
    const Bytes request = encode({.xid = 9, .body = EchoRequest{{1, 2, 3}}}, p.dialect);
    for (const uint8_t b : request) {
        p.c->receive({&b, 1}, {});
        p.serve();
    }
    const auto got = p.answers();
    ASSERT_EQ(got.size(), 1u);
    EXPECT_EQ(got[0].xid, 9u);
    EXPECT_EQ(std::get<EchoReply>(got[0].body).data, (Bytes{1, 2, 3}));
}

TEST_F(ConnectionTest, a_header_that_lies_ends_it) {
    Peer p(mgr, sw, v13);
    p.c->receive(*parse_hex("0402000700000001"), {});
    p.serve();
    EXPECT_EQ(p.c->state(), Connection::State::closed);
}

TEST_F(ConnectionTest, requests_are_answered_in_order_and_errors_quote_them) {
    Peer p(mgr, sw, v13);
    p.say(FlowMod{.table = 0, .priority = 13});
    p.say(BarrierRequest{});
    p.say(DescRequest{});
    p.serve();
    const auto got = p.answers();
    ASSERT_EQ(got.size(), 3u);
    const auto& e = std::get<ErrorReport>(got[0].body);
    EXPECT_EQ(e.error, OfError::fmfc_overlap);
    EXPECT_EQ(e.data.size(), 56u);  // all of it
    EXPECT_EQ(e.data[1], 14);
    EXPECT_TRUE(std::holds_alternative<BarrierReply>(got[1].body));
    EXPECT_EQ(std::get<DescReply>(got[2].body).desc.manufacturer, "Nicira, Inc.");
}

TEST_F(ConnectionTest, a_long_dump_takes_turns_and_a_barrier_waits_for_it) {
    sw.n_flows = 4000;
    Peer p(mgr, sw, v13);
    p.say(FlowQuery{});
    p.say(BarrierRequest{});
    int turns = 0;
    while (p.c->run({}, 0)) ++turns;
    EXPECT_GT(turns, 5);
    const auto got = p.answers();
    size_t n = 0;
    for (size_t i = 0; i + 1 < got.size(); ++i) {
        n += std::get<FlowStatsReply>(got[i].body).flows.size();
        EXPECT_EQ(got[i].more, i + 2 < got.size());
        EXPECT_EQ(got[i].xid, got[0].xid);
    }
    EXPECT_EQ(n, 4000u);
    EXPECT_TRUE(std::holds_alternative<BarrierReply>(got.back().body));
}

TEST_F(ConnectionTest, a_dump_that_meets_few_flows_of_many_is_one_message) {
    sw.n_flows = 4000;
    for (const Version v : {v10, v13, v15})
        for (const size_t every : {1000, 5000}) {
            sw.every = every;
            Peer p(mgr, sw, v);
            p.say(FlowQuery{});
            while (p.c->run({}, 0)) continue;
            const auto got = p.answers();
            ASSERT_EQ(got.size(), 1u);
            EXPECT_FALSE(got[0].more);
            EXPECT_EQ(std::get<FlowStatsReply>(got[0].body).flows.size(), sw.n_flows / every);
        }
}

TEST_F(ConnectionTest, the_messages_of_a_dump_are_full) {
    sw.n_flows = 4000;
    for (const Version v : {v10, v13, v15}) {
        Peer p(mgr, sw, v);
        p.say(FlowQuery{});
        while (p.c->run({}, 0)) continue;
        const auto got = p.answers();
        for (size_t i = 0; i + 1 < got.size(); ++i) {
            const auto& flows = std::get<FlowStatsReply>(got[i].body).flows;
            const size_t all = encode(got[i], p.dialect).size();
            EXPECT_GT(all + (all - header_size) / flows.size(), max_message);
        }
    }
}

TEST_F(ConnectionTest, a_peer_that_does_not_read_is_not_served_on) {
    sw.n_flows = 100000;
    Peer p(mgr, sw, v13);
    p.say(FlowQuery{});
    size_t bytes = 0;
    while (p.c->run({}, bytes)) {
        bytes += p.c->take_output().size();
    }
    bytes += p.c->take_output().size();
    EXPECT_LT(bytes, 1u << 20);
    EXPECT_FALSE(p.c->run({}, bytes));  // all of it waits in the transport
    EXPECT_FALSE(p.c->has_output());
    EXPECT_FALSE(p.c->wants_input());
    for (int turn = 0; turn < 3 && !p.c->has_output(); ++turn) EXPECT_TRUE(p.c->run({}, 0));
    EXPECT_TRUE(p.c->has_output());
    EXPECT_TRUE(p.c->wants_input());
}

TEST_F(ConnectionTest, silence_is_probed_and_then_ends_it) {
    Peer p(mgr, sw, v13, {.probe = 5s});
    EXPECT_EQ(p.c->next_deadline(), at(5s));
    p.serve(at(4s));
    EXPECT_TRUE(p.answers().empty());
    p.serve(at(5s));
    auto got = p.answers();
    ASSERT_EQ(got.size(), 1u);
    EXPECT_TRUE(std::holds_alternative<EchoRequest>(got[0].body));
    p.say(EchoReply{}, at(6s));
    p.serve(at(6s));
    EXPECT_EQ(p.c->next_deadline(), at(11s));
    p.serve(at(11s));
    EXPECT_EQ(p.answers().size(), 1u);
    p.serve(at(15s));
    EXPECT_EQ(p.c->state(), Connection::State::open);
    p.serve(at(16s));
    EXPECT_EQ(p.c->state(), Connection::State::closed);
    EXPECT_EQ(p.c->close_reason(), "no response to inactivity probe after 5 seconds, disconnecting");
}

TEST_F(ConnectionTest, without_probes_silence_is_fine) {
    const Peer p(mgr, sw, v13, {.probe = 0s});
    EXPECT_EQ(p.c->next_deadline(), never);
}

TEST_F(ConnectionTest, one_primary_makes_the_others_secondary) {
    Peer a(mgr, sw, v13), b(mgr, sw, v13), old(mgr, sw, v10);
    EXPECT_EQ(a.ask_for<RoleReply>(RoleRequest{Role::no_change, {}}), (RoleReply{Role::equal, {}}));
    EXPECT_EQ(a.ask_for<RoleReply>(RoleRequest{Role::primary, 5}), (RoleReply{Role::primary, 5}));
    EXPECT_EQ(b.ask_for<RoleReply>(RoleRequest{Role::primary, 6}), (RoleReply{Role::primary, 6}));
    EXPECT_EQ(a.c->role(), Role::secondary);
    EXPECT_EQ(a.answers().size(), 1u) << "it is told";
    EXPECT_EQ(old.c->role(), Role::equal);
    EXPECT_EQ(a.error_of(RoleRequest{Role::primary, 5}), OfError::rrfc_stale);
    EXPECT_EQ(a.error_of(FlowMod{.table = 0}), OfError::brc_is_secondary);
    EXPECT_EQ(a.error_of(PortMod{.number = OfPort{1}}), OfError::brc_is_secondary);
    EXPECT_EQ(old.ask_for<RoleReply>(RoleRequest{Role::secondary, {}}).role, Role::secondary);
    EXPECT_EQ(old.error_of(FlowMod{}), OfError::brc_eperm);
    EXPECT_TRUE(b.ask(FlowMod{.table = 0}).empty());
    EXPECT_EQ(sw.mods.size(), 1u);
}

TEST_F(ConnectionTest, a_demoted_primary_is_told_whatever_its_masks_say) {
    Peer a(mgr, sw, v14), b(mgr, sw, v14);
    a.ask(AsyncChange{{{AsyncKind::role_status, true, 0}}});
    a.ask(RoleRequest{Role::primary, 1});
    b.ask(RoleRequest{Role::primary, 2});
    const auto got = a.answers();
    ASSERT_EQ(got.size(), 1u);
    EXPECT_EQ(std::get<RoleStatus>(got[0].body),
              (RoleStatus{Role::secondary, RoleChange::primary_request, 2}));
}

TEST_F(ConnectionTest, events_go_to_those_whom_they_concern) {
    Peer controller(mgr, sw, v13), mgmt(mgr, sw, v13, service()), secondary(mgr, sw, v13);
    secondary.ask(RoleRequest{Role::secondary, 1});
    const auto tell = [&] {
        mgr.send_port_status({PortReason::add, {.number = OfPort{1}}});
        mgr.send_flow_removed({.reason = RemovedReason::idle_timeout, .table = 0});
        mgr.send_packet_in(packet_in(PacketInReason::action), {});
    };
    tell();
    EXPECT_EQ(controller.answers().size(), 3u);
    EXPECT_EQ(secondary.answers().size(), 1u);  // ports only
    EXPECT_TRUE(mgmt.answers().empty());
    mgmt.ask(SetConfig{{.miss_send_len = 1}});
    tell();
    EXPECT_EQ(mgmt.answers().size(), 3u);
    // Asynchronous messages have transaction id 0.
    tell();
    for (const Message& m : mgmt.answers()) EXPECT_EQ(m.xid, 0u);
}

TEST_F(ConnectionTest, packets_go_by_controller_id_reason_and_version) {
    Peer one(mgr, sw, v13), other(mgr, sw, v13), old(mgr, sw, v10);
    other.ask(SetControllerId{7});
    mgr.send_packet_in(packet_in(PacketInReason::action, 7), {});
    EXPECT_EQ(other.answers().size(), 1u);
    EXPECT_TRUE(one.answers().empty());
    mgr.send_packet_in(packet_in(PacketInReason::implicit_miss), {});
    EXPECT_EQ(old.answers().size(), 1u);
    EXPECT_TRUE(one.answers().empty());  // since 1.3 a miss without a rule drops
    mgr.send_packet_in(packet_in(PacketInReason::invalid_ttl), {});
    EXPECT_TRUE(one.answers().empty());
    EXPECT_TRUE(old.answers().empty());
    old.ask(SetConfig{{.invalid_ttl_to_controller = true}});
    mgr.send_packet_in(packet_in(PacketInReason::invalid_ttl), {});
    EXPECT_EQ(old.answers().size(), 1u);
    EXPECT_TRUE(old.ask_for<GetConfigReply>(GetConfigRequest{}).config.invalid_ttl_to_controller);
}

TEST_F(ConnectionTest, packet_in_formats_are_chosen_by_the_peer) {
    Peer p(mgr, sw, v10);
    p.ask(SetPacketInFormat{PacketInFormat::nxt2});
    mgr.send_packet_in(packet_in(PacketInReason::action), {});
    const Bytes b = p.c->take_output();
    EXPECT_EQ(format_hex(ByteSpan(b).subspan(8, 8)), "000023200000001e");
}

TEST_F(ConnectionTest, async_masks_are_the_oracles_until_they_are_set) {
    Peer p(mgr, sw, v14);
    auto c = p.ask_for<GetAsyncReply>(GetAsyncRequest{}).config;
    EXPECT_EQ(c.primary, (std::array<uint32_t, 6>{0x3b, 7, 0x3f, 0, 0, 0}));
    EXPECT_EQ(c.secondary, (std::array<uint32_t, 6>{0, 7, 0, 0, 0, 0}));
    p.ask(AsyncChange{{{AsyncKind::port_status, false, 0}}});
    mgr.send_port_status({PortReason::add, {.number = OfPort{1}}});
    EXPECT_TRUE(p.answers().empty());
}

TEST_F(ConnectionTest, packets_above_the_rate_wait_in_a_queue_that_ends) {
    Peer p(mgr, sw, v13, {.packet_ins = {.rate_pps = 10, .burst = 5, .capacity = 20}});
    for (int i = 0; i < 100; ++i) mgr.send_packet_in(packet_in(PacketInReason::action), at(0s));
    EXPECT_EQ(p.answers().size(), 5u);
    EXPECT_EQ(p.c->packet_ins().counters(PacketInQueue::Kind::action).queued, 95u);
    EXPECT_EQ(p.c->packet_ins().counters(PacketInQueue::Kind::action).dropped, 75u);
    EXPECT_EQ(p.c->next_deadline(), at(100ms));
    p.serve(at(100ms));
    EXPECT_EQ(p.answers().size(), 1u);
    p.say(EchoRequest{}, at(4s));
    p.serve(at(4s));
    EXPECT_EQ(p.answers().size(), 5u + 1);  // no more than the burst at once, and the echo
}

TEST_F(ConnectionTest, what_a_switch_says_is_refused_from_a_controller) {
    Peer p(mgr, sw, v13);
    EXPECT_EQ(p.error_of(BarrierReply{}), OfError::brc_bad_type);
    EXPECT_EQ(p.error_of(FeaturesReply{}), OfError::brc_bad_type);
    EXPECT_TRUE(p.ask(EchoReply{}).empty());
}

TEST_F(ConnectionTest, buffers_and_odd_ports_are_refused) {
    Peer p(mgr, sw, v10);
    EXPECT_EQ(p.error_of(FlowMod{.buffer_id = 5}), OfError::brc_buffer_unknown);
    EXPECT_EQ(p.error_of(PacketOut{.buffer_id = 5, .metadata = *flow::parse_match("in_port=1")}),
              OfError::brc_buffer_unknown);
    EXPECT_EQ(p.error_of(PortMod{.number = OfPort{9}}), OfError::pmfc_bad_port);
    EXPECT_TRUE(p.ask_for<PortStatsReply>(PortStatsRequest{OfPort{9}}).ports.empty());
    EXPECT_EQ(p.error_of(QueueStatsRequest{OfPort{9}, all_queues}), OfError::qofc_bad_port);
    EXPECT_EQ(p.error_of(QueueStatsRequest{OfPort{1}, 3}), OfError::qofc_bad_queue);
}

struct BundleTest : ConnectionTest {
    Peer p{mgr, sw, v14};
    static BundleControl step(BundleStep s, uint16_t flags = 3) {
        return {.id = 1, .step = s, .flags = flags};
    }
    /// The change in a message of its own, which has the outer one's transaction id.
    BundleAdd staged(Body body, uint16_t flags = 3) const {
        return {1, flags, encode({.xid = p.xid + 1, .body = std::move(body)}, p.dialect)};
    }
    static FlowMod flow(uint16_t priority) { return {.table = 0, .priority = priority}; }
};

TEST_F(BundleTest, changes_take_effect_at_the_commit_and_together) {
    EXPECT_EQ(p.ask_for<BundleControl>(step(BundleStep::open)), step(BundleStep::open_reply, 0));
    EXPECT_TRUE(p.ask(staged(flow(1))).empty());
    EXPECT_TRUE(p.ask(staged(flow(2))).empty());
    EXPECT_TRUE(sw.mods.empty());
    EXPECT_EQ(p.ask_for<BundleControl>(step(BundleStep::close)), step(BundleStep::close_reply, 0));
    EXPECT_EQ(p.ask_for<BundleControl>(step(BundleStep::commit)), step(BundleStep::commit_reply, 0));
    EXPECT_EQ(sw.mods.size(), 2u);
    EXPECT_EQ(p.error_of(step(BundleStep::commit)), OfError::bfc_bad_id);
}

TEST_F(BundleTest, one_bad_change_undoes_all_and_is_named) {
    p.ask(staged(flow(13)));  // what the fake switch refuses
    p.ask(staged(flow(2)));
    const auto got = p.ask(step(BundleStep::commit));
    ASSERT_EQ(got.size(), 2u);
    EXPECT_EQ(std::get<ErrorReport>(got[0].body).error, OfError::fmfc_overlap);
    EXPECT_EQ(std::get<ErrorReport>(got[1].body).error, OfError::bfc_msg_failed);
    EXPECT_TRUE(sw.mods.empty());
}

TEST_F(BundleTest, what_is_wrong_with_a_bundle_ends_it) {
    p.ask(step(BundleStep::open));
    EXPECT_EQ(p.error_of(step(BundleStep::open)), OfError::bfc_bad_id);
    EXPECT_TRUE(p.ask(staged(flow(1))).empty());  // opens it again
    EXPECT_EQ(p.error_of(staged(flow(1), 1)), OfError::bfc_bad_flags);
    EXPECT_EQ(p.error_of(step(BundleStep::close)), OfError::bfc_bad_id);
    EXPECT_EQ(p.error_of(staged(BarrierRequest{})), OfError::bfc_msg_unsup);
    BundleAdd other_xid = staged(flow(1));
    other_xid.message[7] ^= 1;
    EXPECT_EQ(p.error_of(other_xid), OfError::bfc_msg_bad_xid);
    EXPECT_EQ(p.error_of(step(BundleStep::open_reply)), OfError::bfc_bad_type);
    p.ask(step(BundleStep::open));
    EXPECT_EQ(p.ask_for<BundleControl>(step(BundleStep::discard)), step(BundleStep::discard_reply, 0));
    EXPECT_EQ(p.error_of(step(BundleStep::discard)), OfError::bfc_bad_id);
}

TEST_F(BundleTest, its_messages_take_effect_in_their_order_however_many_they_are) {
    p.ask(step(BundleStep::open));
    for (uint16_t i = 0; i < 3000; ++i) p.ask(staged(flow(static_cast<uint16_t>(100 + i))));
    p.ask(step(BundleStep::commit));
    ASSERT_EQ(sw.mods.size(), 3000u);
    for (uint16_t i = 0; i < 3000; ++i) ASSERT_EQ(sw.mods[i].priority, 100 + i);
}

TEST_F(BundleTest, a_refusal_quotes_the_message_that_was_refused) {
    for (uint16_t i = 0; i < 2000; ++i) p.ask(staged(flow(i == 1500 ? 13 : 100)));
    const auto got = p.ask(step(BundleStep::commit));
    ASSERT_EQ(got.size(), 2u);
    const Bytes quoted = std::get<ErrorReport>(got[0].body).data;
    ASSERT_GE(quoted.size(), 32u);
    EXPECT_EQ(quoted[31], 13) << "the low byte of the priority";
    EXPECT_TRUE(sw.mods.empty());
}

TEST_F(BundleTest, a_bundle_takes_about_the_memory_of_its_messages_and_has_a_limit) {
    const FlowMod mod = flow(1);
    const BundleAdd add = staged(mod);
    Bundles bundles(1500 * add.message.size());
    const auto stage = [&] {
        return bundles.add({add.id, add.flags, add.message}, Bundles::Kind::table_change, at(0s));
    };
    for (size_t i = 0; i < 1500; ++i) ASSERT_TRUE(stage());
    EXPECT_EQ(stage(), refuse(OfError::bfc_msg_too_many));
    EXPECT_EQ(bundles.commit(step(BundleStep::commit)), refuse(OfError::bfc_bad_id)) << "it has ended";
    for (size_t i = 0; i < 1000; ++i) ASSERT_TRUE(stage());
    const auto changes = bundles.commit(step(BundleStep::commit));
    EXPECT_LE(changes->tables.memory(), 2 * 1000 * add.message.size());
    EXPECT_EQ(changes->tables.size(), 1000u);
}

TEST_F(BundleTest, a_bundle_left_alone_ends) {
    p.ask(step(BundleStep::open));
    p.say(EchoReply{}, at(9s));
    p.serve(at(9s));
    EXPECT_EQ(p.c->next_deadline(), at(10s));
    p.serve(at(10s));
    const auto got = p.answers();
    ASSERT_EQ(got.size(), 1u);
    EXPECT_EQ(std::get<ErrorReport>(got[0].body).error, OfError::bfc_timeout);
}

TEST_F(BundleTest, how_long_it_may_be_left_alone_can_be_set) {
    p.ask(step(BundleStep::open));
    p.c->reconfigure({.probe = 0s, .bundle_idle = 3s});
    EXPECT_EQ(p.c->next_deadline(), at(3s));
    p.serve(at(3s));
    const auto got = p.answers();
    ASSERT_EQ(got.size(), 1u);
    EXPECT_EQ(std::get<ErrorReport>(got[0].body).error, OfError::bfc_timeout);
}

TEST_F(ConnectionTest, an_error_quotes_as_much_of_the_request_as_fits) {
    Peer p(mgr, sw, v13);
    const auto quote = [&](size_t length) {
        Bytes request = encode({.xid = 7, .body = EchoRequest{Bytes(length - header_size, 5)}}, p.dialect);
        request[1] = 200;  // no such type
        p.c->receive(request, at(0s));
        p.serve(at(0s));
        const auto got = p.answers();
        const Bytes& data = std::get<ErrorReport>(got.at(0).body).data;
        EXPECT_TRUE(std::ranges::equal(data, ByteSpan(request).first(data.size())));
        return data.size();
    };
    EXPECT_EQ(quote(65), 65u);
    EXPECT_EQ(quote(max_message - 12), max_message - 12u);
    EXPECT_EQ(quote(max_message), max_message - 12u);
}

TEST_F(ConnectionTest, a_port_status_that_shows_no_difference_is_not_sent) {
    Peer p10(mgr, sw, v10), p13(mgr, sw, v13);
    const PortDesc before{.number = OfPort{1}, .state = 0},
        live{.number = OfPort{1}, .state = port_state::live};
    mgr.send_port_status({PortReason::modify, live}, &before);
    EXPECT_TRUE(p10.answers().empty()) << "OpenFlow 1.0 has no LIVE";
    EXPECT_EQ(p13.answers().size(), 1u);
    mgr.send_port_status({PortReason::modify, live}, &live);
    EXPECT_TRUE(p13.answers().empty());
}

TEST_F(ConnectionTest, every_port_has_queue_0_which_keeps_no_counts) {
    Peer p(mgr, sw, v13);
    const auto stats = p.ask_for<QueueStatsReply>(QueueStatsRequest{ofpp::none, all_queues}).queues;
    ASSERT_EQ(stats.size(), 1u);
    EXPECT_EQ(stats[0].port, OfPort{1});
    EXPECT_EQ(stats[0].tx_packets, not_counted);
    EXPECT_EQ(p.ask_for<QueueConfigReply>(QueueConfigRequest{OfPort{1}}).queues.size(), 1u);
    EXPECT_EQ(p.error_of(QueueConfigRequest{OfPort{9}}), OfError::qofc_bad_port);
}

TEST_F(ConnectionTest, a_snooper_hears_both_directions_but_no_services) {
    Bytes heard;
    mgr.snoop = [&](ByteSpan b) { heard.insert(heard.end(), b.begin(), b.end()); };
    Peer controller(mgr, sw, v13), mgmt(mgr, sw, v13, service());
    heard.clear();
    const Bytes request = encode({.xid = 2, .body = EchoRequest{{1}}}, controller.dialect);
    const Bytes answer = encode({.xid = 2, .body = EchoReply{{1}}}, controller.dialect);
    controller.ask(EchoRequest{{1}});
    mgmt.ask(EchoRequest{{2}});
    Bytes both = request;
    both.insert(both.end(), answer.begin(), answer.end());
    EXPECT_EQ(format_hex(heard), format_hex(both));
}

TEST_F(ConnectionTest, misses_matter_while_an_old_version_listens) {
    const Peer now(mgr, sw, v13);
    EXPECT_FALSE(mgr.wants_misses());
    {
        const Peer old(mgr, sw, v12);
        EXPECT_TRUE(mgr.wants_misses());
    }
    EXPECT_FALSE(mgr.wants_misses());
    Peer mgmt(mgr, sw, v10, service());
    EXPECT_FALSE(mgr.wants_misses());
    mgmt.ask(SetConfig{{.miss_send_len = 1}});
    EXPECT_TRUE(mgr.wants_misses());
}

TEST_F(ConnectionTest, old_features_carry_ports_and_dumps_may_be_nxm) {
    Peer p(mgr, sw, v10);
    EXPECT_EQ(p.ask_for<FeaturesReply>(FeaturesRequest{}).ports.size(), 1u);
    EXPECT_FALSE(p.ask(FlowQuery{}).at(0).nicira);
    const auto told = p.ask(FlowQuery{.cookie_mask = 1});  // only Nicira's form can say it
    ASSERT_EQ(told.size(), 1u);
    EXPECT_TRUE(told[0].nicira);
    EXPECT_EQ(std::get<FlowStatsReply>(told[0].body).flows.size(), 5u);
}

}  // namespace
}  // namespace weft::openflow
