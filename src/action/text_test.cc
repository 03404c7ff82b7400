// SPDX-License-Identifier: Apache-2.0
#include "action/text.h"

#include <gtest/gtest.h>

namespace weft::action {
namespace {

struct Case {
    std::string_view text, result;
};

TEST(ActionText, errors_say_what_ovs_ofctl_says) {
    const Case cases[] = {
        {"foo", "unknown action foo"},
        {"output", ": output to unknown port"},
        {"output:foo", "foo: output to unknown port"},
        {"load:5", "5: missing `->'"},
        {"load:x->reg0", "x->reg0: cannot parse integer value"},
        {"load:5->foo", "foo: unknown field `foo'"},
        {"load:5->reg0[0..1]", "5->reg0[0..1]: value 0x5 does not fit into 2 bits"},
        {"set_field:5", "5: missing `->'"},
        {"set_field:x->reg0", "x: bad syntax for reg0 value"},
        {"set_field:5->", "5->: missing field name following `->'"},
        {"set_field:5->foo", "foo is not a valid OXM field name"},
        {"set_field:5->eth_type", "eth_type is read-only"},
        {"move:reg0", "reg0: missing `->' following source"},
        {"move:reg0->reg1[0..1]",
         "reg0->reg1[0..1]: source field is 32 bits wide but destination is 2 bits wide"},
        {"resubmit:foo", "foo: resubmit to unknown port"},
        {"resubmit(,256)", "256: resubmit to unknown table"},
        {"resubmit()", "at least one \"in_port\" or \"table\" must be specified on resubmit"},
        {"resubmit(1,2,3)", "3: unknown parameter"},
        {"mod_vlan_vid:5000", "5000: not a valid VLAN VID"},
        {"mod_vlan_vid:", "invalid VLAN VID \"\""},
        {"mod_dl_src:foo", "invalid mac address foo"},
        {"mod_nw_src:1.2.3", "1.2.3: could not convert to IP address"},
        {"mod_nw_tos:3", "3: not a valid TOS"},
        {"mod_nw_tos:300", "invalid TOS \"300\""},
        {"push_vlan:0x800", "0x800: not a valid VLAN ethertype"},
        {"note:0", "bad hex digit in `note' argument"},
        {"learn(foo)", "foo: unknown keyword foo"},
        {"learn(table=255)", "table=255: table id 255 not valid for `learn' action"},
        {"learn(result_dst=reg0[3..4])", "result_dst in 'learn' action must be a single bit"},
        {"goto_table:foo", "unknown table \"foo\""},
        {"goto_table:3,1",
         "invalid instruction ordering: apply_actions must appear before goto_table, for OpenFlow 1.1+ "
         "compatibility"},
        {"conjunction(1,0/2)", "clause index must be positive"},
        {"conjunction(1,3/2)", "clause index must be less than or equal to number of clauses"},
        {"conjunction(1,1/1)", "conjunction must have at least 2 clauses"},
        {"conjunction(1,1/65)", "conjunction must have at most 64 clauses"},
        {"conjunction", "\"conjunction\" syntax is \"conjunction(id,i/n)\""},
        {"conjunction(1,1/2x)", "\"conjunction\" syntax is \"conjunction(id,i/n)\""},
        {"1,drop", "\"drop\" must not be accompanied by any other action or instruction"},
        {"write_metadata:x", "invalid numeric format x"},
        {"set_queue:", "missing required numeric argument"},
        {"controller(foo=1)", "unknown key \"foo\" parsing controller action"},
        {"controller(reason=foo)", "unknown reason \"foo\""},
        {"enqueue:1", "\"enqueue\" syntax is \"enqueue:PORT:QUEUE\" or \"enqueue(PORT,QUEUE)\""},
        {"output(max_len=5,port=1)", "max_len 5 is less than the minimum value 14"},
        {"apply_actions(1)", "apply_actions is the default instruction"},
        {"set_mpls_label:99999999", "99999999: not a valid MPLS label"},
    };
    for (const Case& c : cases) {
        const auto actions = parse_actions(c.text);
        ASSERT_FALSE(actions) << c.text;
        EXPECT_EQ(actions.error().message, c.result) << c.text;
    }
}

TEST(ActionText, errors_in_choices_and_samples_say_what_ovs_ofctl_says) {
    const Case cases[] = {
        {"multipath()", ": not enough arguments to multipath action"},
        {"multipath(eth_src,0,modulo_n,16,0)",
         "eth_src,0,modulo_n,16,0: not enough arguments to multipath action"},
        {"multipath(xyz,0,modulo_n,16,0,reg0)", "xyz,0,modulo_n,16,0,reg0: unknown fields `xyz'"},
        {"multipath(eth_src,0,xyz,16,0,reg0)", "eth_src,0,xyz,16,0,reg0: unknown algorithm `xyz'"},
        {"multipath(eth_src,0,modulo_n,0,0,reg0)",
         "eth_src,0,modulo_n,0,0,reg0: n_links 0 is not in valid range 1 to 65536"},
        {"multipath(eth_src,0,modulo_n,17,0,reg0[0..3])",
         "eth_src,0,modulo_n,17,0,reg0[0..3]: 4-bit destination field has 16 possible values, less than "
         "specified n_links 17"},
        {"multipath(eth_src,0,modulo_n,16,0,nosuch)", "nosuch: unknown field `nosuch'"},
        {"bundle()", ": not enough arguments to bundle action"},
        {"bundle(eth_src,0,hrw,ofport)", "eth_src,0,hrw,ofport: not enough arguments to bundle action"},
        {"bundle(eth_src,0,modulo_n,ofport,members:1)",
         "eth_src,0,modulo_n,ofport,members:1: unknown algorithm `modulo_n'"},
        {"bundle(eth_src,0,hrw,xyz,members:1)", "eth_src,0,hrw,xyz,members:1: unknown member_type `xyz'"},
        {"bundle(eth_src,0,hrw,ofport,members:1,nosuch)", "nosuch: bad port number"},
        {"bundle(eth_src,0,hrw,ofport,foo:1)",
         "eth_src,0,hrw,ofport,foo:1: missing member delimiter, expected `members', got `foo'"},
        {"bundle_load(eth_src,0,hrw,ofport,members:4,8)",
         "eth_src,0,hrw,ofport,members:4,8: missing member delimiter, expected `members', got `8'"},
        {"sample()", "non-zero \"probability\" must be specified on sample"},
        {"sample(probability=0)", "invalid probability value \"0\""},
        {"sample(probability=70000)", "invalid probability \"70000\""},
        {"sample(probability=1,foo=1)", "invalid key \"foo\" in \"sample\" argument"},
        {"sample(probability=1,sampling_port=nosuch)", "nosuch: unknown port"},
        {"check_pkt_larger", ": missing `->'"},
        {"check_pkt_larger(1500)", "1500: missing `->'"},
        {"check_pkt_larger(1500)->reg0[0..3]", "Only 1-bit destination field is allowed"},
        {"check_pkt_larger(1500)->nosuch[0]", "nosuch[0]: unknown field `nosuch'"},
        {"delete_field", "unknown field `'"},
        {"delete_field:tun_metadata64", "unknown field `tun_metadata64'"},
    };
    for (const Case& c : cases) {
        const auto actions = parse_actions(c.text);
        ASSERT_FALSE(actions) << c.text;
        EXPECT_EQ(actions.error().message, c.result) << c.text;
    }
}

TEST(ActionText, errors_in_connections_and_headers_say_what_ovs_ofctl_says) {
    const Case cases[] = {
        {"ct(force)", "\"force\" flag requires \"commit\" flag."},
        {"ct(commit,alg=sip)", "invalid conntrack helper \"sip\""},
        {"ct(table=255)", "invalid table 0xff"},
        {"ct(table=foo)", "unknown table foo"},
        {"ct(zone=70000)", "70000: unknown field `70000'"},
        {"ct(commit,foo)", "invalid argument to \"ct\" action: `foo'"},
        {"ct(commit,exec(output:1))", "ct action doesn't support nested action output"},
        {"ct(commit,exec(set_field:1->reg0))", "ct action doesn't support nested modification of reg0"},
        {"ct(commit,exec(ct_clear))", "ct action doesn't support nested action ct_clear"},
        {"encap", "Missing encap hdr: "},
        {"encap(foo)", "Encap hdr not supported: "},
        {"encap(nsh(foo))", "Invalid property: foo"},
        {"encap(nsh(md_type=3))", "invalid md_type"},
        {"encap(nsh(tlv(abc)))", "Invalid NSH TLV header: abc"},
        {"encap(nsh(md_type=2,tlv(0x1000,10,12345678)))", "Invalid NSH TLV header: 0x1000,10,12345678"},
        {"decap(foo)", "Invalid decap argument: foo"},
        {"decap(packet_type(ns=9,type=0x800))", "Unsupported ns value: 9"},
        {"decap(packet_type(ns=1))", "Missing packet_type attribute type"},
        {"decap(packet_type(type=0x800))", "Missing packet_type attribute ns"},
        {"decap(packet_type(ns=1,type=abc))", "invalid type \"abc\""},
        {"nat(src=1.2.3.4)", "Cannot have NAT action outside of \"ct\" action"},
        {"clone(set_field:1->ct_mark)", "cannot set CT fields outside of ct action"},
        {"ct(nat(src,dst))", "May only specify one of \"src\" or \"dst\"."},
        {"ct(nat(random))", "Flags allowed only with \"src\" or \"dst\"."},
        {"ct(nat(dst=10.0.0.1,hash,random))", "Both \"hash\" and \"random\" are not allowed."},
        {"ct(nat(src=10.0.0.1:2000-1000))", "invalid nat range \"10.0.0.1:2000-1000\""},
        {"ct(nat(src=10.0.0.9-10.0.0.1))", "invalid nat range \"10.0.0.9-10.0.0.1\""},
        {"ct(nat(src=1.2.3.4-fe80::1))", "invalid nat range \"1.2.3.4-fe80::1\""},
        {"ct(nat(src=1.2.3.4:))", "invalid nat range \"1.2.3.4:\""},
        {"ct(nat(src=1.2.3.4-))", "invalid nat range \"1.2.3.4-\""},
        {"ct(nat(src=1.2.3.4x))", "garbage (x) after nat range \"1.2.3.4x\" (pos: 7)"},
        {"ct(nat(src=1.2.3.4:5x))", "garbage (x) after nat range \"1.2.3.4:5x\" (pos: 9)"},
        {"ct(nat(foo=1))", "invalid key \"foo\" in \"nat\" argument"},
    };
    for (const Case& c : cases) {
        const auto actions = parse_actions(c.text);
        ASSERT_FALSE(actions) << c.text;
        EXPECT_EQ(actions.error().message, c.result) << c.text;
    }
}

TEST(ActionText, many_spellings_mean_the_same) {
    const Case cases[] = {
        {"", "drop"},
        {"drop", "drop"},
        {"1 2", "output:1,output:2"},
        {"1,,2", "output:1,output:2"},
        {"output:local, IN_PORT", "LOCAL,IN_PORT"},
        {"controller()", "CONTROLLER:65535"},
        {"controller:", "CONTROLLER:65535"},
        {"enqueue(1,2)", "enqueue:1:2"},
        {"resubmit(in_port,3)", "resubmit(,3)"},
        {"resubmit(4)", "resubmit:4"},
        {"note:0102", "note:01.02.00.00.00.00"},
        {"clone()", "clone(drop)"},
        {"dec_ttl:3", "dec_ttl(3)"},
        {"exit:3", "exit"},
        {"set_field:5/0->reg0", "drop"},
        {"learn()", "learn(table=1)"},
        {"learn(table=1,reg0[]=5)", "learn(table=1,reg0=0x5)"},
        {"learn(table=1,vlan_tci[0..11]=0x5)", "learn(table=1,NXM_OF_VLAN_TCI[0..11]=0x5)"},
        {"set_tunnel:0x1234567890", "set_tunnel64:0x1234567890"},
        {"set_tunnel:0", "set_tunnel:0"},
        {"conjunction( 010 ,01/010)", "conjunction(8,1/10)"},
        {"conjunction(0x10,1 / 2)", "conjunction(16,1/2)"},
        {"conjunction(-1,1/258)", "conjunction(4294967295,1/2)"},
        {"conjunction(1,1/2),note:00,conjunction(2,2/2)",
         "conjunction(1,1/2),note:00.00.00.00.00.00,conjunction(2,2/2)"},
        {"clone(conjunction(1,1/2)),1", "clone(conjunction(1,1/2)),output:1"},
        {"multipath(eth_src, abc, modulo_n, 16, 0, reg0[0..3],x)",
         "multipath(eth_src,0,modulo_n,16,0,NXM_NX_REG0[0..3])"},
        {"bundle(eth_src,0,hrw,ofport,members)", "bundle(eth_src,0,hrw,ofport,members:)"},
        {"sample(probability=1,obs_point_id=99999999999)",
         "sample(probability=1,collector_set_id=0,obs_domain_id=0,obs_point_id=1215752191)"},
        {"check_pkt_larger(0x5)->reg0[3],output:2", "check_pkt_larger(5)->NXM_NX_REG0[3],output:2"},
        {"delete_field(NXM_NX_TUN_METADATA1)", "delete_field:tun_metadata1"},
        {"ct", "ct()"},
        {"ct(zone=3,zone=0x10,exec(drop),commit=1)", "ct(commit,zone=16)"},
        {"ct(nat(),table=1)", "ct(table=1,nat)"},
        {"ct(commit,nat(src=0.0.0.0))", "ct(commit,nat(src))"},
        {"ct(commit,nat(src=1.2.3.4:70000))", "ct(commit,nat(src=1.2.3.4:4464))"},
        {"ct(commit,exec(nat(dst=1.2.3.4)))", "ct(commit,nat(dst=1.2.3.4))"},
        {"ct_clear()", "ct_clear"},
    };
    for (const Case& c : cases) {
        const auto actions = parse_actions(c.text);
        ASSERT_TRUE(actions) << c.text << ": " << actions.error().message;
        EXPECT_EQ(to_text(*actions), c.result) << c.text;
    }
}

TEST(ActionText, a_conjunction_stands_with_its_like_and_notes_only) {
    const Case cases[] = {
        {"controller", "output"},
        {"output:reg0", "output_reg"},
        {"output(port=1,max_len=100)", "output_trunc"},
        {"load:1->reg0[]", "set_field"},
        {"set_field:1->reg0", "set_field"},
        {"mod_nw_src:1.1.1.1", "mod_nw_src"},
        {"mod_vlan_vid:3", "set_vlan_vid"},
        {"strip_vlan", "strip_vlan"},
        {"goto_table:1", "goto_table"},
        {"clone(1)", "clone"},
        {"controller(id=3)", "controller"},
        {"push:reg0[]", "push"},
        {"multipath(eth_src,0,modulo_n,16,0,reg0)", "multipath"},
        {"bundle_load(eth_src,0,hrw,ofport,reg0,members:4,8)", "bundle"},
        {"check_pkt_larger(1500)->reg0[0]", "check_pkt_larger"},
        {"ct_clear", "ct_clear"},
    };
    for (const Case& c : cases) {
        const auto actions = parse_actions("conjunction(1,1/2)," + std::string(c.text));
        ASSERT_FALSE(actions) << c.text;
        EXPECT_EQ(actions.error().message,
                  "\"conjunction\" actions may be used along with \"note\" but not any other kind of action "
                  "(such as the \"" +
                      std::string(c.result) + "\" action used here)");
    }
}

TEST(ActionText, ports_may_have_names) {
    flow::PortNames ports;
    ports.add(OfPort{1}, "p1");
    ports.add(OfPort{3}, "a-b");
    ports.add(OfPort{4}, "load");
    const Names names{&ports};
    const auto actions = parse_actions(R"(p1,"a-b",output:load,resubmit(p1,4),enqueue(p1,3))", names);
    ASSERT_TRUE(actions) << actions.error().message;
    EXPECT_EQ(to_text(*actions, names), R"(output:p1,output:"a-b",output:load,resubmit(p1,4),enqueue:p1:3)");
    EXPECT_EQ(to_text(*actions), "output:1,output:3,output:4,resubmit(1,4),enqueue:1:3");
}

}  // namespace
}  // namespace weft::action
