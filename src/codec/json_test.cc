// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "codec/json_text.h"

namespace weft::codec {
namespace {

std::string round(std::string_view text) {
    const auto value = parse_json(text);
    return value ? format_json(*value) : value.error().message;
}

std::vector<Json> feed(JsonStream& stream, std::string_view bytes) {
    std::vector<Json> out;
    for (;;) {
        auto value = stream.next(bytes);
        EXPECT_TRUE(value) << value.error().message;
        if (!value || !*value) return out;
        out.push_back(std::move(**value));
    }
}

TEST(Json, object_members_are_sorted_and_the_last_duplicate_counts) {
    EXPECT_EQ(round(R"({"b":1,"a":2,"b":[3],"aa":null})"), R"({"a":2,"aa":null,"b":[3]})");
    EXPECT_EQ(round(R"({"a":1,"a":2,"a":3})"), R"({"a":3})");
}

TEST(Json, objects_are_changed_by_key) {
    JsonObject o{{"b", 1}, {"a", "x"}};
    o["c"] = true;
    o.set("b", 2);
    EXPECT_TRUE(o.erase("a"));
    EXPECT_FALSE(o.erase("a"));
    EXPECT_EQ(format_json(o), R"({"b":2,"c":true})");
    EXPECT_EQ(o.find("a"), nullptr);
    EXPECT_EQ(*o.find("b"), Json(2));
    EXPECT_EQ(*Json(o).find("c"), Json(true));
    EXPECT_EQ(Json(5).find("c"), nullptr);
}

// As Debian's ovsdb-server echoes them.
TEST(Json, numbers_come_out_as_open_vswitch_prints_them) {
    const std::pair<const char*, const char*> cases[] = {
        {"1.0", "1"},
        {"0.1", "0.1"},
        {"1e3", "1000"},
        {"1E+5", "100000"},
        {"1e20", "1e+20"},
        {"1e-5", "1e-05"},
        {"0.0001", "0.0001"},
        {"123456.789e3", "123456789"},
        {"9223372036854775807", "9223372036854775807"},
        {"9223372036854775808", "9.223372036854776e+18"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"9007199254740993.0", "9007199254740993"},
        {"1e18", "1000000000000000000"},
        {"1e19", "1e+19"},
        {"-0", "0"},
        {"-0.0", "0"},
        {"0e99", "0"},
        {"1e-400", "0"},
        {"0.000001e6", "1"},
        {"0.30000000000000004", "0.30000000000000004"},
        {"2.5e-7", "2.5e-07"},
        {"5e-324", "4.94065645841247e-324"},
        {"1.7976931348623157e308", "1.7976931348623157e+308"},
    };
    for (const auto& [in, out] : cases) EXPECT_EQ(round(in), out) << in;
    EXPECT_TRUE(parse_json("1.0")->is_integer());
    EXPECT_TRUE(parse_json("1.5")->is_real());
}

TEST(Json, strings_are_escaped_only_where_needed) {
    EXPECT_EQ(round(R"("a\u0001\n\t\/\"\\ \b\f\r\u00e9")"), "\"a\\u0001\\n\\t/\\\"\\\\ \\b\\f\\r\xc3\xa9\"");
    EXPECT_EQ(round(R"("\ud83d\ude00")"), "\"\xf0\x9f\x98\x80\"");
}

TEST(Json, strings_come_back_whatever_is_in_them_and_wherever) {
    for (const std::string_view one :
         {"\x01", "\x1f", " ", "\"", "\\", "\x7f", "\xc3\xa9", "\xf0\x9f\x98\x80"})
        for (size_t at = 0; at < 20; ++at) {
            const std::string text = std::string(at, 'x') + std::string(one) + std::string(20 - at, 'y');
            EXPECT_EQ(parse_json(format_json(Json(text))), Json(text))
                << at << " " << format_json(Json(text));
        }
}

TEST(Json, errors_tell_where_and_what) {
    EXPECT_EQ(round("[1"), "line 0, column 2, byte 2: unexpected end of input");
    EXPECT_EQ(round(" \n "), "line 1, column 1, byte 3: empty input stream");
    EXPECT_EQ(round("[1] 2"), "line 0, column 4, byte 4: trailing garbage at end of input");
    EXPECT_EQ(round("[\n1,\n x]"), "line 2, column 1, byte 6: syntax error");
    EXPECT_EQ(round("[1e999]"), "line 0, column 6, byte 6: number outside valid range");
    EXPECT_EQ(round("[01]").substr(0, 6), "line 0");
    EXPECT_NE(round("[\"\xff\"]").find("invalid UTF-8"), std::string::npos);
    EXPECT_NE(round(R"(["\u0000"])").find("null bytes not supported"), std::string::npos);
    EXPECT_FALSE(parse_json(R"(["\ud800"])"));
}

TEST(Json, depth_is_limited_on_purpose) {
    const auto nested = [](size_t n) { return std::string(n, '[') + std::string(n, ']'); };
    EXPECT_EQ(round(nested(1000)), nested(1000));
    EXPECT_NE(round(nested(1001)).find("maximum nesting depth"), std::string::npos);
    EXPECT_NE(round(std::string(1'000'000, '[')).find("maximum nesting depth"), std::string::npos);
}

TEST(Json, pretty_print_is_that_of_the_tools) {
    const Json v = Json::array({Json::object({{"rows", JsonArray()}}), Json::object({{"a", 1}, {"b", "x"}})});
    EXPECT_EQ(format_json(v, {.pretty = true}),
              "[\n  {\n    \"rows\": []},\n  {\n    \"a\": 1,\n    \"b\": \"x\"}]");
}

TEST(JsonStream, yields_the_same_values_however_the_bytes_are_cut) {
    const std::string text = R"( {"a":[1,-2.5e1,"x\u00e9\"y"],"b":{}} [true,null]"s"{"c":12345}7 )";
    const std::vector<Json> want = {*parse_json(R"({"a":[1,-25,"xé\"y"],"b":{}})"),
                                    *parse_json("[true,null]"), "s", *parse_json(R"({"c":12345})"), 7};
    for (size_t chunk = 1; chunk <= text.size(); ++chunk) {
        JsonStream stream;
        std::vector<Json> got;
        for (size_t i = 0; i < text.size(); i += chunk)
            for (Json& v : feed(stream, std::string_view(text).substr(i, chunk))) got.push_back(std::move(v));
        EXPECT_EQ(got, want) << "chunks of " << chunk;
        EXPECT_TRUE(stream.idle());
    }
}

TEST(JsonStream, an_object_is_complete_at_its_brace) {
    JsonStream stream;
    EXPECT_TRUE(feed(stream, R"({"id":)").empty());
    EXPECT_FALSE(stream.idle());
    EXPECT_EQ(feed(stream, "1}").size(), 1u);
}

TEST(JsonStream, an_error_is_final_and_counts_positions_over_all_bytes) {
    JsonStream stream;
    EXPECT_EQ(feed(stream, "{}\n{} ").size(), 2u);
    std::string_view bad = "\n[1,}";
    const auto error = stream.next(bad);
    ASSERT_FALSE(error);
    EXPECT_EQ(error.error().message, "line 2, column 3, byte 10: syntax error");
    std::string_view good = "{}";
    EXPECT_FALSE(stream.next(good));
}

TEST(JsonStream, a_value_beyond_the_size_limit_is_refused) {
    JsonStream stream({.max_bytes = 100});
    const std::string text = "\"" + std::string(200, 'x');
    std::string_view bytes = text;
    const auto error = stream.next(bytes);
    ASSERT_FALSE(error);
    EXPECT_NE(error.error().message.find("maximum size"), std::string::npos);
}

}  // namespace
}  // namespace weft::codec
