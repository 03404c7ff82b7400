// SPDX-License-Identifier: Apache-2.0
#include "flow/key_value.h"

#include <gtest/gtest.h>

namespace weft::flow {
namespace {

TEST(KeyValue, separators_inside_parentheses_and_quotes_do_not_separate) {
    std::string_view items = "a,b=1 c(d,e=f(g)),h:i->j[1..2], \"k,l\" m=(n,o)";
    const auto expect = [&](std::string_view key, std::string_view value, std::string_view whole) {
        const auto kv = next_key_value(items);
        ASSERT_TRUE(kv);
        EXPECT_EQ(kv->key, key);
        EXPECT_EQ(kv->value, value);
        EXPECT_EQ(kv->text, whole);
    };
    expect("a", "", "a");
    expect("b", "1", "b=1");
    expect("c", "d,e=f(g)", "c(d,e=f(g))");
    expect("h", "i->j[1..2]", "h:i->j[1..2]");
    expect("\"k,l\"", "", "\"k,l\"");
    expect("m", "(n,o)", "m=(n,o)");
    EXPECT_FALSE(next_key_value(items));
}

TEST(KeyValue, unbalanced_text_ends) {
    for (const char* text : {"((((", "a(", "\"", "a=(", ")", "=", ":", "\\\"("}) {
        std::string_view items = text;
        int n = 0;
        while (next_key_value(items)) ASSERT_LT(++n, 10) << text;
    }
}

}  // namespace
}  // namespace weft::flow
