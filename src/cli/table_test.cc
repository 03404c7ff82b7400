// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include <gtest/gtest.h>

#include "cli/ovsdb_client/monitor.h"

namespace weft::cli {
namespace {

using ovsdb::Atom;
using ovsdb::AtomType;
using ovsdb::ColumnType;
using ovsdb::Datum;

constexpr const char* uuid = "0d8a2d0c-1b2a-4c61-9a4c-3f1f2f7d5b11";

Table sample() {
    const ColumnType strings{.key = {.type = AtomType::string}, .min = 0, .max = ovsdb::unlimited};
    Table table;
    table.caption = "Book table";
    for (const char* name : {"_uuid", "title", "tags"}) table.add_column(name);
    table.add_row({Table::DatumCell{Datum(Atom(*Uuid::parse(uuid))), ColumnType::scalar_of(AtomType::uuid)},
                   Table::DatumCell{Datum(Atom("a \"b\"")), ColumnType::scalar_of(AtomType::string)},
                   Table::DatumCell{Datum::set({Atom("x"), Atom("y z")}), strings}});
    table.add_row({Table::Cell(std::string("é")), Table::Cell{}, Table::DatumCell{Datum(), strings}});
    return table;
}

std::string printed(std::vector<std::string> args) {
    Options options;
    TableStyle style;
    add_table_options(options, style);
    const auto rest = options.parse(args, Options::Order::mixed);
    return rest ? sample().to_string(style) : rest.error().message;
}

TEST(Table, aligns_columns_and_leaves_no_blanks_at_the_end) {
    EXPECT_EQ(printed({}),
              "Book table\n"
              "_uuid                                title     tags\n"
              "------------------------------------ --------- ----------\n"
              "0d8a2d0c-1b2a-4c61-9a4c-3f1f2f7d5b11 \"a \\\"b\\\"\" [x, \"y z\"]\n"
              "é                                              []\n");
    EXPECT_EQ(printed({"--max-column-width=5", "--no-headings", "--data=bare"}),
              "Book table\n0d8a2 a \"b\" x y z\né\n");
}

TEST(Table, prints_lists) {
    EXPECT_EQ(printed({"-flist"}),
              "Book table\n"
              "_uuid               : 0d8a2d0c-1b2a-4c61-9a4c-3f1f2f7d5b11\n"
              "title               : \"a \\\"b\\\"\"\n"
              "tags                : [x, \"y z\"]\n"
              "\n"
              "_uuid               : é\n"
              "title               : \n"
              "tags                : []\n");
    EXPECT_EQ(printed({"--bare"}),
              "Book table\n0d8a2d0c-1b2a-4c61-9a4c-3f1f2f7d5b11\na \"b\"\nx y z\n\né\n\n\n");
}

TEST(Table, quotes_csv_where_needed) {
    EXPECT_EQ(printed({"-f", "csv"}),
              "Book table\n_uuid,title,tags\n0d8a2d0c-1b2a-4c61-9a4c-3f1f2f7d5b11,\"\"\"a "
              "\\\"\"b\\\"\"\"\"\",\"[x, \"\"y z\"\"]\"\né,,[]\n");
}

TEST(Table, prints_json_with_values_of_the_database) {
    EXPECT_EQ(
        printed({"--format=json"}),
        R"({"caption":"Book table","data":[[["uuid","0d8a2d0c-1b2a-4c61-9a4c-3f1f2f7d5b11"],"a \"b\"",["set",["x","y z"]]],["é",null,["set",[]]]],"headings":["_uuid","title","tags"]})"
        "\n");
}

TEST(Table, links_uuids_in_html) {
    const auto html = printed({"-fhtml", "--no-headings"});
    EXPECT_NE(html.find("<td><a name=\"0d8a2d0c-1b2a-4c61-9a4c-3f1f2f7d5b11\">0d8a2d0c</a></td>"), html.npos)
        << html;
    EXPECT_NE(html.find("<td>[x, &quot;y z&quot;]</td>"), html.npos) << html;
    EXPECT_EQ(html.find("<th>"), html.npos);
}

TEST(Table, unknown_formats_are_named) {
    EXPECT_EQ(printed({"-f", "foo"}), "unknown output format \"foo\"");
    EXPECT_EQ(printed({"-d", "foo"}), "unknown data format \"foo\"");
}

struct MonitorTable : testing::Test {
    MonitorTable() {
        schema = *ovsdb::parse_schema(*codec::parse_json(
            R"({"name":"L","tables":{"Book":{"columns":{"title":{"type":"string"},"pages":{"type":{"key":"integer","min":0,"max":1}}}}}})"));
    }
    std::string refused(std::vector<std::string> groups) {
        const auto parsed = ovsdb_client::parse_monitored(schema->tables[0], groups, "L");
        return parsed ? "" : parsed.error().message;
    }
    std::string describe(std::string_view update, ovsdb::client::UpdateFormat format, bool initial = false) {
        const std::vector<std::string> groups{"title,pages"};
        const auto table = ovsdb_client::parse_monitored(schema->tables[0], groups, "L");
        return ovsdb_client::describe_update(*table, *codec::parse_json(update), format, initial)
            ->to_string({.headings = false});
    }
    ovsdb::SchemaPtr schema;
};

TEST_F(MonitorTable, shows_old_and_new_values) {
    const auto rows = ovsdb::client::UpdateFormat::rows;
    EXPECT_EQ(describe(R"({"u":{"new":{"title":"Emma","pages":3}}})", rows, true), "u initial Emma 3\n");
    EXPECT_EQ(describe(R"({"u":{"new":{"title":"Emma","pages":3}}})", rows), "u insert Emma 3\n");
    EXPECT_EQ(describe(R"({"u":{"old":{"pages":3},"new":{"title":"Emma","pages":["set",[]]}}})", rows),
              "u old      3\n  new Emma []\n");
    EXPECT_EQ(describe(R"({"u":{"old":{"title":"Emma","pages":3}}})", rows), "u delete Emma 3\n");
}

TEST_F(MonitorTable, shows_differences) {
    const auto differences = ovsdb::client::UpdateFormat::differences;
    EXPECT_EQ(describe(R"({"u":{"modify":{"pages":4}},"v":{"delete":null}})", differences),
              "u modify  4\nv delete\n");
}

TEST_F(MonitorTable, refuses_columns_that_are_unknown_or_named_twice) {
    EXPECT_EQ(refused({"title", "!initial,pages"}), "");
    EXPECT_EQ(refused({"nope"}), "table \"Book\" in L does not have a column named \"nope\"");
    EXPECT_EQ(refused({"title", "title"}), "column \"title\" mentioned multiple times");
    EXPECT_EQ(refused({"title", "!initial"}), "column \"title\" mentioned multiple times")
        << "a group without columns has all";
}

}  // namespace
}  // namespace weft::cli
