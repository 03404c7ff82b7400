// SPDX-License-Identifier: Apache-2.0
#include "action/check.h"

#include <gtest/gtest.h>

#include "action/text.h"

namespace weft::action {
namespace {

using flow::FieldId;

flow::Match with(std::initializer_list<std::pair<FieldId, uint64_t>> fields) {
    flow::Match m;
    for (const auto& [id, v] : fields) m.with(id, flow::FieldValue::from_u64(v));
    return m;
}
const flow::Match any, ip = with({{FieldId::eth_type, 0x0800}}), mpls = with({{FieldId::eth_type, 0x8847}}),
                       nsh = with({{FieldId::eth_type, 0x894f}}), arp = with({{FieldId::eth_type, 0x0806}}),
                       tcp = with({{FieldId::eth_type, 0x0800}, {FieldId::nw_proto, 6}}),
                       vlan = with({{FieldId::vlan_vid, 0x1003}});

enum class Verdict { consistent, only_in_10, inconsistent, bad_out_port, bad_table };

Verdict verdict(const flow::Match& match, std::string_view text, uint8_t table = 0) {
    auto actions = parse_actions(text);
    EXPECT_TRUE(actions) << text << actions.error().message;
    const auto ok = check(*actions, {match, table, 254});
    if (ok) return *ok ? Verdict::consistent : Verdict::only_in_10;
    if (ok.error() == OfError::bac_bad_out_port) return Verdict::bad_out_port;
    if (ok.error() == OfError::bic_bad_table_id) return Verdict::bad_table;
    EXPECT_EQ(ok.error(), OfError::bac_match_inconsistent) << text;
    return Verdict::inconsistent;
}

// Each row was asked of the oracle: ovs-ofctl add-flow in OpenFlow 1.0 and 1.3.
TEST(ActionCheck, actions_must_fit_the_packets_that_match) {
    EXPECT_EQ(verdict(any, "set_field:4099->vlan_vid"), Verdict::inconsistent);
    EXPECT_EQ(verdict(any, "write_actions(set_field:4099->vlan_vid),goto_table:4"), Verdict::inconsistent);
    EXPECT_EQ(verdict(any, "push_vlan:0x8100,set_field:4099->vlan_vid"), Verdict::consistent);
    EXPECT_EQ(verdict(any, "clone(push_vlan:0x8100),set_field:4099->vlan_vid"), Verdict::inconsistent);
    EXPECT_EQ(verdict(vlan, "strip_vlan,set_field:4099->vlan_vid"), Verdict::inconsistent);
    EXPECT_EQ(verdict(vlan, "push_vlan:0x8100,strip_vlan,set_field:4099->vlan_vid"), Verdict::consistent)
        << "the tag below is still there";
    EXPECT_EQ(verdict(any, "push_vlan:0x8100,strip_vlan,set_field:4099->vlan_vid"), Verdict::inconsistent);
    EXPECT_EQ(verdict(ip, "push_mpls:0x8847,move:nw_src->reg0"), Verdict::inconsistent);
    EXPECT_EQ(verdict(any, "move:nw_src->reg0"), Verdict::inconsistent);
    EXPECT_EQ(verdict(any, "push:nw_src"), Verdict::inconsistent);
    EXPECT_EQ(verdict(any, "output:nw_src[0..15]"), Verdict::inconsistent);
    EXPECT_EQ(verdict(arp, "set_field:1.2.3.4->arp_spa"), Verdict::consistent);
    EXPECT_EQ(verdict(any, "resubmit(,4,ct)"), Verdict::inconsistent);
    EXPECT_EQ(verdict(any, "multipath(eth_src,0,modulo_n,16,0,nw_src)"), Verdict::inconsistent);
    EXPECT_EQ(verdict(ip, "multipath(eth_src,0,modulo_n,16,0,nw_src)"), Verdict::consistent);
    EXPECT_EQ(verdict(any, "bundle_load(eth_src,0,hrw,ofport,nw_src,members:4)"), Verdict::inconsistent);
    EXPECT_EQ(verdict(any, "bundle(eth_src,0,hrw,ofport,members:normal,0)"), Verdict::consistent);
    EXPECT_EQ(verdict(any, "bundle(eth_src,0,hrw,ofport,members:controller)"), Verdict::bad_out_port);
    EXPECT_EQ(verdict(any, "check_pkt_larger(1)->ip_src[0]"), Verdict::consistent) << "as in Open vSwitch";
}

// What comes before the colon is Debian's, where its ovs-ofctl says it.
TEST(ActionCheck, what_an_action_lacks_is_told) {
    constexpr std::string_view rest = " lacks correct prerequisites: the match must have ";
    struct Row {
        const flow::Match& match;
        std::string_view actions, who, needs;
    };
    const Row rows[] = {
        {any, "set_field:1.2.3.4->ip_dst", "set_field ip_dst", "ip"},
        {any, "output:1,load:1->NXM_OF_IP_DST[]", "set_field ip_dst", "ip"},
        {ip, "write_actions(set_field:5->tcp_dst)", "set_field tcp_dst", "tcp or tcp6"},
        {any, "move:ip_dst->reg0", "source field ip_dst", "ip"},
        {any, "clone(move:reg0->ip_dst)", "destination field ip_dst", "ip"},
        {any, "pop:ip_src", "destination field ip_src", "ip"},
        {any, "learn(table=1,eth_type=0x806,load:reg0->ip_dst)", "destination field ip_dst", "ip"},
        {arp, "ct(commit)", "ct", "ip or ipv6"},
        {ip, "ct(commit,nat(src=::1))", "nat", "ipv6"},
        {any, "resubmit(,4,ct)", "resubmit", "ct_state=+trk with another flag, and ip or ipv6"},
        {any, "dec_ttl", "dec_ttl", "ip or ipv6"},
        {any, "dec_ttl,set_field:5->tcp_dst", "set_field tcp_dst", "tcp or tcp6"},
        {any, "dec_mpls_ttl,write_actions(dec_ttl)", "dec_mpls_ttl", "mpls"},
        {ip, "mod_tp_dst:5", "mod_tp_dst", "tcp, udp or sctp"},
    };
    for (const Row& r : rows) {
        auto actions = parse_actions(r.actions);
        ASSERT_TRUE(actions) << r.actions;
        std::string lack;
        const auto ok = check(*actions, {.match = r.match, .lack = &lack});
        EXPECT_FALSE(ok && *ok);
        EXPECT_EQ(lack, std::string(r.who) + std::string(rest) + std::string(r.needs)) << r.actions;
    }
    std::string lack;
    auto fine = parse_actions("dec_ttl,1");
    EXPECT_TRUE(check(*fine, {.match = ip, .lack = &lack}));
    EXPECT_EQ(lack, "");
}

TEST(ActionCheck, openflow_10_lets_actions_do_nothing) {
    EXPECT_EQ(verdict(any, "mod_nw_tos:12"), Verdict::only_in_10);
    EXPECT_EQ(verdict(ip, "mod_nw_tos:12"), Verdict::consistent);
    EXPECT_EQ(verdict(any, "strip_vlan"), Verdict::only_in_10);
    EXPECT_EQ(verdict(vlan, "strip_vlan"), Verdict::consistent);
    EXPECT_EQ(verdict(vlan, "strip_vlan,strip_vlan"), Verdict::only_in_10);
    EXPECT_EQ(verdict(any, "mod_vlan_vid:5"), Verdict::consistent);
    EXPECT_EQ(verdict(any, "set_vlan_vid:5"), Verdict::only_in_10);
    EXPECT_EQ(verdict(ip, "mod_tp_src:5"), Verdict::only_in_10);
    EXPECT_EQ(verdict(tcp, "mod_tp_src:5"), Verdict::consistent);
    EXPECT_EQ(verdict(any, "dec_ttl"), Verdict::only_in_10);
    EXPECT_EQ(verdict(ip, "push_mpls:0x8847,dec_ttl"), Verdict::only_in_10);
    EXPECT_EQ(verdict(ip, "push_mpls:0x8847,pop_mpls:0x0800,dec_ttl"), Verdict::consistent);
    EXPECT_EQ(verdict(any, "dec_mpls_ttl"), Verdict::only_in_10);
    EXPECT_EQ(verdict(mpls, "dec_mpls_ttl"), Verdict::consistent);
    EXPECT_EQ(verdict(any, "dec_nsh_ttl"), Verdict::only_in_10);
    EXPECT_EQ(verdict(nsh, "dec_nsh_ttl"), Verdict::consistent);
    EXPECT_EQ(verdict(any, "encap(nsh),dec_nsh_ttl,set_field:1->nsh_spi,encap(ethernet)"),
              Verdict::consistent);
}

TEST(ActionCheck, connections_are_those_of_ip_and_of_the_helpers_protocol) {
    EXPECT_EQ(verdict(any, "ct()"), Verdict::inconsistent);
    EXPECT_EQ(verdict(arp, "ct(commit)"), Verdict::inconsistent);
    EXPECT_EQ(verdict(ip, "ct(table=1),ct_clear"), Verdict::consistent);
    EXPECT_EQ(verdict(any, "ct_clear"), Verdict::consistent);
    EXPECT_EQ(verdict(any, "clone(ct(commit))"), Verdict::inconsistent);
    EXPECT_EQ(verdict(ip, "ct(commit,alg=ftp)"), Verdict::inconsistent);
    EXPECT_EQ(verdict(tcp, "ct(commit,alg=ftp)"), Verdict::consistent);
    EXPECT_EQ(verdict(tcp, "ct(commit,alg=tftp)"), Verdict::inconsistent);
    EXPECT_EQ(verdict(ip, "ct(commit,nat(src=1.2.3.4))"), Verdict::consistent);
    EXPECT_EQ(verdict(ip, "ct(commit,nat(src=fe80::1))"), Verdict::inconsistent);
    EXPECT_EQ(verdict(ip, "ct(commit,zone=nsh_c1[0..15])"), Verdict::inconsistent);
    EXPECT_EQ(verdict(ip, "ct(commit,exec(move:NXM_OF_IP_SRC[]->NXM_NX_CT_MARK[]))"), Verdict::consistent);
    EXPECT_EQ(verdict(ip, "ct(commit,exec(move:NXM_OF_TCP_SRC[]->NXM_NX_CT_MARK[0..15]))"),
              Verdict::inconsistent);
}

TEST(ActionCheck, a_learned_flow_must_make_sense_too) {
    EXPECT_EQ(verdict(any, "learn(eth_type=0x800,nw_dst=1.2.3.4)"), Verdict::consistent);
    EXPECT_EQ(verdict(any, "learn(nw_dst=1.2.3.4)"), Verdict::inconsistent);
    EXPECT_EQ(verdict(ip, "learn(eth_type=0x800,nw_dst=nw_src)"), Verdict::consistent);
    EXPECT_EQ(verdict(any, "learn(eth_type=0x800,nw_dst=nw_src)"), Verdict::inconsistent);
    EXPECT_EQ(verdict(ip, "learn(nw_dst=nw_src)"), Verdict::inconsistent);
    EXPECT_EQ(verdict(ip, "learn(eth_type=0x800,load:nw_src->nw_dst)"), Verdict::consistent);
    EXPECT_EQ(verdict(ip, "learn(load:nw_src->nw_dst)"), Verdict::inconsistent);
}

TEST(ActionCheck, tables_are_left_forwards_and_packets_go_to_real_ports) {
    EXPECT_EQ(verdict(any, "goto_table:3", 3), Verdict::bad_table);
    EXPECT_EQ(verdict(any, "goto_table:4", 3), Verdict::consistent);
    EXPECT_EQ(verdict(any, "goto_table:254", 3), Verdict::bad_table);
    EXPECT_EQ(verdict(any, "none"), Verdict::bad_out_port);
    EXPECT_EQ(verdict(any, "unset"), Verdict::bad_out_port);
    EXPECT_EQ(verdict(any, "enqueue:normal:1"), Verdict::bad_out_port);
    EXPECT_EQ(verdict(any, "enqueue:local:1"), Verdict::consistent);
}

TEST(ActionCheck, what_encoding_must_know_of_the_flow_is_filled_in) {
    auto actions = *parse_actions("mod_vlan_vid:5,mod_tp_src:7");
    auto match = vlan;
    match.with(FieldId::eth_type, flow::FieldValue::from_u64(0x86dd))
        .with(FieldId::nw_proto, flow::FieldValue::from_u64(17));
    ASSERT_TRUE(check(actions, {match}));
    EXPECT_TRUE(std::get<SetVlanVid>(actions[0].v).flow_has_vlan);
    EXPECT_EQ(std::get<SetTpPort>(actions[1].v).ip_proto, 17);
}

}  // namespace
}  // namespace weft::action
