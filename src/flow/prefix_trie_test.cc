// SPDX-License-Identifier: Apache-2.0
#include "flow/prefix_trie.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/prng.h"
#include "flow/prefix_field.h"

namespace weft::flow {
namespace {

struct Prefix {
    PrefixBits bits;
    unsigned length;
};

/// Few bits are random, so that prefixes share their beginnings.
PrefixBits random_bits(Prng& prng) {
    return {prng.below(16) << 60 | prng.below(4) << 30, prng.below(8) << 61};
}
Prefix random_prefix(Prng& prng) {
    constexpr unsigned lengths[] = {1, 2, 3, 4, 32, 33, 34, 63, 64, 65, 66, 127, 128};
    const unsigned length = lengths[prng.below(std::size(lengths))];
    return {random_bits(prng).first(length), length};
}

TEST(PrefixTrie, knows_the_prefixes_that_were_inserted_and_not_removed) {
    Prng prng(1);
    PrefixTrie trie([](const std::shared_ptr<const void>&) {});
    std::vector<Prefix> model;
    for (int step = 0; step < 4000; ++step) {
        if (model.size() < 5 || prng.below(40) > model.size()) {
            model.push_back(random_prefix(prng));
            trie.insert(model.back().bits, model.back().length);
        } else {
            const size_t i = prng.below(model.size());
            trie.remove(model[i].bits, model[i].length);
            model.erase(model.begin() + static_cast<ptrdiff_t>(i));
        }
        const PrefixBits value = random_bits(prng);
        const auto answer = trie.lookup(value);
        for (unsigned n = 1; n <= max_prefix; ++n) {
            const bool there = std::ranges::any_of(
                model, [&](const Prefix& p) { return p.length == n && p.bits == value.first(n); });
            ASSERT_EQ(answer.has(n), there) << "step " << step << " length " << n;
        }
    }
}

TEST(PrefixTrie, counts_a_prefix_however_often_it_comes) {
    PrefixTrie trie([](const std::shared_ptr<const void>&) {});
    const PrefixBits value{uint64_t{0xa000001} << 32, 0};
    for (int i = 0; i < 1000; ++i) trie.insert(value, 32);
    for (int i = 0; i < 999; ++i) trie.remove(value, 32);
    EXPECT_TRUE(trie.lookup(value).has(32));
    trie.remove(value, 32);
    EXPECT_FALSE(trie.lookup(value).has(32));
}

/// Values with the same first proof(n) bits agree in whether they have the prefix; one bit less does not
/// tell.
TEST(PrefixTrie, proves_that_a_length_is_missing_by_as_few_bits_as_possible) {
    Prng prng(2);
    for (int round = 0; round < 300; ++round) {
        PrefixTrie trie([](const std::shared_ptr<const void>&) {});
        std::vector<Prefix> model;
        for (uint64_t i = 0, n = prng.below(8); i < n; ++i) {
            model.push_back(random_prefix(prng));
            trie.insert(model.back().bits, model.back().length);
        }
        const PrefixBits value = random_bits(prng);
        const auto answer = trie.lookup(value);
        unsigned longest = 0;
        for (const Prefix& p : model) {
            longest = std::max(longest, p.length);
            if (answer.has(p.length)) continue;
            const unsigned shared = p.bits.common(value);
            EXPECT_LT(shared, answer.proof(p.length)) << "a prefix of this length could still match";
        }
        if (answer.depth < 2 || answer.depth > longest || answer.has(longest)) continue;
        const bool needed = std::ranges::any_of(
            model, [&](const Prefix& p) { return p.bits.common(value) + 1 >= answer.depth; });
        EXPECT_TRUE(needed) << "bit " << answer.depth << " rules nothing out";
    }
}

TEST(PrefixTrie, an_empty_one_needs_no_bits) {
    PrefixTrie trie([](const std::shared_ptr<const void>&) {});
    EXPECT_EQ(trie.lookup({}).depth, 0u);
    trie.insert({~uint64_t{0}, 0}, 8);
    EXPECT_EQ(trie.lookup({}).depth, 1u);
    trie.remove({~uint64_t{0}, 0}, 8);
    EXPECT_EQ(trie.lookup({}).depth, 0u);
}

TEST(PrefixField, a_mask_that_is_no_prefix_has_length_0) {
    const auto length = [](FieldId id, uint64_t mask) {
        return PrefixField::of(id)->length_in(
            SparseMatch(Match{}.with(id, FieldValue::from_u64(0), FieldValue::from_u64(mask))));
    };
    EXPECT_EQ(length(FieldId::ip_src, 0xffffff00), 24u);
    EXPECT_EQ(length(FieldId::ip_dst, 0xffffffff), 32u);
    EXPECT_EQ(length(FieldId::ip_dst, 0xffff00ff), 0u);
    EXPECT_EQ(length(FieldId::ip_dst, 0x00ffffff), 0u);
    EXPECT_EQ(length(FieldId::ip_dst, 0), 0u);
    EXPECT_EQ(length(FieldId::tcp_dst, 0xff00), 8u);
    EXPECT_EQ(length(FieldId::tun_id, ~uint64_t{0} << 40), 24u);
}

TEST(PrefixField, a_prefix_lies_where_the_match_has_it) {
    for (const FieldId id : {FieldId::ip_src, FieldId::ip_dst, FieldId::tcp_src, FieldId::tcp_dst,
                             FieldId::tun_id, FieldId::ipv6_src, FieldId::ipv6_dst, FieldId::tun_src}) {
        const auto f = PrefixField::of(id);
        ASSERT_TRUE(f);
        for (unsigned n = 1; n <= f->width; ++n) {
            FlowMask wanted{}, got{};
            set_bits(wanted, {id, static_cast<uint16_t>(f->width - n), static_cast<uint16_t>(n)},
                     FieldValue::ones(n));
            f->for_each_word(n, [&](size_t word, uint64_t bits) { words(got)[word] |= bits; });
            ASSERT_EQ(wanted, got) << field(id).name << "/" << n;
            ASSERT_EQ(f->read(wanted), (PrefixBits{~uint64_t{0}, ~uint64_t{0}}.first(n)));
        }
    }
}

}  // namespace
}  // namespace weft::flow
