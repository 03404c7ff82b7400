// SPDX-License-Identifier: Apache-2.0
// Which bits a lookup un-wildcards, and conjunctive matches. The masks are those of Open vSwitch 3.1, but
// where ours are wider.
#include <gtest/gtest.h>

#include <deque>

#include "flow/classifier.h"
#include "flow/match_text.h"

namespace weft::flow {
namespace {

Match match_of(std::string_view text) { return *parse_match(text); }

struct Rule : ClassifierRule {
    using ClassifierRule::ClassifierRule;
};

class Wildcards : public ::testing::Test {
  protected:
    ClassifierRule* add(int32_t priority, std::string_view match, std::vector<Clause> clauses = {}) {
        classifier_.insert(rules_.emplace_back(match_of(match), priority, 0, std::move(clauses)));
        return &rules_.back();
    }
    /// What is un-wildcarded of a packet, as a match in text.
    std::string looked_at(std::string_view packet) {
        FlowView view(match_of(packet).key);
        found_ = classifier_.lookup(view, 0);
        Match m{view.key_for_lookup(), view.mask()};
        m.mask.pipe = {};
        m.mask.packet.eth_type = be_max<Be16>;  // as megaflows do
        m.normalize();
        return format_match(m);
    }
    ClassifierRule* lookup(std::string_view packet) {
        looked_at(packet);
        return found_.rule;
    }

    std::deque<Rule> rules_;
    Classifier classifier_;
    Classifier::Found found_;
};

TEST_F(Wildcards, a_stage_that_fails_spares_the_later_ones) {
    add(1, "in_port=1,tcp,nw_tos=4,tp_dst=80");
    EXPECT_EQ(looked_at("in_port=2,tcp,nw_tos=4,tp_dst=80"), "ip,in_port=2");
    EXPECT_EQ(looked_at("in_port=1,tcp,nw_tos=8,tp_dst=80"), "tcp,in_port=1,nw_tos=8");
    EXPECT_EQ(looked_at("in_port=1,tcp,nw_tos=4,tp_dst=80"), "tcp,in_port=1,nw_tos=4,tp_dst=80");
}

TEST_F(Wildcards, an_address_that_no_rule_has_is_told_by_its_first_bits) {
    add(2, "ip,nw_dst=10.1.2.3");
    add(1, "ip,nw_dst=10.1.0.0/16");
    EXPECT_EQ(looked_at("ip,nw_dst=11.1.2.3"), "ip,nw_dst=11.0.0.0/8");
    EXPECT_EQ(looked_at("ip,nw_dst=10.2.0.0"), "ip,nw_dst=10.2.0.0/15");
    EXPECT_EQ(looked_at("ip,nw_dst=10.1.128.1"), "ip,nw_dst=10.1.128.0/17");
    EXPECT_EQ(looked_at("ip,nw_dst=10.1.2.3"), "ip,nw_dst=10.1.2.3");
}

TEST_F(Wildcards, without_tracked_fields_the_whole_address_is_looked_at) {
    add(2, "ip,nw_dst=10.1.2.3");
    classifier_.set_prefix_fields({});
    EXPECT_EQ(looked_at("ip,nw_dst=11.1.2.3"), "ip,nw_dst=11.1.2.3");
    constexpr FieldId fields[] = {FieldId::ip_dst};
    classifier_.set_prefix_fields(fields);
    EXPECT_EQ(looked_at("ip,nw_dst=11.1.2.3"), "ip,nw_dst=11.0.0.0/8");
}

TEST_F(Wildcards, ipv6_addresses_are_tracked_if_told) {
    add(2, "ipv6,ipv6_dst=2001:db8::1");
    constexpr FieldId fields[] = {FieldId::ipv6_dst};
    classifier_.set_prefix_fields(fields);
    EXPECT_EQ(looked_at("ipv6,ipv6_dst=fe80::1"), "ipv6,ipv6_dst=8000::/1");
}

TEST_F(Wildcards, a_port_that_no_rule_has_is_told_by_its_first_bits) {
    add(1, "tcp,tp_dst=80");
    EXPECT_EQ(looked_at("tcp,tp_dst=0x8000"), "ip,tp_dst=0x8000/0x8000");
}

TEST_F(Wildcards, rules_that_cannot_win_are_not_looked_at) {
    ClassifierRule* all = add(5, "in_port=1");
    add(4, "ip,nw_dst=10.0.0.0/8");
    add(6, "in_port=1,ip,nw_src=10.0.0.0/8");
    EXPECT_EQ(looked_at("in_port=1,ip,nw_src=192.168.0.1,nw_dst=10.1.1.1"),
              "ip,in_port=1,nw_src=128.0.0.0/1");
    EXPECT_EQ(found_.rule, all);
}

constexpr uint32_t id = 7;
std::vector<Clause> clause(uint8_t k, uint8_t n, uint32_t conjunction = id) { return {{conjunction, k, n}}; }

TEST_F(Wildcards, a_conjunction_matches_when_all_its_clauses_are_met) {
    add(10, "ip,nw_src=10.0.0.1", clause(0, 2));
    add(10, "ip,nw_src=10.0.0.2", clause(0, 2));
    add(10, "ip,nw_dst=10.0.0.3", clause(1, 2));
    ClassifierRule* then = add(1, "conj_id=7");
    EXPECT_EQ(lookup("ip,nw_src=10.0.0.2,nw_dst=10.0.0.3"), then);
    EXPECT_EQ(found_.floor, 1);
    EXPECT_EQ(lookup("ip,nw_src=10.0.0.2,nw_dst=10.0.0.4"), nullptr);
    EXPECT_EQ(lookup("ip,nw_src=10.0.0.9,nw_dst=10.0.0.3"), nullptr);
    EXPECT_EQ(looked_at("ip,nw_src=10.0.0.9,nw_dst=11.0.0.3"), "ip,nw_src=10.0.0.8/29,nw_dst=11.0.0.0/8");
}

TEST_F(Wildcards, a_plain_rule_of_the_same_priority_or_above_wins) {
    add(10, "ip,nw_src=10.0.0.1", clause(0, 2));
    add(10, "ip,nw_dst=10.0.0.2", clause(1, 2));
    ClassifierRule* then = add(1, "conj_id=7");
    ClassifierRule* plain = add(10, "tcp");
    EXPECT_EQ(lookup("tcp,nw_src=10.0.0.1,nw_dst=10.0.0.2"), plain);
    EXPECT_EQ(lookup("udp,nw_src=10.0.0.1,nw_dst=10.0.0.2"), then);
}

TEST_F(Wildcards, the_second_lookup_is_one_like_any_other) {
    add(10, "ip,nw_src=10.0.0.1", clause(0, 2));
    add(10, "ip,nw_dst=10.0.0.2", clause(1, 2));
    ClassifierRule* general = add(7, "tcp");
    ClassifierRule* then = add(5, "conj_id=7");
    EXPECT_EQ(lookup("tcp,nw_src=10.0.0.1,nw_dst=10.0.0.2"), general);
    EXPECT_EQ(lookup("udp,nw_src=10.0.0.1,nw_dst=10.0.0.2"), then);
    EXPECT_EQ(found_.floor, 5);
}

TEST_F(Wildcards, a_conjunction_without_its_flow_is_as_if_it_were_not_there) {
    add(10, "ip,nw_src=10.0.0.1", clause(0, 2));
    add(10, "ip,nw_dst=10.0.0.2", clause(1, 2));
    EXPECT_EQ(lookup("ip,nw_src=10.0.0.1,nw_dst=10.0.0.2"), nullptr);
    add(4, "ip,nw_src=10.0.0.1", clause(0, 2, 8));
    add(4, "ip,nw_dst=10.0.0.0/8", clause(1, 2, 8));
    ClassifierRule* lower = add(6, "conj_id=8");
    EXPECT_EQ(lookup("ip,nw_src=10.0.0.1,nw_dst=10.0.0.2"), lower);
    EXPECT_EQ(found_.floor, 4);
}

TEST_F(Wildcards, clauses_of_other_priorities_do_not_count) {
    add(10, "ip,nw_src=10.0.0.1", clause(0, 2));
    add(9, "ip,nw_dst=10.0.0.2", clause(1, 2));
    add(1, "conj_id=7");
    EXPECT_EQ(lookup("ip,nw_src=10.0.0.1,nw_dst=10.0.0.2"), nullptr);
}

TEST_F(Wildcards, a_conjunction_leaves_conj_id_as_it_was) {
    add(10, "ip,nw_src=10.0.0.1", clause(0, 2));
    add(10, "ip,nw_dst=10.0.0.2", clause(1, 2));
    add(1, "conj_id=7");
    FlowView view(match_of("ip,nw_src=10.0.0.1,nw_dst=10.0.0.2").key);
    EXPECT_NE(classifier_.lookup(view, 0).rule, nullptr);
    EXPECT_EQ(view.key_for_lookup().pipe.conj_id, Be32(0));
}

}  // namespace
}  // namespace weft::flow
