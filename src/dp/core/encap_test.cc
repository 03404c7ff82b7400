// SPDX-License-Identifier: Apache-2.0
// Headers around a packet, byte by byte (RFC 8300, RFC 3032).
#include <gtest/gtest.h>

#include "dp/core/edit.h"
#include "dp/core/layers.h"
#include "flow/extract.h"

namespace weft::dp {
namespace {

using packet::Packet;
namespace act = action::dp;

const std::string ethernet = "0200000000040200000000020800";
const std::string ip = "450000200000000040110000c0a80001c0a800020001000200080000abcdabcd";

Packet frame() { return Packet::copy_of(*parse_hex(ethernet + ip)); }

act::PushNsh nsh(uint8_t next_protocol) {
    act::PushNsh a{.flags = 1, .np = next_protocol, .spi = Be32(0x1234), .context = {}, .md2 = {}};
    a.context[0] = Be32(7);
    return a;
}

TEST(Encap, nsh_stands_in_front_of_the_frame_and_goes_again) {
    Packet p = frame();
    edit(p, nsh(3));
    EXPECT_EQ(p.l3_type, ethertype::nsh);
    EXPECT_EQ(format_hex(p.bytes().first(24)), "1fc60103001234ff00000007000000000000000000000000");
    EXPECT_EQ(format_hex(p.bytes().subspan(24)), ethernet + ip);
    edit(p, act::PopNsh{});
    EXPECT_EQ(p.l3_type, 0);
    EXPECT_EQ(format_hex(p.bytes()), ethernet + ip);
}

TEST(Encap, nsh_with_metadata_of_type_2_is_as_long_as_it_says) {
    Packet p = frame();
    edit(p,
         act::PushNsh{.mdtype = 2, .np = 3, .spi = {}, .context = {}, .md2 = *parse_hex("10000a0412345678")});
    EXPECT_EQ(format_hex(p.bytes().first(16)),
              "0fc4020300000"
              "0ff10000a0412345678");
    edit(p, act::PopNsh{});
    EXPECT_EQ(format_hex(p.bytes()), ethernet + ip);
}

TEST(Encap, an_ethernet_header_comes_and_goes_with_its_type) {
    Packet p = frame();
    edit(p, act::PopEth{});
    EXPECT_EQ(p.l3_type, ethertype::ip);
    EXPECT_EQ(format_hex(p.bytes()), ip);
    act::Set<act::Ipv4Header> set{};
    set.value.dst = Be32(0x01020304);
    set.mask.dst = be_max<Be32>;
    edit(p, set);
    edit(p, act::PushEth{Mac::from_u64(0x0a), Mac::from_u64(0x0b)});
    EXPECT_EQ(p.l3_type, 0);
    EXPECT_EQ(format_hex(p.bytes().first(14)), "00000000000b00000000000a0800");
    EXPECT_EQ(format_hex(p.bytes().subspan(30, 4)), "01020304");
}

TEST(Encap, a_label_in_front_of_a_frame_goes_again) {
    Packet p = frame();
    edit(p, act::AddMpls{Be32(0x00005140), Be16(0x8847)});
    EXPECT_EQ(p.l3_type, ethertype::mpls);
    edit(p, act::AddMpls{Be32(0x00007040), Be16(0x8848)});
    EXPECT_EQ(format_hex(p.bytes().first(8)), "0000704000005140");
    edit(p, act::PopMpls{Be16(0x8847)});
    edit(p, act::PopMpls{Be16(0x6558)});
    EXPECT_EQ(p.l3_type, 0);
    EXPECT_EQ(format_hex(p.bytes()), ethernet + ip);
}

TEST(Encap, keys_of_packets_without_ethernet_say_so) {
    Packet p = frame();
    edit(p, act::PopEth{});
    edit(p, nsh(1));
    flow::PacketBlock key;
    flow::extract_l3(p.bytes(), p.l3_type, key);
    EXPECT_EQ(key.packet_type.host(), 0x1894fu);
    EXPECT_EQ(key.nsh_np, 1);
    EXPECT_EQ(key.nsh_spi.host(), 0x1234u);
    edit(p, act::PopNsh{});
    flow::extract_l3(p.bytes(), p.l3_type, key);
    EXPECT_EQ(key.packet_type.host(), 0x10800u);
    EXPECT_EQ(key.nw_dst.host(), 0xc0a80002u);
}

TEST(Encap, headers_that_are_not_there_or_malformed_are_left_alone) {
    const auto unchanged = [](Packet p, const auto& action) {
        const Bytes before(p.bytes().begin(), p.bytes().end());
        const uint16_t type = p.l3_type;
        edit(p, action);
        return Bytes(p.bytes().begin(), p.bytes().end()) == before && p.l3_type == type;
    };
    EXPECT_TRUE(unchanged(frame(), act::PopNsh{}));
    EXPECT_TRUE(unchanged(frame(), act::PushEth{}));
    Packet bare = frame();
    edit(bare, act::PopEth{});
    EXPECT_TRUE(unchanged(bare.clone(), act::PopEth{}));
    EXPECT_TRUE(unchanged(bare.clone(), act::PopNsh{}));
    EXPECT_TRUE(unchanged(bare.clone(), act::PushVlan{Be16(0x8100), Be16(0x1005)}));
    for (const char* nsh : {"0fc1010300001234", "0fff010300001234", "0fc6010700001234", "0fc6"}) {
        Packet p = Packet::copy_of(*parse_hex(nsh));
        p.l3_type = ethertype::nsh;
        EXPECT_TRUE(unchanged(std::move(p), act::PopNsh{})) << nsh;
    }
    Packet tagged = Packet::copy_of(*parse_hex("020000000004020000000002810000050800" + ip));
    EXPECT_TRUE(unchanged(std::move(tagged), act::PopEth{}));
}

}  // namespace
}  // namespace weft::dp
