// SPDX-License-Identifier: Apache-2.0
// Packets cut short, malformed and unusual: what ovs-ofctl 3.1 (parse-pcap) extracts from each
// (which prints IP fields for NSH too; left out here).
#include <gtest/gtest.h>

#include "flow/extract.h"
#include "flow/match_text.h"

namespace weft::flow {
namespace {

struct Case {
    const char *name, *frame,
        *key;  ///< the frame without its addresses, the key without what is always the same
};
// clang-format off
constexpr Case cases[] = {
    {"short eth", "08", "dl_src=00:00:00:00:00:00,dl_dst=00:00:00:00:00:00,dl_type=0x0000"},
    {"eth only 14", "0800", "ip,nw_src=0.0.0.0,nw_dst=0.0.0.0,nw_proto=0,nw_tos=0,nw_ecn=0,nw_ttl=0,nw_frag=no"},
    {"ip hdr 19", "080045000014000000004011000001020304050607", "ip,nw_src=0.0.0.0,nw_dst=0.0.0.0,nw_proto=0,nw_tos=0,nw_ecn=0,nw_ttl=0,nw_frag=no"},
    {"udp trailing", "08004500001c000000004011000001020304050607080050005100080000787878787878787878787878787878787878", "udp,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,tp_src=80,tp_dst=81"},
    {"tot too large", "080045000028000000004011000001020304050607080050005100080000", "ip,nw_src=0.0.0.0,nw_dst=0.0.0.0,nw_proto=0,nw_tos=0,nw_ecn=0,nw_ttl=0,nw_frag=no"},
    {"tot<ihl", "080045000010000000004011000001020304050607080050005100080000", "ip,nw_src=0.0.0.0,nw_dst=0.0.0.0,nw_proto=0,nw_tos=0,nw_ecn=0,nw_ttl=0,nw_frag=no"},
    {"ihl4", "08004400001c000000004011000001020304050607080050005100080000", "ip,nw_src=0.0.0.0,nw_dst=0.0.0.0,nw_proto=0,nw_tos=0,nw_ecn=0,nw_ttl=0,nw_frag=no"},
    {"ihl6", "08004600002000000000401100000102030405060708010101010050005100080000", "udp,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,tp_src=80,tp_dst=81"},
    {"ver6 in 0800", "08006500001c000000004011000001020304050607080050005100080000", "udp,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,tp_src=80,tp_dst=81"},
    {"frag first", "08004500001c000020004011000001020304050607080050005100080000", "udp,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=first,tp_src=80,tp_dst=81"},
    {"frag later", "08004500001c000020014011000001020304050607080050005100080000", "udp,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=later"},
    {"frag last", "08004500001c000000014011000001020304050607080050005100080000", "udp,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=later"},
    {"frag DF", "08004500001c000040004011000001020304050607080050005100080000", "udp,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,tp_src=80,tp_dst=81"},
    {"frag rsv", "08004500001c000080004011000001020304050607080050005100080000", "udp,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,tp_src=80,tp_dst=81"},
    {"udp 7", "08004500001b0000000040110000010203040506070800500051000800", "udp,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,tp_src=0,tp_dst=0"},
    {"udp len 0", "08004500001c000000004011000001020304050607080050005100000000", "udp,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,tp_src=80,tp_dst=81"},
    {"udp len big", "08004500001c0000000040110000010203040506070800500051ffff0000", "udp,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,tp_src=80,tp_dst=81"},
    {"udp len 4", "08004500001c000000004011000001020304050607080050005100040000", "udp,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,tp_src=80,tp_dst=81"},
    {"tcp", "080045000028000000004006000001020304050607080050005100000000000000005fff000000000000", "tcp,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,tp_src=80,tp_dst=81,tcp_flags=fin|syn|rst|psh|ack|urg|ece|cwr|ns|[200]|[400]|[800]"},
    {"tcp off0", "080045000028000000004006000001020304050607080050005100000000000000000012000000000000", "tcp,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,tp_src=0,tp_dst=0,tcp_flags=0"},
    {"tcp off4", "080045000028000000004006000001020304050607080050005100000000000000004012000000000000", "tcp,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,tp_src=0,tp_dst=0,tcp_flags=0"},
    {"tcp off6", "080045000028000000004006000001020304050607080050005100000000000000006012000000000000", "tcp,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,tp_src=0,tp_dst=0,tcp_flags=0"},
    {"tcp off5", "080045000028000000004006000001020304050607080050005100000000000000005012000000000000", "tcp,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,tp_src=80,tp_dst=81,tcp_flags=syn|ack"},
    {"tcp19", "0800450000270000000040060000010203040506070800500051000000000000000050120000000000", "tcp,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,tp_src=0,tp_dst=0,tcp_flags=0"},
    {"sctp", "08004500002000000000408400000102030405060708005000510008000000000000", "sctp,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,tp_src=80,tp_dst=81"},
    {"sctp 11", "08004500001f000000004084000001020304050607080050005100080000000000", "sctp,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,tp_src=0,tp_dst=0"},
    {"icmp", "08004500001c000000004001000001020304050607080800000000000000", "icmp,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,icmp_type=8,icmp_code=0"},
    {"icmp7", "08004500001b0000000040010000010203040506070808000000000000", "icmp,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,icmp_type=0,icmp_code=0"},
    {"icmp4", "0800450000180000000040010000010203040506070808000000", "icmp,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,icmp_type=0,icmp_code=0"},
    {"igmp", "08004500001c0000000040020000010203040506070811000000e0000001", "ip,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_proto=2,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,tp_src=17,tp_dst=0"},
    {"igmp7", "08004500001b0000000040020000010203040506070811000000e00000", "ip,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_proto=2,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,tp_src=0,tp_dst=0"},
    {"arp", "0806000108000604000100000000000a0102030400000000000b05060708", "arp,arp_spa=1.2.3.4,arp_tpa=5.6.7.8,arp_op=1,arp_sha=00:00:00:00:00:0a,arp_tha=00:00:00:00:00:0b"},
    {"arp op 256", "0806000108000604010000000000000a0102030400000000000b05060708", "arp,arp_spa=1.2.3.4,arp_tpa=5.6.7.8,arp_op=0,arp_sha=00:00:00:00:00:0a,arp_tha=00:00:00:00:00:0b"},
    {"arp hw2", "0806000208000604000100000000000a0102030400000000000b05060708", "arp,arp_spa=0.0.0.0,arp_tpa=0.0.0.0,arp_op=0,arp_sha=00:00:00:00:00:00,arp_tha=00:00:00:00:00:00"},
    {"arp short", "0806000108000604000100000000000a0102030400000000000b050607", "arp,arp_spa=0.0.0.0,arp_tpa=0.0.0.0,arp_op=0,arp_sha=00:00:00:00:00:00,arp_tha=00:00:00:00:00:00"},
    {"rarp", "8035000108000604000300000000000a0102030400000000000b05060708", "rarp,arp_spa=1.2.3.4,arp_tpa=5.6.7.8,arp_op=3,arp_sha=00:00:00:00:00:0a,arp_tha=00:00:00:00:00:0b"},
    {"v6 udp", "86dd601123450008114020010db800000000000000000000000120010db80000000000000000000000020050005100080000", "udp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no,tp_src=80,tp_dst=81"},
    {"v6 pad", "86dd601123450008114020010db800000000000000000000000120010db80000000000000000000000020050005100080000787878787878787878", "udp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no,tp_src=80,tp_dst=81"},
    {"v6 plen big", "86dd601123450009114020010db800000000000000000000000120010db80000000000000000000000020050005100080000", "ipv6,ipv6_src=::,ipv6_dst=::,ipv6_label=0x00000,nw_proto=0,nw_tos=0,nw_ecn=0,nw_ttl=0,nw_frag=no"},
    {"v6 plen0", "86dd601123450000114020010db800000000000000000000000120010db80000000000000000000000020050005100080000", "udp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no,tp_src=0,tp_dst=0"},
    {"v6 ver4", "86dd401123450008114020010db800000000000000000000000120010db80000000000000000000000020050005100080000", "udp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no,tp_src=80,tp_dst=81"},
    {"v6 hbh", "86dd601123450010004020010db800000000000000000000000120010db800000000000000000000000211000000000000000050005100080000", "udp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no,tp_src=80,tp_dst=81"},
    {"v6 hbh dst", "86dd601123450018004020010db800000000000000000000000120010db80000000000000000000000023c0000000000000011000000000000000050005100080000", "udp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no,tp_src=80,tp_dst=81"},
    {"v6 hbh trunc", "86dd601123450007004020010db800000000000000000000000120010db800000000000000000000000211010000000000", "ipv6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x00000,nw_proto=0,nw_tos=0,nw_ecn=0,nw_ttl=0,nw_frag=no"},
    {"v6 hbh long", "86dd601123450010004020010db800000000000000000000000120010db800000000000000000000000211040000000000000050005100080000", "ipv6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x00000,nw_proto=0,nw_tos=0,nw_ecn=0,nw_ttl=0,nw_frag=no"},
    {"v6 rout", "86dd6011234500102b4020010db800000000000000000000000120010db800000000000000000000000211000000000000000050005100080000", "udp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no,tp_src=80,tp_dst=81"},
    {"v6 ah", "86dd601123450020334020010db800000000000000000000000120010db80000000000000000000000021104000000000000000000000000000000000000000000000050005100080000", "udp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no,tp_src=80,tp_dst=81"},
    {"v6 ah1", "86dd601123450014334020010db800000000000000000000000120010db80000000000000000000000021101000000000000000000000050005100080000", "udp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no,tp_src=80,tp_dst=81"},
    {"v6 frag first", "86dd6011234500102c4020010db800000000000000000000000120010db800000000000000000000000211000001000000000050005100080000", "udp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=first,tp_src=80,tp_dst=81"},
    {"v6 frag later", "86dd6011234500102c4020010db800000000000000000000000120010db800000000000000000000000211000009000000000050005100080000", "ipv6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_proto=44,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=later"},
    {"v6 frag atomic", "86dd6011234500102c4020010db800000000000000000000000120010db800000000000000000000000211000000000000000050005100080000", "udp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no,tp_src=80,tp_dst=81"},
    {"v6 frag rsv", "86dd6011234500102c4020010db800000000000000000000000120010db800000000000000000000000211000006000000000050005100080000", "udp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=first,tp_src=80,tp_dst=81"},
    {"v6 frag trunc", "86dd6011234500072c4020010db800000000000000000000000120010db800000000000000000000000211000001000000", "ipv6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x00000,nw_proto=0,nw_tos=0,nw_ecn=0,nw_ttl=0,nw_frag=no"},
    {"v6 nonext", "86dd6011234500023b4020010db800000000000000000000000120010db80000000000000000000000027878", "ipv6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_proto=59,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no"},
    {"v6 esp", "86dd601123450010324020010db800000000000000000000000120010db800000000000000000000000278787878787878787878787878787878", "ipv6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_proto=50,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no"},
    {"v6 mobility", "86dd601123450010874020010db800000000000000000000000120010db800000000000000000000000211000000000000000050005100080000", "ipv6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_proto=135,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no"},
    {"v6 hip", "86dd6011234500108b4020010db800000000000000000000000120010db800000000000000000000000211000000000000000050005100080000", "ipv6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_proto=139,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no"},
    {"v6 icmp", "86dd6011234500043a4020010db800000000000000000000000120010db800000000000000000000000280000000", "icmp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no,icmp_type=0,icmp_code=0"},
    {"v6 icmp3", "86dd6011234500033a4020010db800000000000000000000000120010db8000000000000000000000002800000", "icmp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no,icmp_type=0,icmp_code=0"},
    {"v6 icmp8", "86dd6011234500083a4020010db800000000000000000000000120010db80000000000000000000000028000000000000000", "icmp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no,icmp_type=128,icmp_code=0"},
    {"ns", "86dd6011234500183a4020010db800000000000000000000000120010db8000000000000000000000002870000001122334420010db8000000000000000000000009", "icmp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no,icmp_type=135,icmp_code=0,nd_target=2001:db8::9,nd_sll=00:00:00:00:00:00,nd_tll=00:00:00:00:00:00"},
    {"ns 23", "86dd6011234500173a4020010db800000000000000000000000120010db8000000000000000000000002870000001122334420010db80000000000000000000000", "icmp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no,icmp_type=135,icmp_code=0,nd_target=::,nd_sll=00:00:00:00:00:00,nd_tll=00:00:00:00:00:00"},
    {"ns sll", "86dd6011234500203a4020010db800000000000000000000000120010db8000000000000000000000002870000001122334420010db8000000000000000000000009010100000000000c", "icmp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no,icmp_type=135,icmp_code=0,nd_target=2001:db8::9,nd_sll=00:00:00:00:00:0c,nd_tll=00:00:00:00:00:00"},
    {"ns tll", "86dd6011234500203a4020010db800000000000000000000000120010db8000000000000000000000002870000001122334420010db8000000000000000000000009020100000000000c", "icmp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no,icmp_type=135,icmp_code=0,nd_target=2001:db8::9,nd_sll=00:00:00:00:00:00,nd_tll=00:00:00:00:00:0c"},
    {"ns both", "86dd6011234500283a4020010db800000000000000000000000120010db8000000000000000000000002870000001122334420010db8000000000000000000000009010100000000000c020100000000000d", "icmp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no,icmp_type=135,icmp_code=0,nd_target=2001:db8::9,nd_sll=00:00:00:00:00:0c,nd_tll=00:00:00:00:00:0d"},
    {"ns dup", "86dd6011234500283a4020010db800000000000000000000000120010db8000000000000000000000002870000001122334420010db8000000000000000000000009010100000000000c010100000000000d", "icmp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no,icmp_type=135,icmp_code=0,nd_target=::,nd_sll=00:00:00:00:00:00,nd_tll=00:00:00:00:00:00"},
    {"ns zero len", "86dd6011234500203a4020010db800000000000000000000000120010db8000000000000000000000002870000001122334420010db8000000000000000000000009010000000000000c", "icmp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no,icmp_type=135,icmp_code=0,nd_target=2001:db8::9,nd_sll=00:00:00:00:00:00,nd_tll=00:00:00:00:00:00"},
    {"ns len2", "86dd6011234500283a4020010db800000000000000000000000120010db8000000000000000000000002870000001122334420010db8000000000000000000000009010200000000000c0000000000000000", "icmp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no,icmp_type=135,icmp_code=0,nd_target=2001:db8::9,nd_sll=00:00:00:00:00:00,nd_tll=00:00:00:00:00:00"},
    {"ns unk", "86dd6011234500203a4020010db800000000000000000000000120010db8000000000000000000000002870000001122334420010db80000000000000000000000090e0100000000000c", "icmp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no,icmp_type=135,icmp_code=0,nd_target=2001:db8::9,nd_sll=00:00:00:00:00:00,nd_tll=00:00:00:00:00:00"},
    {"ns trunc opt", "86dd60112345001f3a4020010db800000000000000000000000120010db8000000000000000000000002870000001122334420010db800000000000000000000000901010000000000", "icmp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no,icmp_type=135,icmp_code=0,nd_target=2001:db8::9,nd_sll=00:00:00:00:00:00,nd_tll=00:00:00:00:00:00"},
    {"ns opt too long", "86dd6011234500203a4020010db800000000000000000000000120010db8000000000000000000000002870000001122334420010db8000000000000000000000009010300000000000c", "icmp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no,icmp_type=135,icmp_code=0,nd_target=2001:db8::9,nd_sll=00:00:00:00:00:00,nd_tll=00:00:00:00:00:00"},
    {"na tll", "86dd6011234500203a4020010db800000000000000000000000120010db8000000000000000000000002880000001122334420010db8000000000000000000000009020100000000000c", "icmp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no,icmp_type=136,icmp_code=0,nd_target=2001:db8::9,nd_sll=00:00:00:00:00:00,nd_tll=00:00:00:00:00:0c"},
    {"na sll", "86dd6011234500203a4020010db800000000000000000000000120010db8000000000000000000000002880000001122334420010db8000000000000000000000009010100000000000c", "icmp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no,icmp_type=136,icmp_code=0,nd_target=2001:db8::9,nd_sll=00:00:00:00:00:0c,nd_tll=00:00:00:00:00:00"},
    {"ns code1", "86dd6011234500183a4020010db800000000000000000000000120010db8000000000000000000000002870100001122334420010db8000000000000000000000009", "icmp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no,icmp_type=135,icmp_code=1"},
    {"rs", "86dd6011234500183a4020010db800000000000000000000000120010db8000000000000000000000002850000001122334420010db8000000000000000000000009", "icmp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no,icmp_type=133,icmp_code=0"},
    {"na tll unk", "86dd6011234500283a4020010db800000000000000000000000120010db8000000000000000000000002880000001122334420010db8000000000000000000000009020100000000000c0e0100000000000e", "icmp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no,icmp_type=136,icmp_code=0,nd_target=2001:db8::9,nd_sll=00:00:00:00:00:00,nd_tll=00:00:00:00:00:0c"},
    {"ns good then bad", "86dd6011234500283a4020010db800000000000000000000000120010db8000000000000000000000002870000001122334420010db8000000000000000000000009010100000000000c0e0000000000000e", "icmp6,ipv6_src=2001:db8::1,ipv6_dst=2001:db8::2,ipv6_label=0x12345,nw_tos=0,nw_ecn=1,nw_ttl=64,nw_frag=no,icmp_type=135,icmp_code=0,nd_target=2001:db8::9,nd_sll=00:00:00:00:00:0c,nd_tll=00:00:00:00:00:00"},
    {"802.3", "004042420300000000000000000000", "dl_type=0x05ff"},
    {"snap", "0040aaaa0300000008004500001c000000004011000001020304050607080050005100080000", "udp,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,tp_src=80,tp_dst=81"},
    {"snap small", "0040aaaa0300000000400000000000000000000000000000000000000000", "dl_type=0x05ff"},
    {"snap short", "0040aaaa0300000008", "dl_type=0x05ff"},
    {"snap org", "0040aaaa0300000108004500001c000000004011000001020304050607080050005100080000", "dl_type=0x05ff"},
    {"vlan", "8100a00508004500001c000000004011000001020304050607080050005100080000", "udp,dl_vlan=5,dl_vlan_pcp=5,vlan_tci1=0x0000,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,tp_src=80,tp_dst=81"},
    {"vlan dei", "8100b00508004500001c000000004011000001020304050607080050005100080000", "udp,dl_vlan=5,dl_vlan_pcp=5,vlan_tci1=0x0000,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,tp_src=80,tp_dst=81"},
    {"88a8", "88a8a00508004500001c000000004011000001020304050607080050005100080000", "udp,dl_vlan=5,dl_vlan_pcp=5,vlan_tci1=0x0000,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,tp_src=80,tp_dst=81"},
    {"qinq", "88a8a0058100a00608004500001c000000004011000001020304050607080050005100080000", "udp,dl_vlan=5,dl_vlan_pcp=5,dl_vlan1=6,dl_vlan_pcp1=5,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,tp_src=80,tp_dst=81"},
    {"3 tags", "88a8a0058100a0068100a00708004500001c000000004011000001020304050607080050005100080000", "dl_vlan=5,dl_vlan_pcp=5,dl_vlan1=6,dl_vlan_pcp1=5,dl_type=0x8100"},
    {"vlan short", "8100a0", "dl_type=0x8100"},
    {"vlan short2", "8100a005", "dl_type=0x8100"},
    {"vlan short3", "8100a00508", "dl_type=0x8100"},
    {"vlan ok0", "8100a0050800", "ip,dl_vlan=5,dl_vlan_pcp=5,vlan_tci1=0x0000,nw_src=0.0.0.0,nw_dst=0.0.0.0,nw_proto=0,nw_tos=0,nw_ecn=0,nw_ttl=0,nw_frag=no"},
    {"vlan 802.3", "8100a005004042420300000000000000000000", "dl_vlan=5,dl_vlan_pcp=5,vlan_tci1=0x0000,dl_type=0x05ff"},
    {"9100", "9100a00508004500001c000000004011000001020304050607080050005100080000", "dl_type=0x9100"},
    {"mpls1", "8847000641404545454545454545454545454545454545454545", "mpls,mpls_label=100,mpls_tc=0,mpls_ttl=64,mpls_bos=1"},
    {"mpls2", "8847000640400006514000065140", "mpls,mpls_label=100,mpls_tc=0,mpls_ttl=64,mpls_bos=0,mpls_lse1=414016"},
    {"mpls4", "88470006404000065040000660400006714000000000000000000000", "mpls,mpls_label=100,mpls_tc=0,mpls_ttl=64,mpls_bos=0,mpls_lse1=413760,mpls_lse2=417856"},
    {"mpls notbos trunc", "88470006404000", "mpls,mpls_label=100,mpls_tc=0,mpls_ttl=64,mpls_bos=0,mpls_lse1=0,mpls_lse2=0"},
    {"mpls none", "8847", "mpls,mpls_label=0,mpls_tc=0,mpls_ttl=0,mpls_bos=0,mpls_lse1=0,mpls_lse2=0"},
    {"mplsm", "884800064140", "mplsm,mpls_label=100,mpls_tc=0,mpls_ttl=64,mpls_bos=1"},
    {"nsh", "894f0fc6010300000502000000010000000200000003000000040000000000000000000000000000000000000000", "dl_type=0x894f,nsh_flags=0,nsh_ttl=63,nsh_mdtype=1,nsh_np=3,nsh_spi=0x5,nsh_si=2,nsh_c1=0x1,nsh_c2=0x2,nsh_c3=0x3,nsh_c4=0x4,nw_proto=0,nw_tos=0,nw_ecn=0,nw_ttl=0,nw_frag=no"},
    {"nsh md2", "894f0fc20203000005020000000000000000000000000000000000000000", "dl_type=0x894f,nsh_flags=0,nsh_ttl=63,nsh_mdtype=2,nsh_np=3,nsh_spi=0x5,nsh_si=2,nw_proto=0,nw_tos=0,nw_ecn=0,nw_ttl=0,nw_frag=no"},
    {"nsh md2 long", "894f0fc402030000050201010101010101010000000000000000000000000000000000000000", "dl_type=0x894f,nsh_flags=0,nsh_ttl=63,nsh_mdtype=2,nsh_np=3,nsh_spi=0x5,nsh_si=2,nw_proto=0,nw_tos=0,nw_ecn=0,nw_ttl=0,nw_frag=no"},
    {"nsh ver", "894f4fc60103000005020000000000000000000000000000000000000000", "dl_type=0x894f,nsh_flags=0,nsh_ttl=0,nsh_mdtype=0,nsh_np=0,nsh_spi=0x0,nsh_si=0,nw_proto=0,nw_tos=0,nw_ecn=0,nw_ttl=0,nw_frag=no"},
    {"nsh short", "894f0fc601030000050200000000000000000000", "dl_type=0x894f,nsh_flags=0,nsh_ttl=0,nsh_mdtype=0,nsh_np=0,nsh_spi=0x0,nsh_si=0,nw_proto=0,nw_tos=0,nw_ecn=0,nw_ttl=0,nw_frag=no"},
    {"nsh md1 len", "894f0fc7010300000502000000000000000000000000000000000000000000000000000000000000", "dl_type=0x894f,nsh_flags=0,nsh_ttl=0,nsh_mdtype=0,nsh_np=0,nsh_spi=0x0,nsh_si=0,nw_proto=0,nw_tos=0,nw_ecn=0,nw_ttl=0,nw_frag=no"},
    {"nsh oam", "894f2fc6010300000502000000010000000200000003000000040000000000000000000000000000000000000000", "dl_type=0x894f,nsh_flags=2,nsh_ttl=63,nsh_mdtype=1,nsh_np=3,nsh_spi=0x5,nsh_si=2,nsh_c1=0x1,nsh_c2=0x2,nsh_c3=0x3,nsh_c4=0x4,nw_proto=0,nw_tos=0,nw_ecn=0,nw_ttl=0,nw_frag=no"},
};
// clang-format on

std::string without(std::string text, std::string_view part) {
    if (const size_t at = text.find(part); at != std::string::npos) text.erase(at, part.size());
    return text;
}

TEST(ExtractLikeTheOracle, every_packet_gives_the_same_key) {
    for (const Case& c : cases) {
        FlowKey key{};
        extract(*parse_hex(std::string("000000000002000000000001") + c.frame), key.packet, max_vlan_tags);
        key.set_in_port(ofpp::none);
        std::string text = format_key(key);
        for (const char* part : {"in_port=ANY,", "vlan_tci=0x0000,"}) text = without(text, part);
        const bool last = text.ends_with("dl_dst=00:00:00:00:00:02");
        text = without(text, std::string(last ? "," : "") +
                                 "dl_src=00:00:00:00:00:01,dl_dst=00:00:00:00:00:02" + (last ? "" : ","));
        EXPECT_EQ(text, c.key) << c.name;
    }
}

}  // namespace
}  // namespace weft::flow
