// SPDX-License-Identifier: Apache-2.0
#include "sys/vnet_header.h"

#include <gtest/gtest.h>

namespace weft::sys {
namespace {

using packet::Csum;
using packet::Gso;
using packet::Offload;

const Offload samples[] = {
    {},
    {.csum = Csum::verified},
    {.csum = Csum::partial, .csum_start = 34, .csum_offset = 16},
    {.csum = Csum::partial,
     .gso = Gso::tcp4,
     .csum_start = 34,
     .csum_offset = 16,
     .gso_size = 1448,
     .header_size = 66},
    {.csum = Csum::partial,
     .gso = Gso::tcp6,
     .ecn = true,
     .csum_start = 54,
     .csum_offset = 16,
     .gso_size = 1428,
     .header_size = 86},
    {.csum = Csum::partial,
     .gso = Gso::udp_segment,
     .csum_start = 34,
     .csum_offset = 6,
     .gso_size = 1200,
     .header_size = 42},
    {.csum = Csum::partial,
     .gso = Gso::udp_fragment,
     .csum_start = 34,
     .csum_offset = 6,
     .gso_size = 1480,
     .header_size = 34},
};

TEST(VnetHeader, offload_survives_the_way_to_the_kernel_and_back) {
    for (const Offload& o : samples) EXPECT_EQ(offload_of(vnet_header_of(o)), o);
}

TEST(VnetHeader, lies_in_memory_as_virtio_says) {
    const VnetHeader h = vnet_header_of(samples[4]);
    const uint8_t expected[10] = {1, 0x84, 86, 0, 0x94, 5, 54, 0, 16, 0};
    EXPECT_EQ(std::memcmp(&h, expected, sizeof expected), 0);
}

TEST(VnetHeader, an_unknown_segmentation_type_is_none) {
    EXPECT_EQ(offload_of({.gso_type = 77, .gso_size = 9}), Offload{});
}

TEST(VnetHeader, a_tag_kept_beside_the_frame_goes_back_behind_the_addresses) {
    const Bytes frame{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x08, 0x00, 0x45};
    packet::Packet p = packet::Packet::copy_of(frame);
    p.offload = {.csum = Csum::partial, .csum_start = 14};
    insert_vlan_tag(p, 0x88a8, 0x2005);
    const Bytes expected{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x88, 0xa8, 0x20, 0x05, 0x08, 0x00, 0x45};
    EXPECT_EQ(Bytes(p.bytes().begin(), p.bytes().end()), expected);
    EXPECT_EQ(p.offload.csum_start, 18);
}

}  // namespace
}  // namespace weft::sys
