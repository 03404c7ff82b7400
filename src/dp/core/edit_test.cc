// SPDX-License-Identifier: Apache-2.0
#include "dp/core/edit.h"

#include <gtest/gtest.h>

#include "dp/core/checksum.h"
#include "dp/core/layers.h"
#include "dp/core/offload.h"
#include "flow/flow_key.h"

namespace weft::dp {
namespace {

using packet::Csum;
using packet::Gso;
using packet::Packet;
namespace act = action::dp;

const char* ethernet = "020000000004 020000000002";
const char* ipv4 = "4500 0000 1234 4000 40 11 0000 0a000001 0a000002";
const char* ipv6 = "60000000 0000 00 40 20010db8000000000000000000000001 20010db8000000000000000000000002";

void put16(Packet& p, uint32_t at, uint32_t v) {
    p.data()[at] = static_cast<uint8_t>(v >> 8);
    p.data()[at + 1] = static_cast<uint8_t>(v);
}

/// Sums the pseudo header and what follows; 0xffff if the checksum there is right.
uint16_t verify(const Packet& p) {
    const Layers l = layers_of(p);
    const uint8_t* ip = p.data() + l.network;
    uint64_t sum = ones_sum(p.bytes().subspan(l.transport));
    if (l.protocol != ip_protocol::icmp) {
        sum += l.eth_type == ethertype::ip ? ones_sum({ip + 12, 8}) : ones_sum({ip + 8, 32});
        sum += l.protocol + p.size() - l.transport;
    }
    return fold(sum);
}
uint16_t verify_ip(const Packet& p) { return fold(ones_sum({p.data() + layers_of(p).network, 20})); }

/// An IP packet with right lengths and its checksum left to do. `transport` holds a zero checksum.
Packet ip_packet(const std::string& ip, uint8_t protocol, const std::string& transport,
                 uint16_t csum_offset) {
    const bool v6 = ip[0] == '6';
    Packet p = Packet::copy_of(*parse_hex(std::string(ethernet) + (v6 ? "86dd" : "0800") + ip + transport));
    const uint32_t l4 = v6 ? 54 : 34;
    if (v6) {
        put16(p, 18, p.size() - l4);
        p.data()[20] = protocol;
    } else {
        put16(p, 16, p.size() - 14);
        p.data()[23] = protocol;
        put16(p, 24, static_cast<uint16_t>(~fold(ones_sum({p.data() + 14, 20}))));
    }
    p.offload = {.csum = Csum::partial, .csum_start = static_cast<uint16_t>(l4), .csum_offset = csum_offset};
    const ByteSpan addresses = v6 ? p.bytes().subspan(22, 32) : p.bytes().subspan(26, 8);
    const uint64_t pseudo =
        protocol == ip_protocol::icmp ? 0 : ones_sum(addresses) + protocol + p.size() - l4;
    put16(p, l4 + csum_offset, fold(pseudo));
    return p;
}

struct Case {
    const char* ip;
    uint8_t protocol;
    const char* transport;
    uint16_t csum_offset;
};
const Case cases[] = {
    {ipv4, ip_protocol::tcp, "1000 0050 00000001 00000001 5010 2000 0000 0000 616263", 16},
    {ipv4, ip_protocol::udp, "1000 0035 000b 0000 616263", 6},
    {ipv4, ip_protocol::icmp, "0800 0000 1234 0001 6162", 2},
    {ipv6, ip_protocol::tcp, "1000 0050 00000001 00000001 5010 2000 0000 0000 616263", 16},
    {ipv6, ip_protocol::udp, "1000 0035 000b 0000 616263", 6},
    {ipv6, ip_protocol::icmpv6, "8000 0000 1234 0001 6162", 2},
};

void set_addresses(Packet& p, bool v6, Skip planted = Skip::nothing) {
    if (v6) {
        act::Set<act::Ipv6Header> a{};
        a.value.src = *Ip6::parse("fe80::77");
        a.mask.src.b.fill(0xff);
        a.value.dst = *Ip6::parse("::5");
        a.mask.dst.b[15] = 0xff;
        a.value.hlimit = a.mask.hlimit = 0xff;
        a.value.label = Be32(0x12345);
        a.mask.label = Be32(0xfffff);
        a.value.tclass = a.mask.tclass = 0xfc;
        edit(p, a, planted);
    } else {
        act::Set<act::Ipv4Header> a{};
        a.value.src = *parse_ip4("192.168.7.9");
        a.mask.src = be_max<Be32>;
        a.value.dst = *parse_ip4("0.0.0.5");
        a.mask.dst = Be32(0xff);
        a.value.ttl = a.mask.ttl = 0xff;
        a.value.tos = a.mask.tos = 0xfc;
        edit(p, a, planted);
    }
}
void set_transport(Packet& p, uint8_t protocol, Skip planted = Skip::nothing) {
    act::SetL4 a{};
    a.value = {Be16(77), Be16(88)};
    a.mask = {be_max<Be16>, be_max<Be16>};
    a.proto = protocol == ip_protocol::tcp    ? act::L4::tcp
              : protocol == ip_protocol::udp  ? act::L4::udp
              : protocol == ip_protocol::icmp ? act::L4::icmp
                                              : act::L4::icmpv6;
    edit(p, a, planted);
}

/// Rewrites addresses and ports of each of the cases; names those that have a wrong checksum then.
std::string wrong_checksums(bool finished, Skip planted) {
    std::string wrong;
    for (const Case& c : cases) {
        Packet p = ip_packet(c.ip, c.protocol, c.transport, c.csum_offset);
        if (finished) finish_checksum(p);
        const bool v6 = c.ip[0] == '6';
        set_addresses(p, v6, planted);
        set_transport(p, c.protocol, planted);
        finish_checksum(p);
        if (verify(p) != 0xffff || (!v6 && verify_ip(p) != 0xffff))
            wrong += (v6 ? " IPv6 protocol " : " IPv4 protocol ") + std::to_string(c.protocol);
    }
    return wrong;
}

TEST(Edit, checksums_stay_right_whether_finished_or_left_to_do) {
    EXPECT_EQ(wrong_checksums(true, Skip::nothing), "");
    EXPECT_EQ(wrong_checksums(false, Skip::nothing), "");
}

TEST(Edit, a_checksum_that_is_skipped_is_found) {
    for (const Skip planted : {Skip::ip_checksum, Skip::pseudo_header, Skip::transport_checksum})
        EXPECT_NE(wrong_checksums(true, planted), "") << static_cast<int>(planted);
}

TEST(Edit, only_masked_bits_change) {
    Packet p = ip_packet(ipv4, ip_protocol::udp, cases[1].transport, 6);
    set_addresses(p, false);
    EXPECT_EQ(format_hex(p.bytes().subspan(26, 8)), "c0a807090a000005");
    EXPECT_EQ(p.data()[15], 0xfc);
    EXPECT_EQ(p.data()[22], 0xff);
    act::Set<act::EthHeader> eth{};
    eth.value.dst = Mac::from_u64(0x0a0000000000);
    eth.mask.dst = Mac::from_u64(0xff0000000000);
    edit(p, eth);
    EXPECT_EQ(format_hex(p.bytes().first(12)), "0a0000000004020000000002");
}

TEST(Edit, udp_without_a_checksum_stays_without) {
    Packet p = ip_packet(ipv4, ip_protocol::udp, cases[1].transport, 6);
    p.offload = {};
    put16(p, 40, 0);
    set_addresses(p, false);
    set_transport(p, ip_protocol::udp);
    EXPECT_EQ(p.data()[40] | p.data()[41], 0);
}

TEST(Edit, a_later_fragment_has_no_ports_to_set) {
    Packet p = ip_packet(ipv4, ip_protocol::udp, cases[1].transport, 6);
    finish_checksum(p);
    put16(p, 20, 0x2001);
    const Bytes before(p.bytes().begin() + 34, p.bytes().end());
    set_transport(p, ip_protocol::udp);
    set_addresses(p, false);
    EXPECT_EQ(Bytes(p.bytes().begin() + 34, p.bytes().end()), before);
}

TEST(Edit, sctp_gets_a_fresh_crc_and_a_wrong_one_stays_wrong) {
    for (const uint8_t damage : {0, 1}) {
        Packet p = ip_packet(ipv4, ip_protocol::sctp,
                             "1000 0050 00000001 00000000 00030010 00000001 00000000 00000000", 8);
        put16(p, 42, 0);
        p.offload.csum_offset = 8;
        finish_checksum(p);
        p.data()[45] ^= damage;
        act::SetL4 a{
            .proto = act::L4::sctp, .value = {Be16(9), Be16(10)}, .mask = {be_max<Be16>, be_max<Be16>}};
        edit(p, a);
        EXPECT_EQ(p.data()[35], 9);
        Packet again = p.clone();
        again.offload = {.csum = Csum::partial, .csum_start = 34, .csum_offset = 8};
        finish_checksum(again);
        EXPECT_EQ(format_hex(again.bytes()) == format_hex(p.bytes()), damage == 0);
    }
}

TEST(Edit, what_pads_a_frame_is_no_part_of_sctps_crc) {
    Packet p = ip_packet(ipv4, ip_protocol::sctp, "1000 0050 00000001 00000000", 8);
    finish_checksum(p);
    Packet padded = p.clone();
    std::memset(padded.append(14), 0, 14);
    const act::SetL4 a{
        .proto = act::L4::sctp, .value = {Be16(9), Be16(10)}, .mask = {be_max<Be16>, be_max<Be16>}};
    edit(p, a);
    edit(padded, a);
    EXPECT_EQ(format_hex(padded.bytes().first(p.size())), format_hex(p.bytes()));
}

TEST(Edit, vlan_tags_are_pushed_outside_and_popped_from_there) {
    Packet p = ip_packet(ipv4, ip_protocol::udp, cases[1].transport, 6);
    const Bytes before(p.bytes().begin(), p.bytes().end());
    edit(p, act::PushVlan{Be16(0x8100), Be16(5 | flow::vlan_present)});
    edit(p, act::PushVlan{Be16(0x88a8), Be16(6 | 0x6000 | flow::vlan_present)});
    EXPECT_EQ(format_hex(p.bytes().subspan(12, 10)), "88a86006810000050800");
    EXPECT_EQ(p.offload.csum_start, 42);
    set_addresses(p, false);
    Packet q = p.clone();
    finish_checksum(q);
    EXPECT_EQ(verify(q), 0xffff);
    edit(p, act::PopVlan{});
    edit(p, act::PopVlan{});
    edit(p, act::PopVlan{});  // there is none: nothing happens
    EXPECT_EQ(p.size(), before.size());
    EXPECT_EQ(p.offload.csum_start, 34);
}

TEST(Edit, mpls_labels_go_behind_vlan_tags) {
    Packet p = ip_packet(ipv4, ip_protocol::udp, cases[1].transport, 6);
    const Bytes before(p.bytes().begin(), p.bytes().end());
    edit(p, act::PushVlan{Be16(0x8100), Be16(5)});
    edit(p, act::PushMpls{Be32(0x00064140), Be16(0x8847)});
    EXPECT_EQ(format_hex(p.bytes().subspan(12, 10)), "81000005884700064140");
    act::Set<act::MplsHeader> ttl{};
    ttl.value.lse = Be32(0x3f);
    ttl.mask.lse = Be32(0xff);
    edit(p, ttl);
    EXPECT_EQ(format_hex(p.bytes().subspan(18, 4)), "0006413f");
    edit(p, act::PopMpls{Be16(0x0800)});
    edit(p, act::PopVlan{});
    EXPECT_EQ(Bytes(p.bytes().begin(), p.bytes().end()), before);
}

TEST(Edit, arp_and_neighbour_discovery_fields_are_set) {
    Packet p = Packet::copy_of(
        *parse_hex("ffffffffffff 020000000002 0806 0001 0800 06 04 0001 020000000002 0a000001 "
                   "000000000000 0a000002"));
    act::Set<act::ArpHeader> arp{};
    arp.value.op = Be16(2);
    arp.mask.op = be_max<Be16>;
    arp.value.tip = *parse_ip4("1.2.3.4");
    arp.mask.tip = be_max<Be32>;
    edit(p, arp);
    EXPECT_EQ(format_hex(p.bytes().subspan(20)),
              "000202000000000"
              "20a00000100000000000001020304");

    Packet nd = ip_packet(ipv6, ip_protocol::icmpv6,
                          "8700 0000 00000000 fe800000000000000000000000000001 0101 020000000002", 2);
    finish_checksum(nd);
    act::Set<act::NdHeader> set{};
    set.value.sll = Mac::from_u64(0x020000000099);
    set.mask.sll = Mac::from_u64(0xffffffffffff);
    set.value.target = *Ip6::parse("fe80::2");
    set.mask.target.b.fill(0xff);
    edit(nd, set);
    EXPECT_EQ(verify(nd), 0xffff);
    EXPECT_EQ(format_hex(nd.bytes().subspan(62)), "fe8000000000000000000000000000020101020000000099");
}

TEST(Edit, nsh_fields_share_words_with_what_stays) {
    const std::string head = "020000000002 020000000003 894f ",
                      context = "00000001 00000002 00000003 00000004";
    act::Set<act::NshHeader> set{};
    set.value.flags = 2;
    set.mask.flags = 3;
    set.value.ttl = 9;
    set.mask.ttl = 0xff;
    set.value.spi = Be32(0xabcdef);
    set.mask.spi = Be32(0xffffff);
    set.value.context[1] = Be32(0x50);
    set.mask.context[1] = Be32(0xf0);
    Packet p = Packet::copy_of(*parse_hex(head + "0fc6 01 03 000005 02" + context));
    edit(p, set);
    EXPECT_EQ(format_hex(p.bytes().subspan(14)),
              "22460103abcdef02"
              "00000001000000520000000300000004");
    set.mask = {};
    set.value.si = 7;
    set.mask.si = 0xff;
    edit(p, set);
    EXPECT_EQ(format_hex(p.bytes().subspan(14, 8)), "22460103abcdef07");
    // Metadata of type 2 is options, not context.
    Packet md2 = Packet::copy_of(*parse_hex(head + "0fc6 02 03 000005 02" + context));
    set.mask.context[1] = be_max<Be32>;
    edit(md2, set);
    EXPECT_EQ(format_hex(md2.bytes().subspan(22)), "00000001000000020000000300000004");
}

TEST(Edit, no_edit_reads_or_writes_outside_a_cut_off_packet) {
    for (const Case& c : cases) {
        const Packet whole = ip_packet(c.ip, c.protocol, c.transport, c.csum_offset);
        for (uint32_t n = 0; n <= whole.size(); ++n) {
            Packet p = Packet::copy_of(whole.bytes().first(n), 0);
            p.offload = whole.offload;
            set_addresses(p, c.ip[0] == '6');
            set_transport(p, c.protocol);
            edit(p, act::Set<act::NdHeader>{});
            edit(p, act::Set<act::ArpHeader>{});
            edit(p, act::Set<act::NshHeader>{});
            edit(p, act::PopMpls{});
            edit(p, act::PopVlan{});
            edit(p, act::PushMpls{});
            finish_checksum(p);
            EXPECT_LE(p.size(), n + 4);
        }
    }
}

/// A TCP super-packet with `payload` bytes.
Packet super_packet(const char* ip, uint32_t payload) {
    std::string transport = "1000 0050 00000100 00000001 5099 2000 0000 0000";  // CWR, ACK, PSH, FIN
    for (uint32_t i = 0; i < payload; ++i) transport += format_hex(Bytes{static_cast<uint8_t>(i * 7)});
    Packet p = ip_packet(ip, ip_protocol::tcp, transport, 16);
    p.offload.gso = ip[0] == '6' ? Gso::tcp6 : Gso::tcp4;
    p.offload.gso_size = 1000;
    p.offload.header_size = static_cast<uint16_t>(p.offload.csum_start + 20);
    return p;
}

TEST(Segment, a_super_packet_becomes_frames_that_carry_its_bytes_once_and_in_order) {
    for (const char* ip : {ipv4, ipv6}) {
        Packet p = super_packet(ip, 2500);
        const uint32_t headers = p.offload.header_size;
        std::vector<Packet> out;
        ASSERT_TRUE(segment(p, [&](Packet&& s) { out.push_back(std::move(s)); }));
        ASSERT_EQ(out.size(), 3u);
        Bytes payload;
        for (size_t i = 0; i < out.size(); ++i) {
            EXPECT_EQ(out[i].offload, packet::Offload{});
            EXPECT_EQ(verify(out[i]), 0xffff);
            const uint8_t* tcp = out[i].data() + headers - 20;
            EXPECT_EQ(format_hex({tcp + 4, 4}),
                      format_hex(Bytes{0, 0, static_cast<uint8_t>(1 + i * 1000 / 256),
                                       static_cast<uint8_t>(i * 1000)}));
            EXPECT_EQ(tcp[13], i == 0 ? 0x90 : i == 2 ? 0x19 : 0x10);
            payload.insert(payload.end(), out[i].bytes().begin() + headers, out[i].bytes().end());
            if (ip == ipv4) {
                EXPECT_EQ(verify_ip(out[i]), 0xffff);
                EXPECT_EQ(out[i].data()[19], 0x34 + i);
            }
        }
        EXPECT_EQ(payload, Bytes(p.bytes().begin() + headers, p.bytes().end()));
    }
}

TEST(Segment, works_behind_vlan_and_mpls) {
    Packet p = super_packet(ipv4, 1500);
    edit(p, act::PushVlan{Be16(0x8100), Be16(5)});
    EXPECT_TRUE(kernel_can_segment(p));
    edit(p, act::PushMpls{Be32(0x00064140), Be16(0x8847)});
    EXPECT_FALSE(kernel_can_segment(p));
    std::vector<Packet> out;
    ASSERT_TRUE(segment(p, [&](Packet&& s) { out.push_back(std::move(s)); }));
    ASSERT_EQ(out.size(), 2u);
    for (Packet& s : out) {
        edit(s, act::PopMpls{Be16(0x0800)});
        EXPECT_EQ(verify(s), 0xffff);
        EXPECT_EQ(verify_ip(s), 0xffff);
    }
}

TEST(Segment, udp_is_cut_into_datagrams) {
    Packet p = ip_packet(ipv4, ip_protocol::udp, "1000 0035 000b 0000 61626364656667", 6);
    p.offload.gso = Gso::udp_segment;
    p.offload.gso_size = 3;
    std::vector<Packet> out;
    ASSERT_TRUE(segment(p, [&](Packet&& s) { out.push_back(std::move(s)); }));
    ASSERT_EQ(out.size(), 3u);
    for (const Packet& s : out) EXPECT_EQ(verify(s), 0xffff);
    EXPECT_EQ(out[2].data()[39], 9);
}

TEST(Segment, nonsense_is_refused) {
    Packet p = super_packet(ipv4, 1500);
    p.offload.gso_size = 0;
    EXPECT_FALSE(segment(p, [](Packet&&) {}));
    p = super_packet(ipv4, 1500);
    p.offload.gso = Gso::tcp6;
    EXPECT_FALSE(segment(p, [](Packet&&) {}));
    p = super_packet(ipv4, 1500);
    p.truncate(50);
    EXPECT_FALSE(segment(p, [](Packet&&) {}));
}

}  // namespace
}  // namespace weft::dp
