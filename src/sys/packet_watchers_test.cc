// SPDX-License-Identifier: Apache-2.0
#include "sys/packet_watchers.h"

#include <gtest/gtest.h>

namespace weft::sys {
namespace {

constexpr const char* columns = "sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n";

TEST(PacketWatchers, sockets_that_only_send_do_not_look) {
    const std::string sender = "0000000000000000 3      3    0000   7     0 0      0      71801\n";
    const std::string tcpdump = "0000000000000000 3      3    0003   9     1 0      0      71802\n";
    EXPECT_EQ(parse_packet_watchers(columns + sender + tcpdump), (PacketWatchers{.devices = {9}}));
    EXPECT_TRUE(parse_packet_watchers(columns + tcpdump).look_at(9));
    EXPECT_FALSE(parse_packet_watchers(columns + tcpdump).look_at(7));
}

TEST(PacketWatchers, one_of_no_device_looks_at_all) {
    const std::string any = "0000000000000000 3      2    0800   0     1 0      0      71803\n";
    EXPECT_TRUE(parse_packet_watchers(columns + any).look_at(1234));
}

TEST(PacketWatchers, text_that_makes_no_sense_tells_of_nobody) {
    EXPECT_EQ(parse_packet_watchers(""), PacketWatchers{});
    EXPECT_EQ(parse_packet_watchers(std::string(columns) + "x y\n\n"), PacketWatchers{});
}

}  // namespace
}  // namespace weft::sys
