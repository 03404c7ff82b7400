// SPDX-License-Identifier: Apache-2.0
#include "flow/sparse.h"

#include <gtest/gtest.h>

#include "base/prng.h"

namespace weft::flow {
namespace {

/// A few random bits in a few random words.
Match random_match(Prng& prng) {
    Match m;
    const auto key = words(m.key), mask = words(m.mask);
    for (uint64_t n = prng.below(4); n > 0; --n) {
        const size_t i = prng.one_in(2) ? 0 : prng.below(key_words);
        mask[i] = prng.next() & 3;
        key[i] = prng.next() & mask[i];
    }
    return m;
}
FlowKey random_key(Prng& prng) {
    FlowKey k{};
    for (uint64_t& w : words(k)) w = prng.next() & 3;
    return k;
}

TEST(SparseMatch, answers_as_the_full_match_does) {
    Prng prng(1);
    for (int round = 0; round < 3000; ++round) {
        const Match a = random_match(prng), b = prng.one_in(4) ? a : random_match(prng);
        const SparseMatch sa(a), sb(b);
        ASSERT_EQ(sa.expand(), a);
        ASSERT_EQ(sa == sb, a == b);
        ASSERT_EQ(sa.same_mask(sb), a.mask == b.mask);
        if (sa == sb) ASSERT_EQ(sa.key_hash(), sb.key_hash());
        const FlowKey k = random_key(prng);
        ASSERT_EQ(sa.matches(k), a.matches(k));
        if (sa.covers(sb) && b.matches(k)) ASSERT_TRUE(a.matches(k));
        if (a.matches(k) && b.matches(k)) ASSERT_TRUE(sa.overlaps(sb));
        ASSERT_EQ(sa.overlaps(sb), sb.overlaps(sa));
        ASSERT_TRUE(SparseMatch().covers(sa));
        SparseMatch copy;
        copy = sa;
        ASSERT_EQ(copy, sa);
        // Whoever shares a mask says the same.
        const SparseMatch like(a, sb);
        ASSERT_EQ(like, sa);
        ASSERT_EQ(like.shares_mask(sb), a.mask == b.mask);
        copy.share_mask(sb);
        ASSERT_EQ(copy, sa);
        ASSERT_EQ(copy.shares_mask(sb), a.mask == b.mask);
        copy = sb;
        ASSERT_EQ(copy, sb);
    }
}

TEST(SparseMatch, covers_needs_every_bit_and_value) {
    Match net, host, other;
    net.with(FieldId::ip_src, FieldValue::from_u64(0x0a000000), FieldValue::from_u64(0xff000000));
    host.with(FieldId::ip_src, FieldValue::from_u64(0x0a000001));
    other.with(FieldId::ip_src, FieldValue::from_u64(0x0b000001));
    EXPECT_TRUE(SparseMatch(net).covers(SparseMatch(host)));
    EXPECT_FALSE(SparseMatch(host).covers(SparseMatch(net)));
    EXPECT_FALSE(SparseMatch(net).covers(SparseMatch(other)));
    EXPECT_FALSE(SparseMatch(net).overlaps(SparseMatch(other)));
}

}  // namespace
}  // namespace weft::flow
