// SPDX-License-Identifier: Apache-2.0
#include "packet/defect.h"

#include <gtest/gtest.h>

namespace weft::packet {
namespace {

constexpr const char* udp =
    "020000000004 020000000002 0800 4500 001e 1234 4000 40 11 0000 0a000001 0a000002 0001 0035 000a 0000 "
    "6162";

std::string defect_of(std::string hex) {
    const Bytes bytes = *parse_hex(hex);
    return defect(bytes, bytes.size());
}
std::string with(size_t byte, uint8_t value) {
    Bytes bytes = *parse_hex(udp);
    bytes[byte] = value;
    return defect(bytes, bytes.size());
}

TEST(Defect, a_sound_frame_has_none) {
    EXPECT_EQ(defect_of(udp), "");
    EXPECT_EQ(defect_of("020000000004 020000000002 1234 00"), "");
}

TEST(Defect, lengths_that_contradict_the_frame_are_named) {
    EXPECT_EQ(with(17, 200), "IPv4 header says 200 bytes, 30 are there");
    EXPECT_EQ(with(17, 10), "IPv4 total length 10 is less than its header's 20");
    EXPECT_EQ(with(14, 0x43), "IPv4 header says it has 12 bytes, 20 is the least");
    EXPECT_EQ(with(14, 0x65), "IP version 6 behind the Ethertype of IPv4");
    EXPECT_EQ(with(23, 6), "TCP header needs 20 bytes, 10 are there");
}

TEST(Defect, what_is_cut_off_is_named) {
    EXPECT_EQ(defect_of("0200"), "Ethernet header needs 14 bytes, 2 are there");
    EXPECT_EQ(defect_of("020000000004 020000000002 8100 00"), "the VLAN tag is cut off");
    EXPECT_EQ(defect_of("020000000004 020000000002 0806 0001"), "ARP header needs 28 bytes, 2 are there");
    EXPECT_EQ(defect_of("020000000004 020000000002 86dd 6000"), "IPv6 header needs 40 bytes, 2 are there");
}

TEST(Defect, the_whole_length_counts_where_only_the_beginning_is_kept) {
    const Bytes bytes = *parse_hex(udp);
    EXPECT_EQ(defect(ByteSpan(bytes).first(20), bytes.size()), "");
    EXPECT_EQ(defect(ByteSpan(bytes).first(34), 34), "IPv4 header says 30 bytes, 20 are there");
}

}  // namespace
}  // namespace weft::packet
