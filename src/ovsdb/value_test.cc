// SPDX-License-Identifier: Apache-2.0
// Atoms, datums, types.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/prng.h"
#include "codec/json_text.h"
#include "ovsdb/type.h"

namespace weft::ovsdb {
namespace {

ColumnType type(std::string_view json) { return *parse_type(*codec::parse_json(json)); }

std::string parsed(const ColumnType& t, std::string_view json) {
    const auto d = parse_datum(*codec::parse_json(json), t);
    return d ? codec::format_json(d->to_json(t)) : d.error().to_string();
}

std::string text(const ColumnType& t, std::string_view json) {
    return parse_datum(*codec::parse_json(json), t)->to_text(t);
}

const ColumnType integers = type(R"({"key":"integer","min":0,"max":"unlimited"})");
const ColumnType strings = type(R"({"key":"string","min":0,"max":"unlimited"})");
const ColumnType string_map = type(R"({"key":"string","value":"string","min":0,"max":"unlimited"})");

TEST(Text, short_and_long_strings_copy_and_compare_alike) {
    for (const size_t n : {0, 1, 14, 15, 16, 1000}) {
        const std::string s(n, 'x');
        Text a(s), b(a), c;
        EXPECT_EQ(a.view().data()[s.size()], '\0') << "for callers in C";
        c = b;
        EXPECT_EQ(a.view(), s);
        EXPECT_EQ(a, c);
        EXPECT_EQ(a, Text(s));
        c = Text(s + "y");
        EXPECT_LT(a, c);
        Text moved(std::move(b));
        EXPECT_EQ(moved.view(), s);
        EXPECT_EQ(b.view(), "");
    }
    const std::string with_mark(15, '\xff');
    EXPECT_EQ(Text(with_mark).view(), with_mark);
}

TEST(Datum, sets_are_sorted_and_lone_atoms_print_bare) {
    EXPECT_EQ(parsed(integers, R"(["set",[3,1,2]])"), R"(["set",[1,2,3]])");
    EXPECT_EQ(parsed(integers, "7"), "7");
    EXPECT_EQ(parsed(integers, R"(["set",[7]])"), "7");
    EXPECT_EQ(parsed(integers, R"(["set",[]])"), R"(["set",[]])");
    EXPECT_EQ(parsed(string_map, R"(["map",[["b","x"],["a","y"]]])"), R"(["map",[["a","y"],["b","x"]]])");
}

TEST(Datum, errors_read_as_open_vswitchs) {
    EXPECT_EQ(parsed(integers, R"(["set",[1,2,1]])"), "ovsdb error: set contains duplicate");
    EXPECT_EQ(parsed(string_map, R"(["map",[["a","b"],["a","c"]]])"),
              "ovsdb error: map contains duplicate key");
    EXPECT_EQ(parsed(integers, R"(["set",[1,"x"]])"), "syntax \"\"x\"\": syntax error: expected integer");
    EXPECT_EQ(parsed(integers, R"(["set"])"),
              "syntax \"[\"set\"]\": syntax error: expected [\"set\", <array>]");
    EXPECT_EQ(parsed(type(R"({"key":"integer","min":0})"), R"(["set",[1,2]])"),
              "syntax \"[\"set\",[1,2]]\": syntax error: set must have 0 to 1 members but 2 are present");
    EXPECT_EQ(parsed(type(R"({"key":{"type":"integer","minInteger":1,"maxInteger":10}})"), "11"),
              "constraint violation: 11 is not in the valid range 1 to 10 (inclusive)");
    EXPECT_EQ(parsed(type(R"({"key":{"type":"integer","minInteger":5}})"), "4"),
              "constraint violation: 4 is less than minimum allowed value 5");
    EXPECT_EQ(parsed(type(R"({"key":{"type":"real","minReal":1.5,"maxReal":2.5}})"), "3.5"),
              "constraint violation: 3.5 is not in the valid range 1.5 to 2.5 (inclusive)");
    EXPECT_EQ(parsed(type(R"({"key":{"type":"string","enum":["set",["red","green"]]}})"), R"("Red")"),
              "constraint violation: Red is not one of the allowed values ([green, red])");
    const ColumnType length = type(R"({"key":{"type":"string","minLength":2,"maxLength":4}})");
    EXPECT_EQ(parsed(length, R"("a")"),
              "constraint violation: \"a\" length 1 is less than minimum allowed length 2");
    EXPECT_EQ(parsed(length, "\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\""), "\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\"");
}

TEST(Datum, text_quotes_what_could_be_misread) {
    EXPECT_EQ(text(strings, R"(["set",["","-a","0","a b","a-b","true","x","a\n"]])"),
              R"(["", "-a", "0", "a\n", "a b", a-b, "true", x])");
    EXPECT_EQ(text(string_map, R"(["map",[["a","b"],["c","d=e"]]])"), R"({a=b, c="d=e"})");
    EXPECT_EQ(text(string_map, R"(["map",[]])"), "{}");
    EXPECT_EQ(text(type(R"({"key":"integer","min":0})"), R"(["set",[]])"), "[]");
    EXPECT_EQ(text(type(R"({"key":"integer","min":0})"), "5"), "5");
    EXPECT_EQ(text(integers, "5"), "[5]");
}

TEST(Datum, mutator_insert_keeps_the_old_value_of_a_key) {
    const Datum a = Datum::map({{"a", "1"}, {"b", "2"}});
    EXPECT_EQ(set_union(a, Datum::map({{"b", "9"}, {"c", "3"}})),
              Datum::map({{"a", "1"}, {"b", "2"}, {"c", "3"}}));
    EXPECT_EQ(set_minus(a, Datum::map({{"a", "1"}, {"b", "9"}})), Datum::map({{"b", "2"}}));
    EXPECT_EQ(set_minus(a, Datum::set({"a", "z"})), Datum::map({{"b", "2"}}));
    EXPECT_TRUE(set_union(a, Datum()).same(a));
    EXPECT_TRUE(set_minus(a, Datum::set({"z"})).same(a));
}

TEST(Datum, includes_and_excludes_compare_pairs_in_maps) {
    const Datum m = Datum::map({{"a", "1"}, {"b", "2"}});
    EXPECT_TRUE(includes_all(m, Datum::map({{"a", "1"}})));
    EXPECT_FALSE(includes_all(m, Datum::map({{"a", "2"}})));
    EXPECT_TRUE(excludes_all(m, Datum::map({{"a", "2"}})));
    EXPECT_FALSE(excludes_all(m, Datum::map({{"a", "1"}, {"x", "y"}})));
    EXPECT_TRUE(includes_all(m, Datum()));
}

TEST(Datum, a_difference_applied_gives_the_new_value) {
    Prng prng(7);
    for (int round = 0; round < 500; ++round) {
        std::vector<std::pair<Atom, Atom>> old_pairs, new_pairs;
        std::vector<Atom> old_keys, new_keys;
        for (int i = 0; i < 12; ++i) {
            const auto key = static_cast<int64_t>(prng.below(8)), value = static_cast<int64_t>(prng.below(3));
            (prng.one_in(2) ? old_pairs : new_pairs).emplace_back(key, value);
            (prng.one_in(2) ? old_keys : new_keys).emplace_back(key);
        }
        const Datum m1 = Datum::map(old_pairs), m2 = Datum::map(new_pairs);
        EXPECT_EQ(apply_diff(string_map, m1, diff(string_map, m1, m2)), m2);
        EXPECT_EQ(diff(string_map, m1, m1), Datum());
        const Datum s1 = Datum::set(old_keys), s2 = Datum::set(new_keys);
        EXPECT_EQ(apply_diff(integers, s1, diff(integers, s1, s2)), s2);
        EXPECT_EQ(set_minus(set_union(s1, s2), s2), set_minus(s1, s2));
        EXPECT_EQ(includes_all(s1, s2), set_minus(s2, s1).empty());
        EXPECT_EQ(Datum::compare(s1, s2) == 0, s1 == s2);
        EXPECT_TRUE(s1 != s2 || s1.hash() == s2.hash());
    }
}

TEST(Datum, the_difference_of_an_optional_is_its_new_value) {
    const ColumnType optional = type(R"({"key":"integer","min":0})");
    EXPECT_EQ(diff(optional, Datum(Atom(1)), Datum(Atom(2))), Datum(Atom(2)));
    EXPECT_EQ(diff(optional, Datum(Atom(1)), Datum()), Datum());
    EXPECT_EQ(apply_diff(optional, Datum(Atom(1)), Datum()), Datum());
}

TEST(Type, english_names_are_those_of_error_messages) {
    EXPECT_EQ(integers.to_english(), "set of integers");
    EXPECT_EQ(string_map.to_english(), "map of (string, string) pairs");
    EXPECT_EQ(type(R"({"key":"string","min":0})").to_english(), "set of up to 1 strings");
    EXPECT_EQ(type(R"({"key":"integer","max":5})").to_english(), "set of 1 to 5 integers");
    EXPECT_EQ(type(R"({"key":"integer","value":"real"})").to_english(),
              "map of 1 to 1 (integer, real) pairs");
    EXPECT_EQ(type(R"("uuid")").to_english(), "uuid");
}

TEST(Type, defaults_are_empty_where_allowed) {
    EXPECT_TRUE(integers.default_datum().empty());
    EXPECT_EQ(type(R"("string")").default_datum(), Datum(Atom("")));
    EXPECT_TRUE(integers.is_default(Datum()));
    EXPECT_FALSE(integers.is_default(Datum(Atom(0))));
    EXPECT_TRUE(type(R"("integer")").is_default(Datum(Atom(0))));
}

}  // namespace
}  // namespace weft::ovsdb
