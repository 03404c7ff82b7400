// SPDX-License-Identifier: Apache-2.0
#include "pipeline/eviction.h"

#include <gtest/gtest.h>

#include "flow/match_text.h"
#include "pipeline/testing.h"

namespace weft::pipeline {
namespace {

MutableRulePtr rule(std::string_view match, uint16_t idle_s, uint16_t importance = 0) {
    RuleSpec spec{.idle_timeout_s = idle_s,
                  .importance = importance,
                  .actions = std::make_shared<const action::Actions>()};
    return Rule::make(0, flow::SparseMatch(*flow::parse_match(match)), 1, std::move(spec), Time{});
}

TEST(EvictionGroups, the_largest_group_gives_what_expires_soonest) {
    EvictionGroups groups({flow::whole(flow::FieldId::in_port)});
    const auto lonely = rule("in_port=1", 1), first = rule("in_port=2", 20),
               second = rule("in_port=2,ip", 10);
    for (const auto& r : {lonely, first, second}) groups.add(*r);
    EXPECT_EQ(groups.victim(), second.get());
    groups.remove(*second);
    EXPECT_EQ(groups.victim(), lonely.get()) << "of groups of one size, the soonest";
}

TEST(EvictionGroups, less_important_rules_go_first) {
    EvictionGroups groups({flow::whole(flow::FieldId::in_port)});
    const auto important = rule("in_port=2", 1, 5), other = rule("in_port=2,ip", 10, 3);
    groups.add(*important);
    groups.add(*other);
    EXPECT_EQ(groups.victim(), other.get());
}

TEST(EvictionGroups, a_rule_in_use_moves_back) {
    EvictionGroups groups({flow::whole(flow::FieldId::in_port)});
    const auto used = rule("in_port=2", 10), idle = rule("in_port=2,ip", 11);
    groups.add(*used);
    groups.add(*idle);
    used->cell().touch(Time{} + 5s);
    EXPECT_EQ(groups.victim(), idle.get());
    groups.remove(*used);
    groups.remove(*idle);
    EXPECT_EQ(groups.victim(), nullptr);
}

}  // namespace
}  // namespace weft::pipeline
