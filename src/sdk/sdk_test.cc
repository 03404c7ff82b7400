// SPDX-License-Identifier: Apache-2.0
// The C API: values and arguments, and a replica with its thread on our own server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <latch>
#include <thread>

#include "codec/json_text.h"
#include "net/ovsdb_sessions.h"
#include "net/system_transport.h"
#include "sdk/ovsdb.h"
#include "sdk/values.h"
#include "sys/testing.h"

namespace weft::sdk {
namespace {

using testing::HasSubstr;

constexpr std::string_view schema_text = R"({"name":"D","version":"1.0.0","tables":{
    "Counter":{"isRoot":true,"columns":{"name":{"type":"string"},"value":{"type":"integer"},"other":{"type":"real"},
        "few":{"type":{"key":{"type":"integer","maxInteger":9},"min":0,"max":2}},
        "ids":{"type":{"key":"string","value":"string","min":0,"max":"unlimited"}}}},
    "Other":{"columns":{"name":{"type":"string"}}}}})";

struct Values : testing::Test {
    ovsdb::SchemaPtr schema = *ovsdb::parse_schema(*codec::parse_json(schema_text));
    NamedColumn column(std::string_view name) const {
        return {*schema->find("Counter")->find(name), "Counter:" + std::string(name)};
    }
    std::string error(std::string_view name, std::vector<weft_ovsdb_atom> keys,
                      std::vector<weft_ovsdb_atom> values = {}) const {
        const auto made = datum_of(column(name), {keys, values});
        return made ? "" : made.error().text;
    }
    std::string operand_error(std::string_view name, std::string_view mutator,
                              std::vector<weft_ovsdb_atom> keys,
                              std::vector<weft_ovsdb_atom> values = {}) const {
        const auto made = operand_of(column(name), mutator, {keys, values});
        return made ? "" : made.error().text;
    }
    weft_ovsdb_atom one = weft_ovsdb_of_integer(1), a = weft_ovsdb_of_string("a");
};

TEST_F(Values, are_what_the_column_can_hold) {
    EXPECT_EQ(error("value", {one}), "");
    EXPECT_EQ(error("name", {a}), "");
    EXPECT_EQ(error("few", {}), "");
    EXPECT_EQ(error("ids", {a}, {a}), "");
    EXPECT_EQ(error("value", {a}), "Counter:value, element 0: expected integer, the atom is string");
    EXPECT_EQ(error("value", {weft_ovsdb_atom{}}),
              "Counter:value, element 0: expected integer, the atom is of no type");
    EXPECT_EQ(error("value", {}), "Counter:value: 0 values when type requires between 1 and 1");
    EXPECT_EQ(error("few", {one, one}), "Counter:few: the same element twice");
    EXPECT_THAT(error("few", {weft_ovsdb_of_integer(10)}),
                HasSubstr("10 is greater than maximum allowed value 9"));
    EXPECT_EQ(error("name", {weft_ovsdb_of_string(nullptr)}), "Counter:name, element 0 is NULL");
    EXPECT_EQ(error("name", {weft_ovsdb_of_string("\xff")}), "Counter:name, element 0 is not UTF-8");
    EXPECT_EQ(error("name", {weft_ovsdb_of_string("\xc3\xa9")}), "");
    EXPECT_EQ(error("other", {weft_ovsdb_of_real(NAN)}), "Counter:other, element 0: a real must be finite");
    EXPECT_THAT(error("ids", {a}), HasSubstr("values are needed beside the keys"));
    EXPECT_THAT(error("few", {one}, {one}), HasSubstr("it takes keys without values"));
    EXPECT_FALSE(Elements::of(nullptr, nullptr, 1));
}

TEST_F(Values, of_mutations_fit_the_mutator) {
    EXPECT_EQ(operand_error("value", "+=", {one}), "");
    EXPECT_EQ(operand_error("few", "insert", {one}), "");
    EXPECT_EQ(operand_error("ids", "delete", {a}), "") << "by key";
    EXPECT_EQ(operand_error("ids", "insert", {a}, {a}), "");
    EXPECT_EQ(operand_error("name", "+=", {a}), "Counter:name is a string: \"+=\" is not for it");
    EXPECT_EQ(operand_error("other", "%=", {weft_ovsdb_of_real(1)}),
              "Counter:other is a real: \"%=\" is not for it");
    EXPECT_EQ(operand_error("value", "+=", {}), "Counter:value is a integer: \"+=\" takes one number");
    EXPECT_THAT(operand_error("value", "insert", {one}), HasSubstr("is for sets and maps"));
    EXPECT_THAT(operand_error("ids", "insert", {a}), HasSubstr("takes values beside the keys"));
    EXPECT_THAT(operand_error("value", "^=", {one}), HasSubstr("there is no mutator \"^=\""));
}

TEST_F(Values, come_back_as_they_went) {
    for (const char* text :
         {"", "short", "fifteen letters", "sixteen letters!", "much longer than sixteen letters"}) {
        const ovsdb::Datum datum{ovsdb::Atom(text)};
        const auto value = to_c(column("name").schema.type, datum);
        EXPECT_EQ(value.size, 1u);
        EXPECT_STREQ(weft_ovsdb_key(value, 0).string, text);
        EXPECT_EQ(weft_ovsdb_key(value, 1).type, WEFT_OVSDB_NONE);
    }
}

TEST(Arguments, that_are_null_are_errors) {
    EXPECT_EQ(weft_ovsdb_new(nullptr, "D", nullptr), WEFT_OVSDB_BAD_ARGUMENT);
    EXPECT_STREQ(weft_ovsdb_error(), "db is NULL");
    weft_ovsdb* db = nullptr;
    EXPECT_EQ(weft_ovsdb_new(nullptr, "D", &db), WEFT_OVSDB_BAD_ARGUMENT);
    EXPECT_STREQ(weft_ovsdb_error(), "remotes is NULL");
    EXPECT_EQ(weft_ovsdb_wait(nullptr, nullptr, 0, nullptr), WEFT_OVSDB_BAD_ARGUMENT);
    EXPECT_EQ(weft_ovsdb_txn_set(nullptr, nullptr, {}, nullptr, nullptr, nullptr, 0),
              WEFT_OVSDB_BAD_ARGUMENT);
    EXPECT_EQ(weft_ovsdb_row_integer({}, "value", 7), 7);
    EXPECT_STREQ(weft_ovsdb_row_string({}, nullptr, "x"), "x");
    EXPECT_EQ(weft_ovsdb_fd(nullptr), -1);
    weft_ovsdb_free(nullptr);
    weft_ovsdb_view_free(nullptr);
    weft_ovsdb_changes_free(nullptr);
    weft_ovsdb_txn_free(nullptr);
}

TEST(Arguments, that_make_no_sense_are_errors_before_anything_starts) {
    weft_ovsdb* db = nullptr;
    ASSERT_EQ(weft_ovsdb_new("nowhere", "D", &db), WEFT_OVSDB_OK);
    EXPECT_EQ(weft_ovsdb_follow(db, "T", nullptr, "[[}"), WEFT_OVSDB_BAD_ARGUMENT);
    EXPECT_THAT(weft_ovsdb_error(), HasSubstr("expected an array of conditions"));
    EXPECT_EQ(weft_ovsdb_follow(db, "T", nullptr, nullptr), WEFT_OVSDB_OK);
    EXPECT_EQ(weft_ovsdb_follow(db, "T", nullptr, nullptr), WEFT_OVSDB_BAD_ARGUMENT);
    EXPECT_STREQ(weft_ovsdb_error(), "table T is followed already");
    weft_ovsdb_view* view = nullptr;
    EXPECT_EQ(weft_ovsdb_wait(db, nullptr, 0, &view), WEFT_OVSDB_BAD_ARGUMENT);
    EXPECT_THAT(weft_ovsdb_error(), HasSubstr("call weft_ovsdb_start() first"));
    EXPECT_EQ(weft_ovsdb_start(db), WEFT_OVSDB_BAD_ARGUMENT);
    EXPECT_THAT(weft_ovsdb_error(), HasSubstr("nowhere"));
    weft_ovsdb_free(db);
    ASSERT_EQ(weft_ovsdb_new("ssl:127.0.0.1:1", "D", &db), WEFT_OVSDB_OK);
    EXPECT_EQ(weft_ovsdb_start(db), WEFT_OVSDB_BAD_ARGUMENT);
    EXPECT_THAT(weft_ovsdb_error(), HasSubstr("weft_ovsdb_set_tls"));
    weft_ovsdb_free(db);
}

/// A server on a thread of its own, with a counter.
struct Followed : testing::Test {
    Followed() {
        auto schema = *ovsdb::parse_schema(*codec::parse_json(schema_text));
        EXPECT_TRUE(server.add_database(std::make_unique<ovsdb::Database>(schema), nullptr));
        server.execute(
            "D", *codec::parse_json(R"([{"op":"insert","table":"Counter","row":{"name":"x"}}])")->array(),
            loop.now());
        sessions.configure({{"punix:" + path, {}}});
        thread = std::thread([this] { loop.run(); });
    }
    ~Followed() override {
        loop.stop();
        thread.join();
        sessions.configure({});
    }
    weft_ovsdb* follow() const {
        weft_ovsdb* db = nullptr;
        EXPECT_EQ(weft_ovsdb_new(("unix:" + path).c_str(), "D", &db), WEFT_OVSDB_OK);
        EXPECT_EQ(weft_ovsdb_follow(db, "Counter", nullptr, nullptr), WEFT_OVSDB_OK);
        EXPECT_EQ(weft_ovsdb_start(db), WEFT_OVSDB_OK);
        return db;
    }
    static weft_ovsdb_view* view_of(weft_ovsdb* db, const weft_ovsdb_view* seen = nullptr) {
        weft_ovsdb_view* view = nullptr;
        EXPECT_EQ(weft_ovsdb_wait(db, seen, patience_ms, &view), WEFT_OVSDB_OK) << weft_ovsdb_error();
        return view;
    }
    static weft_ovsdb_row counter(const weft_ovsdb_view* view) {
        const weft_ovsdb_row* rows = nullptr;
        size_t count = 0;
        const char* const columns[] = {"name"};
        const weft_ovsdb_atom x = weft_ovsdb_of_string("x");
        EXPECT_EQ(weft_ovsdb_view_find(view, "Counter", columns, &x, 1, &rows, &count), WEFT_OVSDB_OK);
        EXPECT_EQ(count, 1u);
        return count ? rows[0] : weft_ovsdb_row{};
    }
    /// Adds one to what the view says; a weft_ovsdb_status.
    static int raise(weft_ovsdb* db, const weft_ovsdb_view* view) {
        weft_ovsdb_txn* txn = nullptr;
        EXPECT_EQ(weft_ovsdb_txn_new(db, view, &txn), WEFT_OVSDB_OK);
        const auto row = counter(view);
        const auto uuid = weft_ovsdb_row_uuid(row);
        EXPECT_EQ(weft_ovsdb_txn_verify(txn, "Counter", uuid, "value"), WEFT_OVSDB_OK);
        const auto next = weft_ovsdb_of_integer(weft_ovsdb_row_integer(row, "value", -1) + 1);
        EXPECT_EQ(weft_ovsdb_txn_set(txn, "Counter", uuid, "value", &next, nullptr, 1), WEFT_OVSDB_OK);
        const int status = weft_ovsdb_txn_commit(txn, patience_ms);
        weft_ovsdb_txn_free(txn);
        return status;
    }

    static constexpr int patience_ms = 20'000;
    std::string path = testing::TempDir() + "weft_sdk_test.sock";
    loop::Clock clock;
    loop::Loop loop{clock};
    net::SystemTransport transport{loop, {}};
    ovsdb::Server server{Prng(1)};
    net::OvsdbSessions sessions{loop, transport, server, {}};
    std::thread thread;
};

TEST_F(Followed, counters_raised_by_several_threads_lose_nothing) {
    constexpr int threads = 4, rounds = 25;
    weft_ovsdb* shared = follow();
    std::atomic<int> again{0};
    std::latch all_have_a_view{threads};
    const auto work = [&](weft_ovsdb* db) {
        weft_ovsdb_view* view = view_of(db);
        all_have_a_view.arrive_and_wait();  // of the first to commit all but one must try again
        for (int done = 0; done < rounds;) {
            const int status = raise(db, view);
            ASSERT_TRUE(status == WEFT_OVSDB_SUCCESS || status == WEFT_OVSDB_TRY_AGAIN) << weft_ovsdb_error();
            done += status == WEFT_OVSDB_SUCCESS;
            again += status == WEFT_OVSDB_TRY_AGAIN;
            weft_ovsdb_view* newer = view_of(db, view);
            weft_ovsdb_view_free(view);
            view = newer;
        }
        weft_ovsdb_view_free(view);
    };
    {
        std::vector<std::jthread> workers;
        for (int i = 0; i < threads; ++i) workers.emplace_back([&] { work(shared); });
    }
    weft_ovsdb_view* view = view_of(shared);
    EXPECT_EQ(weft_ovsdb_row_integer(counter(view), "value", -1), threads * rounds);
    EXPECT_GE(again, threads - 1);
    weft_ovsdb_free(shared);
    EXPECT_EQ(weft_ovsdb_row_integer(counter(view), "value", -1), threads * rounds)
        << "a view outlives its replica";
    weft_ovsdb_view_free(view);
}

TEST_F(Followed, a_descriptor_tells_of_news_and_commits) {
    weft_ovsdb *db = follow(), *other = follow();
    weft_ovsdb_view *view = view_of(db), *others = view_of(other), *none = nullptr;
    while (weft_ovsdb_wait(db, view, 0, &none) == WEFT_OVSDB_OK) {
        weft_ovsdb_view_free(view);
        view = none;
    }
    EXPECT_STREQ(weft_ovsdb_error(), "nothing new in time");
    EXPECT_EQ(raise(other, others), WEFT_OVSDB_SUCCESS);
    EXPECT_TRUE(sys::readable(weft_ovsdb_fd(db)));
    weft_ovsdb_view* newer = view_of(db, view);

    weft_ovsdb_changes* changes = nullptr;
    ASSERT_EQ(weft_ovsdb_changes_between(view, newer, "Counter", &changes), WEFT_OVSDB_OK);
    ASSERT_EQ(weft_ovsdb_changes_count(changes), 1u);
    const auto change = weft_ovsdb_changes_at(changes, 0);
    EXPECT_EQ(change.kind, WEFT_OVSDB_MODIFIED);
    EXPECT_TRUE(weft_ovsdb_change_touches(&change, "value"));
    EXPECT_FALSE(weft_ovsdb_change_touches(&change, "name"));
    EXPECT_EQ(weft_ovsdb_row_integer(change.before, "value", -1), 0);
    EXPECT_EQ(weft_ovsdb_row_integer(change.after, "value", -1), 1);
    weft_ovsdb_changes_free(changes);

    weft_ovsdb_txn* txn = nullptr;
    ASSERT_EQ(weft_ovsdb_txn_new(db, newer, &txn), WEFT_OVSDB_OK);
    EXPECT_EQ(weft_ovsdb_txn_delete(txn, "Counter", weft_ovsdb_row_uuid(counter(newer))), WEFT_OVSDB_OK);
    int status = weft_ovsdb_txn_commit(txn, 0);
    while (status == WEFT_OVSDB_INCOMPLETE && sys::readable(weft_ovsdb_fd(db)))
        status = weft_ovsdb_txn_commit(txn, 0);
    EXPECT_EQ(status, WEFT_OVSDB_SUCCESS);
    EXPECT_EQ(weft_ovsdb_txn_comment(txn, "late"), WEFT_OVSDB_BAD_ARGUMENT);
    weft_ovsdb_txn_free(txn);
    for (auto* one : {view, newer, others}) weft_ovsdb_view_free(one);
    weft_ovsdb_free(other);
    weft_ovsdb_free(db);
}

TEST_F(Followed, a_transaction_outlives_its_replica) {
    weft_ovsdb* db = follow();
    weft_ovsdb_view* view = view_of(db);
    weft_ovsdb_txn *txn = nullptr, *begun = nullptr;
    for (auto** one : {&txn, &begun}) {
        ASSERT_EQ(weft_ovsdb_txn_new(db, view, one), WEFT_OVSDB_OK);
        EXPECT_EQ(weft_ovsdb_txn_delete(*one, "Counter", weft_ovsdb_row_uuid(counter(view))), WEFT_OVSDB_OK);
    }
    weft_ovsdb_txn_commit(begun, 0);
    weft_ovsdb_free(db);
    EXPECT_NE(weft_ovsdb_txn_commit(begun, -1), WEFT_OVSDB_INCOMPLETE) << "it has an outcome, whichever";
    EXPECT_EQ(weft_ovsdb_txn_commit(txn, -1), WEFT_OVSDB_TRY_AGAIN);
    EXPECT_STREQ(weft_ovsdb_error(), "the replica was freed");
    weft_ovsdb_txn_free(begun);
    weft_ovsdb_txn_free(txn);
    weft_ovsdb_view_free(view);
}

}  // namespace
}  // namespace weft::sdk
