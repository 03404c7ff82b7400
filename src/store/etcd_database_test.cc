// SPDX-License-Identifier: Apache-2.0
// Servers that share a database in etcd, against an etcd in memory, in virtual time.
#include "store/etcd_fixture.h"

namespace weft::store::etcd {
namespace {

using testing::HasSubstr;

TEST_F(EtcdDatabaseTest, a_commit_is_seen_by_all_and_the_loser_runs_again) {
    const auto a = start(), b = start();
    a->request("transact", R"("T",)" + insert("x"));
    b->request("transact", R"("T",)" + insert("x"));
    loop_.run_for(100ms);
    EXPECT_NE(a->said.find("constraint violation") == std::string::npos,
              b->said.find("constraint violation") == std::string::npos);
    EXPECT_EQ(a->names(), "x");
    EXPECT_EQ(b->names(), "x");
}

TEST_F(EtcdDatabaseTest, an_answer_that_is_lost_makes_nothing_twice) {
    const auto a = start(), b = start();
    EXPECT_THAT(a->transact(insert("x")), HasSubstr("uuid"));
    a->client->loses_answers = 3;
    EXPECT_THAT(a->transact(R"({"op":"mutate","table":"R","where":[],"mutations":[["n","+=",1]]})"),
                HasSubstr(R"({"count":1})"));
    loop_.run_for(1s);
    EXPECT_THAT(b->transact(R"({"op":"select","table":"R","where":[],"columns":["n"]})"),
                HasSubstr(R"({"n":1})"));
}

TEST_F(EtcdDatabaseTest, a_large_entry_comes_in_parts) {
    const auto a = start(), b = start();
    EXPECT_THAT(a->transact(insert(std::string(3 * part_size, 'y'))), HasSubstr("uuid"));
    EXPECT_EQ(b->names().size(), 3 * part_size);
    EXPECT_FALSE(etcd_.keys.contains("/t/writer"));
    EXPECT_EQ(start()->names().size(), 3 * part_size);
}

TEST_F(EtcdDatabaseTest, who_is_cut_off_refuses_and_the_other_leads_and_has_the_locks) {
    const auto a = start(), b = start();
    EXPECT_TRUE(a->database->state().leader);
    EXPECT_FALSE(b->database->state().leader);
    a->ask("lock", R"("l")");
    EXPECT_TRUE(a->database->holds("l"));
    EXPECT_THAT(b->ask("lock", R"("l")"), HasSubstr(R"({"locked":false})"));
    a->client->cut();
    for (int i = 0; i < 100; ++i) {
        etcd_.expire();
        loop_.run_for(100ms);
        ASSERT_FALSE(a->database->state().leader && b->database->state().leader);
        ASSERT_FALSE(a->database->holds("l") && b->database->holds("l"));
    }
    EXPECT_TRUE(b->database->state().leader);
    EXPECT_THAT(b->said, HasSubstr(R"("locked","params":["l"])"));
    EXPECT_THAT(a->said, HasSubstr(R"("stolen","params":["l"])"));
    EXPECT_THAT(a->transact(insert("no")), HasSubstr("I/O error"));
    a->client->is_cut = false;
    loop_.run_for(5s);
    EXPECT_THAT(a->transact(insert("yes")), HasSubstr("uuid"));
    EXPECT_EQ(b->names(), "yes");
}

TEST_F(EtcdDatabaseTest, a_client_that_leaves_before_its_lock_is_granted_leaves_it_to_others) {
    const auto a = start(), b = start();
    a->request("lock", R"("l")");
    a->server.close(1);  // etcd has been asked, and has not answered yet
    loop_.run_for(10s);
    EXPECT_FALSE(a->database->holds("l"));
    b->ask("lock", R"("l")");
    loop_.run_for(1s);
    EXPECT_TRUE(b->database->holds("l"));
    EXPECT_THAT(b->said, HasSubstr(R"("locked","params":["l"])"));
}

TEST_F(EtcdDatabaseTest, a_transaction_that_asserts_a_lost_lock_is_refused) {
    const auto a = start(), b = start();
    a->ask("lock", R"("l")");
    EXPECT_THAT(b->ask("steal", R"("l")"), HasSubstr("locked"));
    EXPECT_THAT(a->transact(R"({"op":"assert","lock":"l"},)" + insert("x")), HasSubstr("not owner"));
    EXPECT_THAT(b->transact(R"({"op":"assert","lock":"l"},)" + insert("x")), HasSubstr("uuid"));
}

TEST_F(EtcdDatabaseTest, after_a_compaction_one_starts_and_one_that_is_behind_goes_on) {
    const auto a = start(), b = start();
    a->transact(insert("x"));
    b->client->cut();
    a->transact(insert("y"));
    a->transact(R"({"op":"delete","table":"R","where":[["s","==","x"]]})");
    bool compacted = false;
    a->database->compact([&](Result<> done) { compacted = done.has_value(); });
    loop_.run_for(100ms);
    EXPECT_TRUE(compacted);
    EXPECT_EQ(etcd_.keys.lower_bound("/t/log/"), etcd_.keys.lower_bound("/t/log0"));
    EXPECT_EQ(start()->names(), "y");
    b->client->is_cut = false;
    loop_.run_for(10s);
    EXPECT_EQ(b->names(), "y");
    EXPECT_THAT(b->transact(insert("z")), HasSubstr("uuid"));
    EXPECT_EQ(a->database->state().index, b->database->state().index);
}

TEST_F(EtcdDatabaseTest, a_full_etcd_is_an_error_of_the_transaction) {
    const auto a = start();
    etcd_.is_full = true;
    EXPECT_THAT(a->transact(insert("x")), HasSubstr("alarm disarm"));
    EXPECT_THAT(a->database->storage_status(), HasSubstr("space exceeded"));
    EXPECT_EQ(a->names(), "");
    etcd_.is_full = false;
    EXPECT_THAT(a->transact(insert("x")), HasSubstr("uuid"));
    EXPECT_EQ(a->database->storage_status(), "ok");
}

TEST_F(EtcdDatabaseTest, a_database_that_is_not_there_or_taken_away_is_told) {
    const auto a = start();
    Txn away;
    away.operations = {{.what = Operation::What::erase, .key = "/t/base"}};
    std::ignore = etcd_.txn(away);
    loop_.run_for(1s);
    EXPECT_FALSE(a->database->state().connected);
    EXPECT_THAT(a->transact(insert("x")), HasSubstr("ovsdb-tool create"));
    Node late(loop_, etcd_, 7);
    loop_.run_for(1s);
    ASSERT_TRUE(late.opened && !*late.opened);
    EXPECT_THAT(late.opened->error().message, HasSubstr("there is no database"));
}

}  // namespace
}  // namespace weft::store::etcd
