// SPDX-License-Identifier: Apache-2.0
// Transactions of a clustered database that are taken back unless they are confirmed; history and revert.
#include "codec/json_members.h"
#include "store/etcd_fixture.h"

namespace weft::store::etcd {
namespace {

using codec::Json;
using testing::HasSubstr;
using testing::Not;

std::string count(int n) {
    return R"({"op":"update","table":"R","where":[],"row":{"n":)" + std::to_string(n) + "}}";
}

class EtcdChangesTest : public EtcdDatabaseTest {
  protected:
    /// The answer to a request of a node; an error's text if it is one.
    static Json call(Node& node, const std::string& method, const std::string& params) {
        const std::string said = node.ask(method, R"("T",)" + params);
        const size_t at = said.find("{\"error\":");
        CHECK(at != said.npos);
        const Json reply = *codec::parse_json(said.substr(at, said.find('\n', at) - at));
        const Json* result = reply.find("result");
        return result && !result->is_null() ? *result : *reply.find("error");
    }
    /// Its id.
    static std::string apply(Node& node, const std::string& operations,
                             const char* options = R"({"confirm_within":20000})") {
        const Json reply = call(node, "weft_apply", options + ("," + operations));
        CHECK(reply.array());
        return codec::text_member(reply.array()->front(), "id");
    }
    static std::string confirm(Node& node, const std::string& id) {
        return codec::format_json(call(node, "weft_confirm", '"' + id + '"'));
    }
    /// "ID STATE" of each transaction that it remembers.
    static std::vector<std::string> history(Node& node) {
        std::vector<std::string> out;
        const Json all = call(node, "weft_history", "{}");
        for (const Json& one : *all.array())
            out.push_back(codec::text_member(one, "id") + " " + codec::text_member(one, "state"));
        return out;
    }
    static std::string n(Node& node) {
        std::string out;
        for (const ovsdb::Row& row : node.server.database("T")->snapshot().tables[0])
            out += row[node.database_column("n")].to_bare() + " ";
        return out;
    }
    /// Time passes for etcd and the servers, as their shells let it.
    void pass(Duration time, std::initializer_list<Node*> nodes) {
        for (const Time end = loop_.now() + time; loop_.now() < end;) {
            etcd_.expire();
            for (Node* node : nodes)
                if (node->server.deadline() <= loop_.now()) {
                    node->server.tick(loop_.now());
                    node->pump();
                }
            loop_.run_for(100ms);
        }
    }
};

TEST_F(EtcdChangesTest, what_is_not_confirmed_is_taken_back_once_and_by_another_where_its_server_died) {
    auto a = start();
    const auto b = start(), c = start();
    a->transact(insert("x"));
    const std::string id = apply(*a, count(1));
    EXPECT_EQ(n(*a) + n(*b) + n(*c), "1 1 1 ");
    EXPECT_EQ(history(*b), history(*a));
    EXPECT_EQ(history(*c).back(), id + " pending");
    pass(10s, {a.get(), b.get(), c.get()});
    const uint64_t index = b->database->state().index;
    ASSERT_TRUE(a->database->state().leader);
    a->client->cut();
    a.reset();
    pass(9s, {b.get(), c.get()});
    EXPECT_EQ(n(*b) + n(*c), "1 1 ");
    pass(3s, {b.get(), c.get()});
    EXPECT_EQ(n(*b) + n(*c), "0 0 ");
    pass(60s, {b.get(), c.get()});
    EXPECT_EQ(b->database->state().index, index + 1) << "once";
    for (Node* node : {b.get(), c.get()}) EXPECT_THAT(history(*node), testing::Contains(id + " rolled back"));
    EXPECT_THAT(confirm(*c, id), HasSubstr("it was rolled back"));
}

TEST_F(EtcdChangesTest, what_is_confirmed_at_another_server_stays) {
    const auto a = start(), b = start();
    a->transact(insert("x"));
    const std::string id = apply(*a, count(1));
    EXPECT_THAT(confirm(*b, id.substr(0, 6)), HasSubstr(id));
    EXPECT_THAT(confirm(*a, id), HasSubstr("it was confirmed"));
    pass(60s, {a.get(), b.get()});
    EXPECT_EQ(n(*a) + n(*b), "1 1 ");
    EXPECT_EQ(start()->server.deadline(), never);
}

TEST_F(EtcdChangesTest, it_is_confirmed_or_taken_back_never_both) {
    for (int i = 0; i < 20; ++i) {
        const auto a = start(), b = start();
        a->transact(i ? count(0) : insert("x"));
        const std::string id = apply(*b, count(1));
        Node& leader = a->database->state().leader ? *a : *b;
        Node& other = &leader == a.get() ? *b : *a;
        loop_.run_for(20s - 100ms);  // nobody ticks
        other.said.clear();
        if (i % 2) leader.server.tick(loop_.now() + 1s);
        other.request("weft_confirm", R"("T",")" + id + '"');
        if (i % 2 == 0) leader.server.tick(loop_.now() + 1s);
        pass(1s, {a.get(), b.get()});
        const bool confirmed = other.said.find(R"("error":null)") != std::string::npos;
        EXPECT_EQ(n(*a) + n(*b), confirmed ? "1 1 " : "0 0 ") << other.said;
        EXPECT_THAT(history(*a), testing::Contains(id + (confirmed ? " confirmed" : " rolled back")));
        EXPECT_EQ(history(*a), history(*b));
    }
}

TEST_F(EtcdChangesTest, a_snapshot_has_what_waits_and_a_cluster_that_was_down_takes_it_back) {
    auto a = start(), b = start();
    a->transact(insert("x"));
    const std::string confirmed = apply(*a, count(1));
    confirm(*a, confirmed);
    const std::string id = apply(*a, count(2));
    EXPECT_THAT(codec::format_json(call(*b, "weft_apply", R"({"confirm_within":1000},)" + count(3))),
                HasSubstr("overlaps"));
    b->client->cut();
    bool compacted = false;
    a->database->compact([&](Result<> done) { compacted = done.has_value(); });
    loop_.run_for(100ms);
    ASSERT_TRUE(compacted);
    b->client->is_cut = false;  // it reads the snapshot, for the log is gone
    pass(3s, {a.get(), b.get()});
    EXPECT_THAT(confirm(*b, confirmed), HasSubstr("it was confirmed"));
    EXPECT_EQ(n(*a) + n(*b), "2 2 ");
    a.reset();
    b.reset();
    loop_.run_for(1h);
    const auto c = start();
    EXPECT_EQ(n(*c), "1 ") << "as soon as it leads";
    EXPECT_THAT(confirm(*c, id), HasSubstr("it was rolled back"));
}

TEST_F(EtcdChangesTest, any_server_knows_the_history_and_reverts) {
    const auto a = start(), b = start();
    a->transact(insert("x"));
    b->transact(count(1));
    a->transact(count(2));
    const auto late = start();
    ASSERT_EQ(history(*a).size(), 3u);
    EXPECT_EQ(history(*b), history(*a));
    EXPECT_EQ(history(*late), history(*a));
    const std::string id = history(*a).back().substr(0, 12);
    EXPECT_THAT(codec::format_json(call(*late, "weft_revert", '"' + id + R"(",{"dry_run":true})")),
                HasSubstr(R"("made":false)"));
    EXPECT_THAT(codec::format_json(call(*late, "weft_revert", '"' + id + R"(",{})")),
                HasSubstr(R"("made":true)"));
    EXPECT_EQ(n(*a) + n(*b), "1 1 ");
    const std::string pending = apply(*a, count(7));
    call(*b, "weft_revert", '"' + pending + R"(",{})");
    EXPECT_THAT(history(*a), testing::Contains(pending + " rolled back"));
    pass(60s, {a.get(), b.get(), late.get()});
    EXPECT_EQ(n(*a) + n(*b), "1 1 ");
}

TEST_F(EtcdChangesTest, while_etcd_takes_nothing_it_waits_and_then_is_taken_back) {
    const auto a = start();
    a->transact(insert("x"));
    const std::string id = apply(*a, count(1));
    etcd_.is_full = true;
    EXPECT_THAT(confirm(*a, id), HasSubstr("alarm disarm"));
    EXPECT_THAT(codec::format_json(call(*a, "weft_apply", "{}," + insert("y"))), HasSubstr("I/O error"));
    pass(40s, {a.get()});
    EXPECT_EQ(n(*a), "1 ");
    const int64_t revision = etcd_.revision;
    pass(1s, {a.get()});
    EXPECT_EQ(etcd_.revision, revision);
    etcd_.is_full = false;
    pass(6s, {a.get()});
    EXPECT_EQ(n(*a), "0 ");
    a->client->cut();
    pass(10s, {a.get()});
    EXPECT_THAT(codec::format_json(call(*a, "weft_apply", "{}," + insert("y"))), HasSubstr("I/O error"));
}

TEST_F(EtcdChangesTest, a_lock_that_is_asserted_must_be_held_where_it_is_committed) {
    const auto a = start(), b = start();
    const std::string asserted = R"({},{"op":"assert","lock":"l"},)" + insert("x");
    a->ask("lock", R"("l")");
    EXPECT_THAT(codec::format_json(call(*b, "weft_apply", asserted)), HasSubstr("not owner"));
    EXPECT_THAT(codec::format_json(call(*a, "weft_apply", asserted)), Not(HasSubstr("not owner")));
    EXPECT_EQ(b->names(), "x");
}

}  // namespace
}  // namespace weft::store::etcd
