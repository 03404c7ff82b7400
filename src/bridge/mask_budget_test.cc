// SPDX-License-Identifier: Apache-2.0
#include "bridge/mask_budget.h"

#include <gtest/gtest.h>

#include <set>

namespace weft::bridge {
namespace {

using flow::FlowKey;
using flow::FlowMask;

constexpr size_t limit = 10;
constexpr DpPort attacker{3}, victim{1};

FlowKey tcp_packet() {
    FlowKey key{};
    key.packet.eth_type = Be16(0x0800);
    key.packet.nw_proto = 6;
    return key;
}

/// A mask as a rule on another bit of each field leaves it.
FlowMask crafted(unsigned n) {
    FlowMask mask{};
    mask.packet.in_port = Be32(~0u);
    mask.packet.nw_src = Be32(~0u << (31 - n % 32));
    mask.packet.tp_src = Be16(static_cast<uint16_t>(~0u << (15 - n / 32 % 16)));
    return mask;
}

bool has_all_bits(const FlowMask& mask, const FlowMask& needed) {
    for (size_t i = 0; i < flow::key_words; ++i)
        if (flow::words(needed)[i] & ~flow::words(mask)[i]) return false;
    return true;
}

TEST(MaskBudget, a_port_brings_few_masks_whatever_its_packets_are_like) {
    MaskBudget budget(limit);
    size_t merged = 0, told = 0;
    for (unsigned n = 0; n < 512; ++n) {
        const auto admitted = budget.admit(attacker, tcp_packet(), crafted(n));
        EXPECT_TRUE(has_all_bits(admitted.mask, crafted(n))) << "a flow must not match more than it may";
        merged += admitted.merged;
        told += admitted.first;
    }
    ASSERT_EQ(budget.uses().size(), 1u);
    const auto use = budget.uses().front();
    EXPECT_EQ(use.port, attacker);
    EXPECT_LE(use.masks, limit + 1)
        << "merged masks have whole fields, of which there is one combination here";
    EXPECT_EQ(use.merged, merged);
    EXPECT_GE(merged, 500u);
    EXPECT_EQ(told, 1u);
}

TEST(MaskBudget, other_ports_do_not_notice) {
    MaskBudget budget(limit);
    for (unsigned n = 0; n < 100; ++n) budget.admit(attacker, tcp_packet(), crafted(n));
    const auto admitted = budget.admit(victim, tcp_packet(), crafted(7));
    EXPECT_FALSE(admitted.merged);
    EXPECT_EQ(admitted.mask, crafted(7));
}

TEST(MaskBudget, a_mask_that_is_there_already_may_be_used_again) {
    MaskBudget budget(limit);
    for (unsigned n = 0; n < limit; ++n) budget.admit(attacker, tcp_packet(), crafted(n));
    EXPECT_FALSE(budget.admit(attacker, tcp_packet(), crafted(limit - 1)).merged);
}

TEST(MaskBudget, flows_that_go_make_room) {
    MaskBudget budget(limit);
    std::vector<uint64_t> names;
    for (unsigned n = 0; n < 30; ++n) names.push_back(budget.admit(attacker, tcp_packet(), crafted(n)).name);
    for (const uint64_t name : names) budget.release(attacker, name);
    EXPECT_EQ(budget.uses().front().masks, 0u);
    EXPECT_FALSE(budget.admit(attacker, tcp_packet(), crafted(1)).merged);
    size_t told = 0;
    for (unsigned n = 0; n < 30; ++n) told += budget.admit(attacker, tcp_packet(), crafted(n)).first;
    EXPECT_EQ(told, 1u) << "a new attack is told of again";
}

}  // namespace
}  // namespace weft::bridge
