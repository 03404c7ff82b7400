// SPDX-License-Identifier: Apache-2.0
#include "openflow/ct_flush_text.h"
#include "openflow/flow_monitor_text.h"
#include "openflow/testing.h"
#include "openflow/tlv_table_text.h"

namespace weft::openflow {
namespace {

Result<CtFlush> flush(std::vector<std::string> words) { return parse_ct_flush(words); }
std::string error_of(const std::vector<std::string>& words) {
    const auto parsed = flush(words);
    return parsed ? "" : parsed.error().message;
}

TEST(CtFlushText, a_connection_is_told_by_its_two_tuples) {
    const auto m = flush({"zone=5", "ct_nw_src=10.0.0.1,ct_nw_proto=6,ct_tp_dst=80", "ct_nw_src=10.0.0.2"});
    ASSERT_TRUE(m) << m.error().message;
    EXPECT_EQ(m->zone, 5);
    EXPECT_EQ(m->protocol, 6);
    ASSERT_TRUE(m->original && m->reply);
    EXPECT_EQ(m->original->src, mapped(*parse_ip4("10.0.0.1")));
    EXPECT_EQ(m->original->dst_port, 80);
    EXPECT_FALSE(m->original->src_port);
    EXPECT_EQ(m->reply->src, mapped(*parse_ip4("10.0.0.2")));
}

TEST(CtFlushText, what_is_left_out_fits_any) {
    EXPECT_EQ(*flush({}), CtFlush{});
    EXPECT_EQ(*flush({"zone=7"}), CtFlush{.zone = 7});
    const auto only_reply = flush({"", "ct_nw_dst=10.0.0.2"});
    ASSERT_TRUE(only_reply);
    EXPECT_FALSE(only_reply->original);
    EXPECT_TRUE(only_reply->reply);
}

TEST(CtFlushText, mistakes_are_named) {
    EXPECT_EQ(error_of({"zone=x"}), "Failed to parse zone");
    EXPECT_NE(error_of({"zone=65536"}), "");
    EXPECT_EQ(error_of({"a=1"}), "Failed to parse ct-tuple: invalid conntrack tuple field: a");
    EXPECT_EQ(error_of({"ct_nw_src"}), "Failed to parse ct-tuple: field ct_nw_src missing value");
    EXPECT_EQ(error_of({"ct_tp_src=70000"}), "Failed to parse ct-tuple: failed to parse field ct_tp_src");
    EXPECT_EQ(error_of({"ct_tp_src=7"}), "Failed to parse ct-tuple: port is set without protocol");
    EXPECT_EQ(error_of({"icmp_type=7,ct_nw_proto=6"}), "Failed to parse ct-tuple: invalid L4 fields");
    EXPECT_EQ(error_of({"ct_nw_src=10.0.0.1,ct_ipv6_dst=::1"}),
              "Failed to parse ct-tuple: the L3 protocol does not match ::1");
}

TEST(TlvTableText, maps_are_read_one_after_another) {
    const auto maps =
        parse_tlv_maps("{class=0xffff,type=1,len=4}->tun_metadata0,{class=2,type=3,len=124}->tun_metadata63");
    ASSERT_TRUE(maps);
    EXPECT_EQ(*maps, (std::vector<TlvMap>{{0xffff, 1, 4, 0}, {2, 3, 124, 63}}));
    EXPECT_TRUE(parse_tlv_maps("")->empty());
}

TEST(TlvTableText, mistakes_are_named) {
    for (const std::string_view bad :
         {"x", "{class=1,type=2}->tun_metadata0", "{class=1,type=2,len=4}", "{class=1,type=2,len=4}->reg0",
          "{class=70000,type=2,len=4}->tun_metadata0", "{class=1,type=256,len=4}->tun_metadata0",
          "{class=1,type=2,len=4}->tun_metadatax"}) {
        const auto parsed = parse_tlv_maps(bad);
        ASSERT_FALSE(parsed) << bad;
        EXPECT_TRUE(parsed.error().message.starts_with("invalid tlv mapping\n")) << parsed.error().message;
    }
}

TEST(FlowMonitorText, everything_is_watched_but_what_is_turned_off) {
    EXPECT_EQ(parse_flow_monitor("")->flags, monitor_flag::initial | monitor_flag::add |
                                                 monitor_flag::remove | monitor_flag::modify |
                                                 monitor_flag::actions | monitor_flag::own);
    const auto m = parse_flow_monitor("!initial,!own,table=3,out_port=2,out_group=7,ip");
    ASSERT_TRUE(m);
    EXPECT_EQ(m->flags,
              monitor_flag::add | monitor_flag::remove | monitor_flag::modify | monitor_flag::actions);
    EXPECT_EQ(m->table, 3);
    EXPECT_EQ(m->out_port, OfPort{2});
    EXPECT_EQ(m->out_group, 7u);
    EXPECT_EQ(m->match, match("ip"));
    EXPECT_EQ(parse_flow_monitor("!foo").error().message, "!foo: field !foo missing value");
    EXPECT_EQ(parse_flow_monitor("priority=3").error().message, "priority=3: unknown keyword priority");
}

TEST(FlowMonitorText, ports_and_tables_may_have_names) {
    flow::PortNames ports;
    ports.add(OfPort{4}, "eth0");
    flow::TableNames tables;
    tables.add(9, "l2");
    const auto m = parse_flow_monitor("out_port=eth0,table=l2", {&ports, &tables});
    ASSERT_TRUE(m);
    EXPECT_EQ(m->out_port, OfPort{4});
    EXPECT_EQ(m->table, 9);
}

TEST(Ipfix, counters_of_exporters_come_back) {
    const IpfixStats s{.flows = 1, .current_flows = 2, .tx_errors = 3, .collector_set = 4};
    expect_same_in_all(IpfixReply{true, {s, s}});
    expect_same_in_all(IpfixReply{false, {s}});
    expect_same_in_all(IpfixRequest{true});
    EXPECT_FALSE(sent(IpfixReply{false, {s, s}}, {.version = v13}));
}

}  // namespace
}  // namespace weft::openflow
