// SPDX-License-Identifier: Apache-2.0
#include "flow/field_words.h"

#include <gtest/gtest.h>

#include "base/prng.h"

namespace weft::flow {
namespace {

TEST(FieldWords, agree_with_the_bits_of_the_field) {
    Prng prng(7);
    size_t whole = 0, some = 0, none = 0;
    for (int round = 0; round < 2000; ++round) {
        FlowMask mask{};
        // Words that are empty, full, or have any bits.
        for (uint64_t& word : words(mask)) {
            const uint64_t kind = prng.below(4);
            word = kind == 0 ? 0 : kind == 1 ? prng.next() : ~uint64_t{0};
        }
        for (const Field& f : fields()) {
            const FieldValue bits = get_field(mask, f.id), legal = legal_bits(f.id);
            const bool any = !bits.is_zero(), all = (bits & legal) == legal;
            ASSERT_EQ(field_words(f.id).any_in(mask), any) << f.name;
            ASSERT_EQ(field_words(f.id).whole_in(mask), all) << f.name;
            ++(all ? whole : any ? some : none);
        }
    }
    EXPECT_GT(whole, 1000);
    EXPECT_GT(some, 1000);
    EXPECT_GT(none, 1000);
}

}  // namespace
}  // namespace weft::flow
