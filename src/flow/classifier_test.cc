// SPDX-License-Identifier: Apache-2.0
#include "flow/classifier.h"

#include <gtest/gtest.h>

#include <deque>
#include <thread>

#include "base/prng.h"
#include "flow/rule_sets.h"

namespace weft::flow {
namespace {

struct Rule : ClassifierRule {
    using ClassifierRule::ClassifierRule;
};

FieldValue u(uint64_t v) { return FieldValue::from_u64(v); }

constexpr FieldId ids[] = {FieldId::in_port, FieldId::eth_dst, FieldId::eth_type, FieldId::ip_src,
                           FieldId::tcp_dst, FieldId::reg0,    FieldId::ipv6_dst, FieldId::vlan_tci};

uint64_t random_value(Prng& prng) { return prng.below(4) | prng.below(2) << 12; }

/// Few masks, so that subtables fill and empty; few values, so that rules overlap.
Match random_match(Prng& prng) {
    constexpr uint64_t bits[] = {0xffff, 0xff, 0x3, 0x1000, 1};
    Prng shape(prng.below(12));
    Match m;
    for (const FieldId id : ids)
        if (shape.one_in(3)) m.with(id, u(random_value(prng)), u(bits[shape.below(5)]));
    return m;
}
/// Often close to each other.
int32_t random_priority(Prng& prng) {
    return static_cast<int32_t>(prng.one_in(2) ? prng.below(20) : prng.below(200'000));
}
FlowKey random_key(Prng& prng) {
    Match m;
    for (const FieldId id : ids) m.with(id, u(random_value(prng)));
    return m.key;
}

/// All rules ever made, and the answer by looking at each.
class Reference {
  public:
    explicit Reference(uint64_t seed) : prng_(seed) {}

    void step(Classifier& c) {
        ++version_;
        if (live_.size() < 60 || prng_.one_in(2)) {
            const bool twin = !live_.empty() && prng_.one_in(4);
            const Match m = twin ? live_[prng_.below(live_.size())]->match().expand() : random_match(prng_);
            const int32_t priority = random_priority(prng_);
            if (c.find_exact(SparseMatch(m), priority, version_)) return;
            Rule& r = rules_.emplace_back(m, priority, version_);
            c.insert(r);
            live_.push_back(&r);
        } else {
            const size_t i = prng_.below(live_.size());
            live_[i]->set_removed(version_);
            gone_.push_back(live_[i]);
            live_.erase(live_.begin() + static_cast<ptrdiff_t>(i));
        }
        // Versions older than 50 steps are read by no one.
        while (!gone_.empty() && gone_.front()->removed() + 50 < version_) {
            c.remove(*gone_.front());
            gone_.pop_front();
        }
    }
    template <class Want>
    std::vector<Rule*> rules(Version v, Want want) {
        std::vector<Rule*> out;
        for (Rule& r : rules_)
            if (r.visible(v) && want(r)) out.push_back(&r);
        return out;
    }
    int32_t best_priority(const FlowKey& k, Version v) {
        int32_t best = -1;
        for (const Rule* r : rules(v, [&](const Rule& x) { return x.match().matches(k); }))
            best = std::max(best, r->priority());
        return best;
    }
    Version version() const { return version_; }
    Prng& prng() { return prng_; }

  private:
    Prng prng_;
    std::deque<Rule> rules_;
    std::vector<Rule*> live_;
    std::deque<Rule*> gone_;
    Version version_ = 100;
};

int32_t priority_of(const ClassifierRule* r) { return r ? r->priority() : -1; }

TEST(Classifier, finds_in_every_version_what_a_look_at_all_rules_finds) {
    for (uint64_t seed = 1; seed <= 3; ++seed) {
        Reference ref(seed);
        Classifier c;
        for (int i = 0; i < 400; ++i) {
            ref.step(c);
            const Version v = ref.version() - ref.prng().below(40);
            const FlowKey k = random_key(ref.prng());
            const ClassifierRule* found = c.lookup(k, v);
            ASSERT_EQ(priority_of(found), ref.best_priority(k, v)) << "seed " << seed << " step " << i;
            if (found) ASSERT_TRUE(found->match().matches(k) && found->visible(v));
        }
    }
}

/// Bits that were not observed may take any value without changing the answer.
TEST(Classifier, observes_every_bit_that_the_answer_depends_on) {
    Reference ref(7);
    Classifier c;
    Prng& prng = ref.prng();
    for (int i = 0; i < 600; ++i) {
        ref.step(c);
        const FlowKey k = random_key(prng);
        FlowView view(k);
        const ClassifierRule* found = c.lookup(view, ref.version()).rule;
        const auto mask = words(view.mask());
        for (int flips = 0; flips < 8; ++flips) {
            FlowKey other = random_key(prng);
            const auto o = words(other);
            for (size_t w = 0; w < key_words; ++w) o[w] = (words(k)[w] & mask[w]) | (o[w] & ~mask[w]);
            ASSERT_EQ(priority_of(c.lookup(other, ref.version())), priority_of(found)) << "step " << i;
        }
    }
}

/// So many masks that their subtables are found, probed and visited in turns. What was observed tells that
/// the rule matches, and that none above it does.
TEST(Classifier, in_filter_tables_finds_what_a_look_at_all_rules_finds_and_observes_why) {
    for (const RuleSetKind kind : {RuleSetKind::acl, RuleSetKind::fw, RuleSetKind::ipc}) {
        const RuleSet set = make_rule_set(kind, 400, 100, 5);
        std::deque<Rule> rules;
        Classifier c;
        for (const FilterRule& r : set.rules) c.insert(rules.emplace_back(r.match(), r.priority));
        ASSERT_GT(c.n_subtables(), 60u);
        for (const FilterPacket& packet : set.packets) {
            FlowView view(packet.key());
            const ClassifierRule* found = c.lookup(view, 0).rule;
            Match looked_at{view.key_for_lookup(), view.mask()};
            looked_at.normalize();
            const SparseMatch observed(looked_at);
            if (found) EXPECT_TRUE(found->match().covers(observed));
            for (const Rule& r : rules)
                if (r.priority() > priority_of(found)) ASSERT_FALSE(r.match().overlaps(observed));
        }
    }
}

TEST(Classifier, strict_loose_and_overlap_searches_find_what_a_look_at_all_rules_finds) {
    Reference ref(3);
    Classifier c;
    for (int i = 0; i < 300; ++i) {
        ref.step(c);
        const Match m = random_match(ref.prng());
        const SparseMatch s(m);
        const Version v = ref.version();
        size_t visited = 0;
        c.for_each(s, v, [&](ClassifierRule& r) {
            EXPECT_TRUE(s.covers(r.match()));
            ++visited;
            return true;
        });
        ASSERT_EQ(visited, ref.rules(v, [&](const Rule& r) { return s.covers(r.match()); }).size());
        for (const Rule* r : ref.rules(v, [&](const Rule&) { return ref.prng().one_in(10); })) {
            ASSERT_EQ(c.find_exact(r->match(), r->priority(), v), r);
            const auto clash = ref.rules(
                v, [&](const Rule& x) { return x.priority() == r->priority() && x.match().overlaps(s); });
            ASSERT_EQ(c.find_overlap(s, r->priority(), v) != nullptr, !clash.empty());
        }
    }
}

TEST(Classifier, a_rule_is_replaced_without_a_gap) {
    Classifier c;
    Match m;
    m.with(FieldId::in_port, u(1));
    Rule old(m, 10, 1), fresh(m, 10, 2);
    c.insert(old);
    old.set_removed(2);
    c.insert(fresh);
    EXPECT_EQ(c.lookup(m.key, 1), &old);
    EXPECT_EQ(c.lookup(m.key, 2), &fresh);
    EXPECT_EQ(c.find_exact(fresh.match(), 10, 2), &fresh);
    c.remove(old);
    EXPECT_EQ(c.lookup(m.key, 2), &fresh);
    c.remove(fresh);
    EXPECT_EQ(c.lookup(m.key, 2), nullptr);
    EXPECT_EQ(c.n_subtables(), 0u);
}

TEST(Classifier, subtables_of_lower_priority_are_neither_searched_nor_observed) {
    Classifier c;
    Match port, address;
    port.with(FieldId::in_port, u(1));
    address.with(FieldId::ip_src, u(1));
    Rule high(port, 10), low(address, 5);
    c.insert(low);
    c.insert(high);
    FlowView view(port.key);
    EXPECT_EQ(c.lookup(view, 0).rule, &high);
    EXPECT_EQ(view.mask().packet.nw_src, Be32(0));
    c.remove(high);
    c.remove(low);
}

TEST(Classifier, a_later_subtable_wins_by_one) {
    Classifier c;
    Match port1, port2, address;
    port1.with(FieldId::in_port, u(1));
    port2.with(FieldId::in_port, u(2));
    address.with(FieldId::ip_src, u(1));
    Rule first(port2, 100), low(port1, 5), better(address, 6);
    for (Rule* r : {&first, &low, &better}) c.insert(*r);
    FlowKey k = port1.key;
    k.packet.nw_src = Be32(1);
    EXPECT_EQ(c.lookup(k, 0), &better);
}

TEST(Classifier, readers_go_on_while_a_writer_edits) {
    std::vector<std::shared_ptr<const void>> retired;  // the grace period is the whole test
    Classifier c([&](std::shared_ptr<const void> p) { retired.push_back(std::move(p)); });
    std::deque<Rule> rules;
    Match low;
    Rule always(low, 0);
    c.insert(always);
    std::atomic<Version> version{1};
    std::atomic<bool> stop{false};
    const auto read = [&](uint64_t seed) {
        Prng prng(seed);
        while (!stop.load(std::memory_order_relaxed)) {
            const Version v = version.load(std::memory_order_acquire);
            const FlowKey k = random_key(prng);
            const ClassifierRule* found = c.lookup(k, v);
            CHECK(found && found->match().matches(k) && found->added() <= v);
        }
    };
    std::jthread a(read, 1), b(read, 2);
    Prng prng(3);
    for (Version v = 2; v < 1000; ++v) {
        Rule& r = rules.emplace_back(random_match(prng), static_cast<int32_t>(1 + prng.below(9)), v);
        c.insert(r);
        if (v % 3 == 0) {
            Rule& gone = rules[prng.below(rules.size())];
            if (gone.removed() == version_never) {
                gone.set_removed(v);
                c.remove(gone);
            }
        }
        version.store(v, std::memory_order_release);
    }
    stop = true;
}

}  // namespace
}  // namespace weft::flow
