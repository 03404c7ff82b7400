// SPDX-License-Identifier: Apache-2.0
#include "packet/packet.h"

#include <gtest/gtest.h>

#include "packet/batch.h"

namespace weft::packet {
namespace {

Packet sample() {
    const Bytes bytes{1, 2, 3, 4, 5, 6};
    Packet p = Packet::copy_of(bytes);
    p.offload = {.csum = Csum::partial, .csum_start = 4, .csum_offset = 1, .header_size = 5};
    return p;
}

Bytes content(const Packet& p) { return {p.bytes().begin(), p.bytes().end()}; }

TEST(Packet, push_and_pull_move_offload_offsets_with_the_bytes) {
    Packet p = sample();
    std::memset(p.push(2), 9, 2);
    EXPECT_EQ(content(p), (Bytes{9, 9, 1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(p.offload.csum_start, 6);
    EXPECT_EQ(p.offload.header_size, 7);
    p.pull(2);
    EXPECT_EQ(content(p), (Bytes{1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(p.offload.csum_start, 4);
}

TEST(Packet, insert_puts_a_header_between_and_erase_takes_it_out) {
    Packet p = sample();
    std::memset(p.insert(2, 3), 7, 3);
    EXPECT_EQ(content(p), (Bytes{1, 2, 7, 7, 7, 3, 4, 5, 6}));
    EXPECT_EQ(p.offload.csum_start, 7);
    p.erase(2, 3);
    EXPECT_EQ(content(p), (Bytes{1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(p.offload.csum_start, 4);
}

TEST(Packet, push_beyond_the_headroom_keeps_the_bytes) {
    uint8_t lent[8] = {0, 0, 1, 2, 3, 4, 0, 0};
    Packet p = Packet::borrow(lent, 8, 2, 4);
    EXPECT_FALSE(p.is_owned());
    std::memset(p.push(2), 8, 2);
    EXPECT_EQ(p.data(), lent);
    std::memset(p.push(1), 9, 1);
    EXPECT_TRUE(p.is_owned());
    EXPECT_EQ(content(p), (Bytes{9, 8, 8, 1, 2, 3, 4}));
}

TEST(Packet, append_beyond_the_tailroom_keeps_the_bytes) {
    uint8_t lent[4] = {1, 2, 3, 4};
    Packet p = Packet::borrow(lent, 4, 0, 4);
    std::memset(p.append(100), 5, 100);
    EXPECT_EQ(p.size(), 104u);
    EXPECT_EQ(p.data()[3], 4);
    EXPECT_EQ(p.data()[103], 5);
}

TEST(Packet, an_owned_packet_outlives_its_lender) {
    Packet p;
    {
        auto lent = std::make_unique<uint8_t[]>(4);
        lent[0] = 42;
        p = Packet::borrow(lent.get(), 4, 0, 4);
        p.own();
    }
    EXPECT_EQ(p.data()[0], 42);
}

TEST(Packet, a_clone_has_the_same_bytes_and_offload_and_its_own_memory) {
    Packet p = sample();
    p.in_port = DpPort{3};
    Packet q = p.clone();
    q.data()[0] = 99;
    EXPECT_EQ(p.data()[0], 1);
    EXPECT_EQ(q.offload, p.offload);
    EXPECT_EQ(q.in_port, DpPort{3});
}

TEST(Batch, holds_32_packets_in_order) {
    Batch b;
    for (uint8_t i = 0; i < Batch::capacity; ++i) EXPECT_TRUE(b.push(Packet::copy_of(Bytes{i})));
    EXPECT_FALSE(b.push(sample()));
    EXPECT_EQ(b[31].data()[0], 31);
    b.clear();
    EXPECT_TRUE(b.empty());
}

}  // namespace
}  // namespace weft::packet
