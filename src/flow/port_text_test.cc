// SPDX-License-Identifier: Apache-2.0
#include "flow/port_text.h"

#include <gtest/gtest.h>

namespace weft::flow {
namespace {

TEST(PortText, standard_ports_have_names_in_any_case) {
    EXPECT_EQ(format_port(ofpp::local), "LOCAL");
    EXPECT_EQ(format_port(ofpp::none), "ANY");
    EXPECT_EQ(parse_port("lOcAl"), ofpp::local);
    EXPECT_EQ(parse_port("none"), ofpp::none);
}

TEST(PortText, numbers_may_be_16_or_32_bits_wide) {
    EXPECT_EQ(parse_port("010"), OfPort{10});
    EXPECT_EQ(parse_port("65534"), ofpp::local);
    EXPECT_EQ(parse_port("4294967294"), ofpp::local);
    for (const char* bad : {"70000", "0x10", "-1", "", "1x", "4294967296"})
        EXPECT_FALSE(parse_port(bad)) << bad;
}

TEST(PortText, names_that_would_not_read_back_are_quoted) {
    PortNames names;
    names.add(OfPort{1}, "p1");
    names.add(OfPort{2}, "a-b");
    names.add(OfPort{3}, "local");
    names.add(OfPort{4}, "q\"\\");
    for (uint16_t i = 1; i <= 4; ++i)
        EXPECT_EQ(parse_port(format_port(OfPort{i}, &names), &names), OfPort{i});
    EXPECT_EQ(format_port(OfPort{1}, &names), "p1");
    EXPECT_EQ(format_port(OfPort{2}, &names), "\"a-b\"");
    EXPECT_EQ(format_port(OfPort{9}, &names), "9");
    EXPECT_FALSE(parse_port("p9", &names));
}

TEST(PortText, a_name_of_two_ports_names_none) {
    PortNames names;
    names.add(OfPort{1}, "twin");
    names.add(OfPort{2}, "twin");
    EXPECT_FALSE(parse_port("twin", &names));
    EXPECT_EQ(format_port(OfPort{1}, &names), "1");
}

}  // namespace
}  // namespace weft::flow
