// SPDX-License-Identifier: Apache-2.0
#include "openflow/print/print.h"

#include "openflow/print/field_names.h"
#include "openflow/print/text.h"
#include "openflow/testing.h"

namespace weft::openflow {
namespace {

struct Printed {
    std::string_view hex, text;
};

// Asked of the oracle: ovs-ofctl ofp-print.
TEST(Print, messages_read_as_the_oracle_prints_them) {
    const Printed cases[] = {
        {"0400001000000001 0001000800000012", "OFPT_HELLO (OF1.3) (xid=0x1):\n version bitmap: 0x01, 0x04\n"},
        {"0401001400000001 00010006 0428000800000001",
         "OFPT_ERROR (OF1.3) (xid=0x1): OFPBRC_BAD_LEN\n***decode error: OFPBRC_BAD_TYPE***\n"
         "00000000  04 28 00 08 00 00 00 01-                        |.(......        |\n"},
        {"0109000c0000000100030080", "OFPT_SET_CONFIG (xid=0x1): frags=nx-match miss_send_len=128\n"},
        {"0104001400000001000023200000000a00000001", "NXT_ROLE_REQUEST (xid=0x1): role=primary\n"},
        {"0521001000000001 0000000500040001",
         "OFPT_BUNDLE_CONTROL (OF1.4) (xid=0x1):\n bundle_id=0x5 type=COMMIT_REQUEST flags=atomic\n"},
        {"0412001800000001 0004000000000000 ffffffff00000000",
         "OFPST_PORT request (OF1.3) (xid=0x1): port_no=ANY\n"},
        {"0104001400000001000023200000001500000007", "NXT_FLOW_MONITOR_CANCEL (xid=0x1): id=7\n"},
        {"0404001800000001000023200000001d0000000000000005",
         "NXT_CT_FLUSH_ZONE (OF1.3) (xid=0x1): zone_id=5\n"},
        {"04040028000000010000232000000020060000000000000000000010000000000002000600500000",
         "NXT_CT_FLUSH (OF1.3) (xid=0x1): zone=0 "
         "'ct_ipv6_src=::,ct_ipv6_dst=::,ct_tp_src=80,ct_tp_dst=0,ct_nw_proto=6' "
         "'ct_ipv6_src=::,ct_ipv6_dst=::,ct_tp_src=0,ct_tp_dst=0'\n"},
        {"04040028000000010000232000000018000000000000000001040804000300000000007c003f0000",
         "NXT_TLV_TABLE_MOD (OF1.3) (xid=0x1):\n ADD mapping table:\n  class  type  length  match field\n "
         "------  ----  ------  --------------\n  0x104   0x8       4  tun_metadata3\n      0     0     124  "
         "tun_metadata63\n"},
        {"0404002000000001000023200000001a0000012c004000000000000000000000",
         "NXT_TLV_TABLE_REPLY (OF1.3) (xid=0x1):\n max option space=300 max fields=64\n allocated option "
         "space=0\n\n mapping table:\n  class  type  length  match field\n ------  ----  ------  "
         "--------------\n"},
        {"051f0028000000010400000000000000001803000000000c00020008000000070003000814500f00",
         "OFPT_TABLE_STATUS (OF1.4) (xid=0x1): reason=VACANCY_UP\ntable_desc:-\n  table 3:\n   eviction=on "
         "eviction_flags=OTHER|IMPORTANCE|LIFETIME\n   vacancy=on vacancy_down=20% vacancy_up=80% "
         "vacancy=15%\n"},
        {"0520001800000001050f0010000000010000010000000007",
         "OFPT_REQUESTFORWARD (OF1.4) (xid=0x1): reason=group_mod\n ADD group_id=7,type=select\n"},
        {"051300180000000100100000000000000008000500000000",
         "OFPST_FLOW_MONITOR reply (OF1.4) (xid=0x1):\n event=PAUSED\n"},
        {"0512002800000001001000000000000000000003ffffffffffffffff0006ff000001000400000000",
         "OFPST_FLOW_MONITOR request (OF1.4) (xid=0x1):\n id=3 flags=add,delete\n"},
        {"0412001800000001ffff0000000000000000232000000004", "NXST_IPFIX_FLOW request (OF1.3) (xid=0x1):\n"},
        {"0101001400000001000000000105000800000001",
         "OFPT_ERROR (xid=0x1): OFPHFC_INCOMPATIBLE\n\\001\\005\\000\\010\\000\\000\\000\\001\n"},
    };
    for (const Printed& c : cases) EXPECT_EQ(print_message(bytes_of(c.hex)), c.text) << c.hex;
}

TEST(Print, what_is_no_message_is_told_with_its_bytes) {
    EXPECT_EQ(print_message(bytes_of("0100")),
              "OpenFlow packet too short (only 2 bytes):\n"
              "00000000  01 00                                           |..              |\n");
    EXPECT_EQ(print_message(bytes_of("0100000800000001ff")).substr(0, 40),
              "(***only uses 8 bytes out of 9***)\n00000");
    EXPECT_EQ(message_name(bytes_of("0128000800000001")), "");
    EXPECT_EQ(message_name(bytes_of("0413001000000001000b000000000000")), "OFPST_METER_FEATURES reply");
}

TEST(Print, packets_are_shown_as_far_as_is_asked_for) {
    const Bytes frame = bytes_of("02000000000202000000000112340000");
    PacketIn in{.packet = frame, .total_len = 16, .metadata = match("in_port=1")};
    const Bytes message = encode({.xid = 1, .body = in}, {.version = v10});
    const std::string head =
        "OFPT_PACKET_IN (xid=0x1): total_len=16 in_port=1 (via no_match) data_len=16 (unbuffered)\n";
    const std::string line =
        "vlan_tci=0x0000,dl_src=02:00:00:00:00:01,dl_dst=02:00:00:00:00:02,dl_type=0x1234\n";
    EXPECT_EQ(print_message(message), head);
    EXPECT_EQ(print_message(message, {.verbosity = 1}), head + line);
    EXPECT_EQ(print_message(message, {.verbosity = 3}),
              head + line + "00000000  02 00 00 00 00 02 02 00-00 00 00 01 12 34 00 00\n");
}

TEST(Print, names_of_fields_are_folded) {
    EXPECT_EQ(folded_names(
                  {"in_port", "in_port_oxm", "reg0", "reg1", "reg2", "eth_src", "eth_dst", "tcp_src"}, " "),
              "in_{port,port_oxm} reg0...reg2 eth_{src,dst} tcp_src");
    EXPECT_EQ(folded_names({"tun_id", "tun_ipv6_src", "tun_ipv6_dst"}, " "), "tun_{id,ipv6_{src,dst}}");
}

TEST(Print, bits_without_a_name_are_told_in_hex) {
    constexpr BitName names[] = {{1, "one"}, {4, "four"}};
    EXPECT_EQ(bit_names(5, names), "one four");
    EXPECT_EQ(bit_names(0x15, names), "one four 0x10");
    EXPECT_EQ(bit_names(0, names), "0");
}

}  // namespace
}  // namespace weft::openflow
