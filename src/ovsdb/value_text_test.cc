// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "ovsdb/value_text.h"

namespace weft::ovsdb {
namespace {

const ColumnType vlans{
    .key = {.type = AtomType::integer, .min_integer = 0, .max_integer = 4095}, .min = 0, .max = 4096};
const ColumnType strings{.key = {.type = AtomType::string},
                         .value = BaseType{.type = AtomType::string},
                         .min = 0,
                         .max = unlimited};
const ColumnType boolean = ColumnType::scalar_of(AtomType::boolean);

/// What the text is read as, printed; or the error.
std::string read(std::string_view text, const ColumnType& type) {
    const auto value = parse_datum_text(text, type);
    return value ? value->to_text(type) : value.error().message;
}

TEST(ValueText, sets_come_with_or_without_brackets_blanks_and_ranges) {
    for (const auto* text :
         {"1,2,3", "[1, 2, 3]", "3 2 1", " 1 ,2 ,3 ", "1-3", "1,2-3", "1,2,3,", "[1,2,3,]"})
        EXPECT_EQ(read(text, vlans), "[1, 2, 3]") << text;
    EXPECT_EQ(read("[]", vlans), "[]");
    EXPECT_EQ(read("+7", vlans), "[7]");
}

TEST(ValueText, maps_come_with_or_without_braces_and_blanks) {
    for (const auto* text : {"a=1,b=x", "{a=1, b=x}", " a = 1 , b = x", "{b=\"x\",a=\"1\"}"})
        EXPECT_EQ(read(text, strings), "{a=\"1\", b=x}") << text;
    EXPECT_EQ(read(R"({"a b"="c,d\n", "true"=false})", strings), R"({"a b"="c,d\n", "true"="false"})");
    EXPECT_EQ(read(R"(a\ b=c\,d)", strings), R"({"a b"="c,d"})");
}

TEST(ValueText, what_makes_no_sense_is_named) {
    EXPECT_EQ(read("", vlans), "use \"[]\" to specify the empty set");
    EXPECT_EQ(read(" ", strings), "use \"{}\" to specify the empty map");
    EXPECT_EQ(read("[1,2", vlans), "[1,2: missing \"]\" at end of data");
    EXPECT_EQ(read("[1]x", vlans), "[1]x: trailing garbage after \"]\"");
    EXPECT_EQ(read("1,,2", vlans), "1,,2: unexpected \",\" parsing set of up to 4096 integers");
    EXPECT_EQ(read("1,1", vlans), "1,1: set contains duplicate value");
    EXPECT_EQ(read("a=1,a=2", strings), "a=1,a=2: map contains duplicate key");
    EXPECT_EQ(read("{a}", strings), "a}: syntax error at \"}\" expecting \"=\"");
    EXPECT_EQ(read("a", strings), "a: syntax error at end of input expecting \"=\"");
    EXPECT_EQ(read("a=", strings),
              "An empty string is not valid as input; use \"\" to represent the empty string");
    EXPECT_EQ(read("x", vlans), "\"x\" is not a valid integer or range");
    EXPECT_EQ(read("99999999999999999999", vlans),
              "\"99999999999999999999\" is not a valid integer or range");
    EXPECT_EQ(read("4096", vlans),
              "constraint violation: 4096 is not in the valid range 0 to 4095 (inclusive)");
    EXPECT_EQ(read("5-1", vlans), "\"5-1\" is not a valid range. Range end cannot be before start.");
    EXPECT_EQ(read("true,false", boolean), "true,false: 2 value(s) specified but the maximum number is 1");
    EXPECT_EQ(read("[]", boolean), "[]: 0 value(s) specified but the minimum number is 1");
    EXPECT_EQ(read("TRUE", boolean), "\"TRUE\" is not a valid boolean (use \"true\" or \"false\")");
}

TEST(ValueText, quoted_strings_are_json_and_must_end) {
    EXPECT_EQ(read("a=\"b", strings), "\"b: quoted string extends past end of argument");
    EXPECT_EQ(read("a=\"b\"c", strings), "\"b\"c: missing quote at end of quoted string");
    EXPECT_EQ(read(R"(a="\q")", strings), R"("\q": bad escape \q)");
    EXPECT_EQ(read(R"(a="\u12")", strings), R"("\u12": not a valid JSON string)");
    EXPECT_EQ(read("a=\"\x01\"", strings), "\"\x01\": not a valid JSON string");
    EXPECT_EQ(read("a=b\\", strings), "b\\: backslash at end of argument");
    EXPECT_EQ(read(R"(a="\u00e9")", strings), "{a=\"é\"}");
}

TEST(ValueText, a_range_ends_where_the_numbers_end) {
    const ColumnType any{.key = {.type = AtomType::integer}, .min = 0, .max = unlimited};
    EXPECT_EQ(read("9223372036854775806-9223372036854775807", any),
              "[9223372036854775806, 9223372036854775807]");
    EXPECT_EQ(read("-9223372036854775808-9223372036854775807", any),
              "constraint violation: Range \"-9223372036854775808-9223372036854775807\" is too big. Maximum "
              "allowed "
              "size is 4096.");
    EXPECT_EQ(read("-3--1", any), "[-3, -2, -1]");
}

}  // namespace
}  // namespace weft::ovsdb
