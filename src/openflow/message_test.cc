// SPDX-License-Identifier: Apache-2.0
#include "openflow/testing.h"

namespace weft::openflow {
namespace {

TEST(Message, simple_ones_come_back_in_every_version) {
    expect_same_in_all(EchoRequest{{1, 2, 3}});
    expect_same_in_all(EchoReply{{}});
    expect_same_in_all(FeaturesRequest{});
    expect_same_in_all(GetConfigRequest{});
    expect_same_in_all(BarrierRequest{});
    expect_same_in_all(BarrierReply{});
    expect_same_in_all(GetConfigReply{{Fragments::drop, false, 99}});
    expect_same(SetConfig{{Fragments::nx_match, true, 0xffff}}, {v10, v11, v12});
    expect_same_in_all(SetPacketInFormat{PacketInFormat::nxt2});
    expect_same_in_all(SetControllerId{77});
    expect_same_in_all(FlowAge{});
    expect_same(SetFlowFormat{true}, {v10});
    expect_same(UseTableId{true}, {v10});
}

TEST(Message, a_hello_tells_all_versions) {
    for (const VersionSet set : {VersionSet::all(), VersionSet{v10}, VersionSet{v10, v13}, VersionSet{v15}})
        expect_same(Hello{set}, Dialect{});
    // A peer of the future, and one with elements nobody knows.
    const auto future = decode(bytes_of("0900000800000001"), {});
    ASSERT_TRUE(future);
    EXPECT_EQ(std::get<Hello>(future->body).versions.highest(), v15);
    const auto odd = decode(bytes_of("0400001800000001"
                                     "0009000500000000"
                                     "0001000800000012"),
                            {});
    ASSERT_TRUE(odd);
    EXPECT_EQ(std::get<Hello>(odd->body).versions, (VersionSet{v10, v13}));
}

TEST(Message, features_are_told_in_the_bits_of_each_version) {
    FeaturesReply r;
    r.features = {.datapath_id = 0x1ad223537647,
                  .n_buffers = 0,
                  .n_tables = 254,
                  .capabilities = capability::flow_stats | capability::table_stats};
    expect_same_in_all(r);
    r.features.capabilities |= capability::stp | capability::arp_match_ip;
    r.features.actions_10 = 0xfff;
    r.ports = {{.number = ofpp::local,
                .hw_addr = Mac::from_u64(0x1ad223537647),
                .name = "br0",
                .curr = port_feature::fd_10g | port_feature::copper | port_feature::autoneg}};
    expect_same(r, {v10});
    // From the oracle.
    const auto oracle = decode(bytes_of("040600200000006500001ad22353764700000000fe0000000000004f00000000"),
                               Dialect{.version = v13});
    ASSERT_TRUE(oracle);
    const auto& f = std::get<FeaturesReply>(oracle->body).features;
    EXPECT_EQ(f.datapath_id, 0x1ad223537647u);
    EXPECT_EQ(f.n_tables, 254);
}

TEST(Message, ports_are_described_and_changed_in_every_version) {
    PortDesc p{.number = OfPort{5},
               .hw_addr = Mac::from_u64(0xaa55aa550001),
               .name = "veth0",
               .config = port_config::port_down | port_config::no_fwd,
               .state = port_state::link_down,
               .curr = port_feature::fd_1g | port_feature::fiber,
               .advertised = port_feature::pause,
               .supported = port_feature::hd_10m,
               .peer = port_feature::pause_asym};
    expect_same_in_all(PortStatus{PortReason::modify, p});
    p.curr_speed_kbps = 1000000;
    p.max_speed_kbps = 10000000;
    for (const Version v : {v11, v12, v13, v14, v15}) {
        expect_same(PortStatus{PortReason::add, p}, Dialect{.version = v});
        expect_same(PortDescReply{{p, p}}, Dialect{.version = v});
    }
    expect_same_in_all(PortMod{.number = OfPort{3},
                               .hw_addr = p.hw_addr,
                               .config = port_config::no_packet_in,
                               .mask = port_config::no_packet_in | port_config::no_recv,
                               .advertise = port_feature::fd_100m | port_feature::copper});
    expect_same(PortMod{.number = OfPort{3}, .mask = port_config::no_flood}, {v10});
    expect_same(PortDescRequest{OfPort{3}}, {v15});
}

TEST(Message, statistics_of_ports_and_queues_come_back) {
    PortStats s{.number = OfPort{2},
                .rx_packets = 1,
                .tx_packets = 2,
                .rx_bytes = 3,
                .tx_bytes = 4,
                .rx_dropped = not_counted,
                .rx_errors = 5,
                .rx_frame_errors = 6,
                .collisions = 7};
    expect_same_in_all(PortStatsReply{{s}});
    expect_same_in_all(PortStatsRequest{OfPort{9}});
    s.duration_s = 10;
    s.duration_ns = 20;
    expect_same(PortStatsReply{{s, s}}, {v13, v14, v15});
    s.custom = {{"rx_q0_packets", 5}, {"tx", 6}};
    expect_same(PortStatsReply{{s, s}}, {v14, v15});
    const QueueStats q{.port = OfPort{1}, .queue = 3, .tx_bytes = 4, .tx_packets = 5, .tx_errors = 6};
    expect_same_in_all(QueueStatsReply{{q}});
    expect_same_in_all(QueueStatsRequest{ofpp::none, 5});
    const QueueDesc d{.port = OfPort{1}, .queue = 2, .min_rate = 10, .max_rate = 900};
    expect_same(QueueConfigReply{OfPort{1}, {d, d}}, {v10, v11, v12, v13});
    expect_same(QueueDescReply{{d}}, {v14, v15});
}

TEST(Message, a_flow_mod_comes_back_in_every_version) {
    for (const Version v : all_versions) {
        FlowMod m{.command = FlowModCommand::add,
                  .table = 3,
                  .priority = 77,
                  .match = match("tcp,in_port=1,nw_dst=10.0.0.0/8,tp_dst=80"),
                  .new_cookie = 0x1234,
                  .idle_timeout = 5,
                  .hard_timeout = 6,
                  .flags = flow_flag::send_flow_rem,
                  .actions = actions("output:2,output:CONTROLLER")};
        if (v < v12) m.flags |= flow_flag::reset_counts;  // by their standards
        if (v >= v14) m.importance = 9;
        const Dialect d{.version = v, .table_id = v == v10};
        expect_same(m, d);
        m.match = match("reg0=5,ipv6,ipv6_src=fe80::/16");
        if (v != v11) expect_same(m, d);
        if (v == v10) expect_same(m, Dialect{.version = v, .nxm = true, .table_id = true});
    }
}

TEST(Message, an_exact_match_of_1_0_comes_before_flows_with_wildcards) {
    // No wildcard bit; priority 1.
    const auto m = decode(bytes_of("010e004800000001"
                                   "00000000" +
                                   std::string(72, '0') + std::string(16, '0') + "0000" + "00000000" +
                                   "0001" + "ffffffff" + "ffff" + "0000"),
                          {});
    ASSERT_TRUE(m);
    EXPECT_EQ(std::get<FlowMod>(m->body).priority, 0xffff);
}

TEST(Message, flows_are_found_by_cookie_where_the_version_can) {
    const FlowMod m{.command = FlowModCommand::remove, .cookie = 0x10, .cookie_mask = 0xf0};
    expect_same(m, {v10, v12, v13, v14, v15});
    FlowMod modify{.command = FlowModCommand::modify_strict, .table = 1, .cookie = 5, .cookie_mask = 7};
    expect_same(modify, {v11, v12, v13, v14, v15});
    modify = {.command = FlowModCommand::modify, .cookie = 5, .cookie_mask = 7, .new_cookie = 6};
    modify.modify_may_add = true;
    expect_same(modify, {v10});
}

TEST(Message, only_old_modifies_add_a_flow_that_is_missing) {
    const FlowMod m{
        .command = FlowModCommand::modify, .table = 0, .new_cookie = 3, .actions = actions("output:2")};
    const auto in = [&](Version v) { return std::get<FlowMod>(sent(m, Dialect{.version = v})->body); };
    EXPECT_TRUE(in(v10).modify_may_add);
    EXPECT_EQ(in(v10).new_cookie, 3u);
    EXPECT_FALSE(in(v10).keep_cookie);
    FlowMod m11 = m;
    m11.keep_cookie = true;
    const auto back = std::get<FlowMod>(sent(m11, Dialect{.version = v11})->body);
    EXPECT_TRUE(back.modify_may_add);
    EXPECT_TRUE(back.keep_cookie);
    EXPECT_EQ(back.new_cookie, 3u);
    EXPECT_FALSE(in(v12).modify_may_add);
}

struct Refusal {
    Version version;
    std::string_view hex;
    OfError error;
};

TEST(Message, bad_flow_mods_get_the_oracles_error) {
    const std::string match10 = "003fffff" + std::string(72, '0'), cookie = std::string(16, '0');
    const auto mod10 = [&](std::string_view command, std::string_view flags, std::string_view rest = "") {
        const std::string body = match10 + cookie + std::string(command) +
                                 "00000000"
                                 "8000"
                                 "ffffffff"
                                 "ffff" +
                                 std::string(flags) + std::string(rest);
        const std::string length = format_hex(std::array{static_cast<uint8_t>((body.size() / 2 + 8) >> 8),
                                                         static_cast<uint8_t>(body.size() / 2 + 8)});
        return decode(bytes_of("010e" + length + "00000001" + body), {});
    };
    EXPECT_EQ(mod10("0000", "0004").error(), OfError::fmfc_table_full);
    EXPECT_EQ(mod10("0000", "0008").error(), OfError::fmfc_bad_flags);
    EXPECT_EQ(mod10("0005", "0000").error(), OfError::fmfc_bad_command);
    EXPECT_EQ(mod10("0105", "0000").error(), OfError::fmfc_bad_command);
    EXPECT_EQ(mod10("0000", "0000", "00000008ffff0000").error(), OfError::bac_bad_out_port);
    EXPECT_TRUE(mod10("0000", "0000", "0008000810000000"));  // mod_nw_tos of any packet

    const auto mod13 = [](FlowMod m) { return sent(std::move(m), Dialect{.version = v13}); };
    const Dialect dialect13{.version = v13};
    Bytes to_all_tables = encode({1, FlowMod{.table = 7}}, dialect13);
    to_all_tables[8 + 16] = all_tables;
    EXPECT_EQ(decode(to_all_tables, dialect13).error(), OfError::fmfc_bad_table_id);
    EXPECT_TRUE(mod13({.table = all_tables})) << "Nicira's form leaves the choice to the switch";
    EXPECT_TRUE(mod13({.command = FlowModCommand::remove}));
    const auto in_11 =
        sent(FlowMod{.command = FlowModCommand::remove, .table = all_tables}, Dialect{.version = v11});
    EXPECT_EQ(std::get<FlowMod>(in_11->body).table, 0);
    EXPECT_EQ(mod13({.table = 0, .actions = actions("mod_nw_tos:16")}).error(),
              OfError::bac_match_inconsistent);
    EXPECT_EQ(mod13({.table = 5, .actions = actions("goto_table:5")}).error(), OfError::bic_bad_table_id);
}

TEST(Message, requests_out_of_place_are_refused) {
    const Refusal refusals[] = {
        {v13, "0500000800000001", OfError::count},  // a hello is always welcome
        {v13, "0105000800000001", OfError::brc_bad_version},
        {v13, "0428000800000001", OfError::brc_bad_type},
        {v13, "0404000800000001", OfError::brc_bad_len},
        {v13, "04040010000000010000232000000fff", OfError::brc_bad_subtype},
        {v13,
         "040400100000000100112233"
         "00000001",
         OfError::brc_bad_vendor},
        {v13,
         "0412001000000001"
         "0011000000000000",
         OfError::brc_bad_stat},
        {v12,
         "0312001000000001"
         "000c000000000000",
         OfError::brc_bad_stat},
        {v13,
         "0414000900000001"
         "00",
         OfError::brc_bad_len},
        {v13,
         "0409000a00000001"
         "0000",
         OfError::brc_bad_len},
        {v14,
         "0521001000000001"
         "0000000100090000",
         OfError::bfc_bad_type},
        {v10, "0118000800000001", OfError::brc_bad_type},
    };
    for (const Refusal& r : refusals) {
        const auto m = decode(bytes_of(r.hex), Dialect{.version = r.version});
        if (r.error == OfError::count) {
            EXPECT_TRUE(m) << r.hex;
            continue;
        }
        ASSERT_FALSE(m) << r.hex;
        EXPECT_EQ(error_name(m.error()), error_name(r.error)) << r.hex;
    }
}

TEST(Message, flow_statistics_come_back) {
    for (const Version v : all_versions) {
        FlowStats s{.table = 1,
                    .priority = 100,
                    .match = match("ip,in_port=1"),
                    .cookie = 5,
                    .duration_s = 9,
                    .duration_ns = 1000000,
                    .idle_timeout = 3,
                    .hard_timeout = 4,
                    .packets = 10,
                    .bytes = 1000,
                    .actions = actions("output:2")};
        if (v >= v13) s.flags = flow_flag::reset_counts;
        if (v >= v14) s.importance = 3;
        if (v == v15) s.idle_age = 17;
        expect_same(FlowStatsReply{{s, s}}, Dialect{.version = v});
        FlowQuery q{.table = 4, .out_port = OfPort{3}, .match = match("ip")};
        expect_same(q, Dialect{.version = v});
        q = {.aggregate = true, .cookie = 1, .cookie_mask = 3};
        expect_same(q, Dialect{.version = v});
        expect_same(AggregateReply{{1, 2, 3}}, Dialect{.version = v});
    }
    FlowStats s{.match = match("reg3=7"), .actions = {}};
    s.idle_age = 0;
    s.hard_age = 70000;
    const Dialect d{.version = v10};
    const auto message = decode(encode({.xid = 7, .body = FlowStatsReply{{s}}, .nicira = true}, d), d);
    ASSERT_TRUE(message);
    EXPECT_TRUE(message->nicira);
    const auto back = std::get<FlowStatsReply>(message->body);
    EXPECT_EQ(back.flows[0].idle_age, 0u);
    EXPECT_EQ(back.flows[0].hard_age, 0xfffeu);
    EXPECT_EQ(back.flows[0].match, s.match);
}

TEST(Message, removed_flows_come_back) {
    for (const Version v : all_versions) {
        FlowRemoved r{.match = match("ip,in_port=1"),
                      .cookie = 3,
                      .priority = 4,
                      .idle_timeout = 5,
                      .reason = RemovedReason::hard_timeout,
                      .duration_s = 6,
                      .duration_ns = 7,
                      .packets = 8,
                      .bytes = 9};
        if (v > v10) r.table = 2;
        if (v > v11) r.hard_timeout = 11;
        expect_same(r, Dialect{.version = v});
    }
    FlowRemoved r{.match = match("reg0=1"), .table = 3};
    expect_same(r, Dialect{.version = v10, .nxm = true});
    r.reason = RemovedReason::eviction;
    const auto old = std::get<FlowRemoved>(sent(r, Dialect{.version = v13})->body);
    EXPECT_EQ(old.reason, RemovedReason::removed);  // 1.3 has no word for it
}

TEST(Message, bundles_come_back) {
    expect_same(BundleControl{7, BundleStep::commit, 3}, {v13, v14, v15});
    expect_same(BundleAdd{7, 3, encode({.xid = 7, .body = BarrierRequest{}}, Dialect{.version = v13})},
                {v13, v14, v15});
}

TEST(Message, tables_come_back) {
    TableInfo t{.id = 3, .max_entries = 1000000, .active = 5, .lookups = 6, .matches = 7};
    expect_same(TableStatsReply{{t}}, {v13, v14, v15});
    t.name = "classifier";
    expect_same(TableStatsReply{{t}}, {v10});
    t.miss = TableMiss::drop;
    expect_same(TableStatsReply{{t, t}}, {v11, v12});
    const TableInfo f{.id = 7, .name = "acl", .max_entries = 1000000};
    expect_same(TableFeaturesReply{{f, f}}, {v13, v14, v15});
    const TableInfo d{.id = 7, .eviction = true};
    expect_same(TableDescReply{{d}}, {v14, v15});
    expect_same(TableMod{.table = 4, .miss = TableMiss::go_on}, {v11, v12});
    expect_same(TableMod{.table = 4,
                         .eviction = true,
                         .vacancy_events = true,
                         .eviction_flags = 7,
                         .vacancy_down = 10,
                         .vacancy_up = 20},
                {v14, v15});
}

TEST(Message, a_long_reply_becomes_several_messages) {
    FlowStatsReply all;
    for (uint32_t i = 0; i < 3000; ++i) {
        FlowStats s{.match = match("ip"), .actions = actions("output:2")};
        s.cookie = i;
        all.flows.push_back(s);
    }
    const Dialect d{.version = v13};
    const auto messages = split(encode({.xid = 3, .body = all}, d));
    EXPECT_GT(messages.size(), 2u);
    uint64_t next = 0;
    for (size_t i = 0; i < messages.size(); ++i) {
        EXPECT_LE(messages[i].size(), max_message);
        const auto part = decode(messages[i], d);
        ASSERT_TRUE(part);
        EXPECT_EQ(part->xid, 3u);
        EXPECT_EQ(part->more, i + 1 < messages.size());
        for (const FlowStats& s : std::get<FlowStatsReply>(part->body).flows) EXPECT_EQ(s.cookie, next++);
    }
    EXPECT_EQ(next, 3000u);
}

TEST(Message, an_entry_that_fits_no_message_is_left_out) {
    FlowStats huge{.match = match("ip"), .actions = {action::Note{Bytes(65000 + 6)}}};
    huge.actions.push_back(action::Note{Bytes(6000 + 6)});
    const FlowStats small{.match = match("ip"), .cookie = 1, .actions = {}};
    const auto messages =
        split(encode({.xid = 3, .body = FlowStatsReply{{huge, small}}}, Dialect{.version = v13}));
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_EQ(std::get<FlowStatsReply>(decode(messages[0], Dialect{.version = v13})->body).flows.size(), 1u);
}

TEST(Message, errors_are_told_in_every_version) {
    for (const Version v : all_versions) {
        for (size_t e = 0; e < static_cast<size_t>(OfError::count); ++e) {
            const auto error = static_cast<OfError>(e);
            const auto back = sent(report(error, bytes_of("0105000800000001")), Dialect{.version = v});
            ASSERT_TRUE(back);
            const auto& r = std::get<ErrorReport>(back->body);
            const OfError expected = error_numbers(error, v) ? error : OfError::nxbrc_unencodable_error;
            ASSERT_TRUE(r.error);
            EXPECT_EQ(error_name(*r.error), error_name(expected)) << version_name(v);
            EXPECT_EQ(format_hex(r.data), "0105000800000001");
        }
    }
}

TEST(Message, a_vendors_error_is_wrapped_as_the_version_does_it) {
    const auto hex = [](OfError e, Version v) {
        return format_hex(encode({.xid = 1, .body = report(e, {})}, Dialect{.version = v}));
    };
    EXPECT_EQ(hex(OfError::nxbrc_must_be_zero, v10),
              "0101001400000001"
              "b0c20000"
              "00002320"
              "00010203");
    EXPECT_EQ(hex(OfError::nxbrc_must_be_zero, v13),
              "0401001000000001"
              "ffff0004"
              "00002320");
    EXPECT_EQ(hex(OfError::bmc_bad_field, v13),
              "0401000c00000001"
              "00040006");
}

}  // namespace
}  // namespace weft::openflow
