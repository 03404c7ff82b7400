// SPDX-License-Identifier: Apache-2.0
#include "flow/table_text.h"

#include <gtest/gtest.h>

namespace weft::flow {
namespace {

TEST(TableText, tables_have_numbers_and_names) {
    TableNames names;
    names.add(1, "l2");
    names.add(2, "acl-in");
    names.add(3, "");
    EXPECT_EQ(format_table(1, &names), "l2");
    EXPECT_EQ(format_table(2, &names), "\"acl-in\"");
    EXPECT_EQ(format_table(3, &names), "3");
    EXPECT_EQ(format_table(1), "1");
    for (uint8_t table = 1; table < 4; ++table)
        EXPECT_EQ(parse_table(format_table(table, &names), &names), table);
    EXPECT_EQ(parse_table("acl-in", &names), 2);
    EXPECT_EQ(parse_table("255"), 255);
    EXPECT_EQ(parse_table("0x10"), 16);
    for (const std::string_view bad : {"256", "-1", "", "x", "1x", "l3"})
        EXPECT_FALSE(parse_table(bad, &names)) << bad;
}

TEST(TableText, a_name_that_two_tables_have_names_none) {
    TableNames names;
    names.add(1, "same");
    names.add(2, "same");
    EXPECT_FALSE(parse_table("same", &names));
    EXPECT_EQ(format_table(1, &names), "1");
}

}  // namespace
}  // namespace weft::flow
