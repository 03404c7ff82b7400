// SPDX-License-Identifier: Apache-2.0
// Schemas, rows and the map of rows.
#include <gtest/gtest.h>

#include <map>

#include "base/prng.h"
#include "codec/json_text.h"
#include "ovsdb/row_map.h"

namespace weft::ovsdb {
namespace {

const char* const two_tables = R"({"name":"S","version":"1.2.3","cksum":"1 2","tables":{
  "A":{"isRoot":true,"maxRows":5,"indexes":[["n"]],"columns":{
    "n":{"type":"string","mutable":false},"eph":{"type":"integer","ephemeral":true},
    "to":{"type":{"key":{"type":"uuid","refTable":"B"},"min":0,"max":"unlimited"}}}},
  "B":{"columns":{"w":{"mutable":false,"type":{"key":{"type":"uuid","refTable":"A","refType":"weak"},"min":0}}}}}})";

std::string schema_error(std::string_view text) {
    const auto schema = parse_schema(*codec::parse_json(text));
    return schema ? "" : schema.error().to_string();
}

TEST(Schema, prints_what_it_parsed) {
    const SchemaPtr s = *parse_schema(*codec::parse_json(two_tables));
    EXPECT_EQ(*parse_schema(s->to_json())->get()->to_json().object(), *s->to_json().object());
    codec::Json want = *codec::parse_json(two_tables);
    // A weak reference makes the column mutable whatever the schema says.
    want.object()
        ->find("tables")
        ->object()
        ->find("B")
        ->object()
        ->find("columns")
        ->object()
        ->find("w")
        ->object()
        ->erase("mutable");
    EXPECT_EQ(s->to_json(), want);
    EXPECT_TRUE(same_schema(*s, **parse_schema(want)));
}

TEST(Schema, knows_tables_columns_and_references) {
    const SchemaPtr s = *parse_schema(*codec::parse_json(two_tables));
    const TableSchema* a = s->find("A");
    ASSERT_NE(a, nullptr);
    EXPECT_EQ(s->find("C"), nullptr);
    EXPECT_EQ(a->find("_uuid")->index, uuid_column);
    EXPECT_EQ(a->find("nope"), nullptr);
    EXPECT_EQ(a->find("to")->key_table, s->find("B")->index);
    EXPECT_TRUE(a->find("to")->type.has_strong_ref());
    EXPECT_TRUE(s->is_root(*a));
    EXPECT_FALSE(s->is_root(*s->find("B")));
    EXPECT_EQ(a->indexes.size(), 1u);
}

TEST(Schema, errors_read_as_open_vswitchs) {
    EXPECT_EQ(schema_error("{}"),
              "syntax \"{}\": syntax error: Parsing database schema failed: Required 'name' "
              "member is missing.");
    EXPECT_EQ(
        schema_error(R"({"name":"X","tables":{},"zip":1})"),
        "syntax \"{\"name\":\"X\",\"tables\":{},\"zip\":1}\": syntax error: Parsing database schema failed: "
        "Member 'zip' is present but not allowed here.");
    EXPECT_EQ(
        schema_error(
            R"({"name":"X","tables":{"T":{"columns":{"a":{"type":{"key":{"type":"uuid","refTable":"Z"}}}}}}})"),
        "syntax error: column a key refers to undefined table Z");
    EXPECT_EQ(
        schema_error(R"({"name":"X","tables":{"T":{"columns":{"a":{"type":"integer"}},"indexes":[["b"]]}}})"),
        "syntax \"[\"b\"]\": syntax error: b is not a valid column name");
    EXPECT_EQ(
        schema_error(R"({"name":"X","version":"1.2","tables":{}})"),
        "syntax \"{\"name\":\"X\",\"tables\":{},\"version\":\"1.2\"}\": syntax error: schema version \"1.2\" "
        "not in format x.y.z");
}

TEST(Schema, versions_compare_by_number) {
    EXPECT_LT(*parse_version("8.3.1"), *parse_version("8.10.0"));
    for (const char* bad : {"", "1", "1.2", "1.2.3.4", "1.2.x", "-1.2.3", "1..2"})
        EXPECT_FALSE(parse_version(bad)) << bad;
}

class RowMapTest : public testing::Test {
  protected:
    RowPtr row(const Uuid& uuid, int64_t value = 0) {
        RowEdit edit(*schema_->find("A"), uuid);
        edit.set(schema_->find("A")->find("eph")->index, Datum(Atom(value)));
        return std::move(edit).take();
    }
    /// Few different leading bits, so that deep paths and collapses occur.
    Uuid uuid() {
        Uuid u{};
        for (auto& byte : u.b) byte = prng_.one_in(2) ? 0 : static_cast<uint8_t>(prng_.below(4));
        return u;
    }
    SchemaPtr schema_ = *parse_schema(*codec::parse_json(two_tables));
    Prng prng_{3};
};

TEST_F(RowMapTest, behaves_as_a_sorted_map_and_copies_keep_what_they_saw) {
    RowMap rows;
    std::map<Uuid, RowPtr> naive;
    std::vector<std::pair<RowMap, std::map<Uuid, RowPtr>>> snapshots;
    for (int step = 0; step < 3000; ++step) {
        const Uuid u = uuid();
        if (prng_.one_in(3)) {
            EXPECT_EQ(rows.erase(u), naive.erase(u) == 1);
        } else {
            naive[u] = row(u, step);
            rows.set(naive[u]);
        }
        EXPECT_EQ(rows.size(), naive.size());
        EXPECT_EQ(rows.contains(u), naive.contains(u));
        if (step % 300 == 0) snapshots.emplace_back(rows, naive);
        if (step > 0 && step % 1000 == 0) {  // down to nothing and up again
            while (!naive.empty()) {
                EXPECT_TRUE(rows.erase(naive.begin()->first));
                naive.erase(naive.begin());
            }
            EXPECT_TRUE(rows.begin() == rows.end());
        }
    }
    for (const auto& [copy, want] : snapshots) {
        auto it = want.begin();
        for (const Row& r : copy) {
            ASSERT_NE(it, want.end());
            EXPECT_EQ(&r, (it++)->second.get());
        }
        EXPECT_EQ(it, want.end());
    }
}

TEST_F(RowMapTest, compare_reports_exactly_the_difference_in_uuid_order) {
    RowMap rows;
    for (int i = 0; i < 500; ++i) rows.set(row(uuid()));
    for (int round = 0; round < 200; ++round) {
        const RowMap before = rows;
        std::map<Uuid, std::pair<const Row*, const Row*>> want;
        for (uint64_t n = prng_.below(5); n > 0; --n) {
            const Uuid u = uuid();
            if (prng_.one_in(2)) {
                rows.erase(u);
            } else {
                rows.set(row(u));
            }
            want[u] = {before.find(u), rows.find(u)};
        }
        std::erase_if(want, [](const auto& e) { return e.second.first == e.second.second; });
        std::vector<std::pair<const Row*, const Row*>> got;
        RowMap::compare(before, rows, [&](const Row* a, const Row* b) { got.emplace_back(a, b); });
        ASSERT_EQ(got.size(), want.size());
        auto it = want.begin();
        for (const auto& pair : got) EXPECT_EQ(pair, (it++)->second);
    }
}

}  // namespace
}  // namespace weft::ovsdb
