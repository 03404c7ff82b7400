// SPDX-License-Identifier: Apache-2.0
#include "sys/link.h"

#include <gtest/gtest.h>

#include "sys/ip_config.h"

namespace weft::sys::message {
namespace {

TEST(LinkMessage, a_request_to_set_the_mtu_is_as_rtnetlink_wants_it) {
    // Little-endian: length, type 16 (RTM_NEWLINK), flags REQUEST|ACK, seq, pid; ifinfomsg; attribute
    // IFLA_MTU.
    EXPECT_EQ(set_mtu(7, 3, 9000), *parse_hex("28000000 1000 0500 07000000 00000000"
                                              "00 00 0000 03000000 00000000 00000000"
                                              "0800 0400 28230000"));
}

TEST(LinkMessage, a_request_to_bring_a_device_down_changes_that_flag_only) {
    const Bytes m = set_up(1, 3, false);
    ByteReader r(m);
    r.skip(16 + 8);
    EXPECT_EQ(r.read<uint32_t>(), 0u);
    EXPECT_EQ(r.read<uint32_t>(), 1u);
}

TEST(LinkMessage, a_device_that_moved_to_another_namespace_is_gone_and_says_where) {
    // RTM_DELLINK, ifindex 5, IFLA_IFNAME "v0", IFLA_NEW_NETNSID 2.
    const Bytes m = *parse_hex(
        "30000000 1100 0000 00000000 00000000 00 00 0100 05000000 43100000 00000000"
        "0700 0300 76300000 0800 2d00 02000000");
    const auto event = parse_link(m);
    ASSERT_TRUE(event.has_value());
    EXPECT_EQ(event->kind, LinkEvent::Kind::gone);
    EXPECT_EQ(event->link.name, "v0");
    EXPECT_EQ(event->link.ifindex, 5);
    EXPECT_EQ(event->moved_to_namespace, 2);
}

TEST(LinkMessage, cut_or_foreign_messages_give_nothing) {
    const Bytes whole = *parse_hex(
        "30000000 1100 0000 00000000 00000000 00 00 0100 05000000 43100000 00000000"
        "0700 0300 76300000 0800 2d00 02000000");
    for (size_t n = 0; n < whole.size(); ++n) EXPECT_FALSE(parse_link(ByteSpan(whole).first(n)).has_value());
    EXPECT_FALSE(parse_address(whole).has_value());
}

TEST(LinkMessage, an_own_address_wins_over_its_peer) {
    // RTM_NEWADDR, AF_INET /32, ifindex 9: IFA_LOCAL 10.0.0.1, IFA_ADDRESS (peer) 10.0.0.2.
    const Bytes m = *parse_hex(
        "28000000 1400 0000 00000000 00000000 02 20 00 00 09000000"
        "0800 0200 0a000001 0800 0100 0a000002");
    const auto address = parse_address(m);
    ASSERT_TRUE(address.has_value());
    EXPECT_EQ(address->ip4, *parse_ip4("10.0.0.1"));
    EXPECT_EQ(address->prefix, 32);
    EXPECT_FALSE(address->v6);
}

// RTM_NEWROUTE, AF_INET /32, unicast: RTA_DST 10.9.9.9, RTA_OIF 4, RTA_GATEWAY 10.0.0.1.
const Bytes route = *parse_hex(
    "34000000 1800 0000 00000000 00000000 02 20 00 00 fe 00 00 01 00000000"
    "0800 0100 0a090909 0800 0400 04000000 0800 0500 0a000001");

TEST(IpMessage, a_route_names_its_gateway_and_device) {
    const auto hop = parse_route(route);
    ASSERT_TRUE(hop.has_value());
    EXPECT_EQ(*hop, (NextHop{*parse_ip4("10.0.0.1"), 4, {}}));
    Bytes local = route;
    local[16 + 7] = 2;  // RTN_LOCAL: the machine itself
    EXPECT_FALSE(parse_route(local).has_value());
    for (size_t n = 0; n < route.size(); ++n) EXPECT_FALSE(parse_route(ByteSpan(route).first(n)).has_value());
}

TEST(IpMessage, only_a_neighbour_that_answered_has_an_address) {
    // RTM_NEWNEIGH, AF_INET, ifindex 4, NUD_STALE: NDA_LLADDR.
    Bytes m = *parse_hex(
        "28000000 1c00 0000 00000000 00000000 02 00 0000 04000000 0400 00 01"
        "0a00 0200 020000000055 0000");
    EXPECT_EQ(parse_neighbor(m).value(), *Mac::parse("02:00:00:00:00:55"));
    m[16 + 8] = 0x20;  // NUD_FAILED
    EXPECT_FALSE(parse_neighbor(m).has_value());
    EXPECT_FALSE(parse_neighbor(route).has_value());
}

TEST(IpMessage, an_address_has_the_broadcast_address_of_its_subnet) {
    EXPECT_EQ(add_address(7, 3, {*parse_ip4("10.0.0.9"), 24}),
              *parse_hex("30000000 1400 0505 07000000 00000000 02 18 00 00 03000000"
                         "0800 0200 0a000009 0800 0100 0a000009 0800 0400 0a0000ff"));
}

}  // namespace
}  // namespace weft::sys::message
