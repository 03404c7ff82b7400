// SPDX-License-Identifier: Apache-2.0
// Relays and backups against our own server, in virtual time.
#include "net/ovsdb_follower.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/json_text.h"
#include "net/memory_transport.h"

namespace weft::net {
namespace {

using testing::ElementsAre, testing::HasSubstr;
using Kind = OvsdbFollower::Kind;

std::string schema_text(std::string_view more = "") {
    return R"({"name":"D","version":"1.0.0","tables":{"A":{"columns":{"n":{"type":"integer"})" +
           std::string(more) + R"(}},"B":{"columns":{"s":{"type":"string"}}}}})";
}
std::unique_ptr<ovsdb::Database> database(std::string_view more = "") {
    return std::make_unique<ovsdb::Database>(*ovsdb::parse_schema(*codec::parse_json(schema_text(more))));
}

/// A server with its sockets, at `name`.sock.
struct Node {
    Node(loop::Loop& loop_, Transport& transport_, const std::string& name, uint64_t seed)
        : loop(loop_), transport(transport_), server(Prng(seed)), sessions(loop, transport, server, {}) {
        listen(name);
    }
    void listen(const std::string& name) { sessions.configure({{"punix:" + name + ".sock", {}}}); }
    std::string execute(std::string_view operations) {
        const auto results = server.execute("D", *codec::parse_json(operations)->array(), loop.now());
        sessions.pump();
        return codec::format_json(results);
    }
    /// The rows of both tables, in order of what they say.
    std::string rows() {
        std::vector<std::string> out;
        const ovsdb::Snapshot& now = server.database("D")->snapshot();
        for (const auto& table : now.schema->tables)
            for (const ovsdb::Row& row : now[table])
                out.push_back(table.name + codec::format_json(row[ovsdb::first_user_column].to_json(
                                               table.columns[ovsdb::first_user_column].type)));
        std::ranges::sort(out);
        std::string text;
        for (const auto& row : out) text += (text.empty() ? "" : " ") + row;
        return text;
    }

    loop::Loop& loop;
    Transport& transport;
    ovsdb::Server server;
    OvsdbSessions sessions;
};

/// A client that speaks for itself.
struct Caller {
    Caller(loop::Loop& loop_, Transport& transport, const std::string& name) : loop(loop_) {
        auto stream = transport.connect(*ConnectionName::parse("unix:" + name + ".sock", 0));
        EXPECT_TRUE(stream);
        peer = std::make_unique<JsonrpcPeer>(
            loop, std::move(*stream), JsonrpcPeer::Options{},
            JsonrpcPeer::Events{.received = [this](jsonrpc::Message m) { said.push_back(std::move(m)); },
                                .closed = [this](const Error&) { is_closed = true; }});
    }
    /// What comes up to and with the answer, as text.
    std::vector<std::string> ask(const std::string& method, std::string_view params) {
        said.clear();
        peer->send(jsonrpc::Message::request(method, *codec::parse_json(params)->array(), 7));
        EXPECT_TRUE(
            loop.run_until([&] { return is_closed || (!said.empty() && !said.back().id.is_null()); }, 5s));
        std::vector<std::string> out;
        out.reserve(said.size());
        for (const auto& m : said)
            out.push_back(codec::format_json(m.id.is_null() ? codec::Json(m.params) : m.result));
        return out;
    }
    loop::Loop& loop;
    std::unique_ptr<JsonrpcPeer> peer;
    std::vector<jsonrpc::Message> said;
    bool is_closed = false;
};

struct FollowerTest : testing::Test {
    FollowerTest() {
        EXPECT_TRUE(source.server.add_database(database(), nullptr));
        source.execute(
            R"([{"op":"insert","table":"A","row":{"n":1}},{"op":"insert","table":"B","row":{"s":"x"}}])");
    }
    std::unique_ptr<OvsdbFollower> follow(Node& in, Kind kind, std::set<std::string> own = {},
                                          const std::string& from = "source") {
        auto out = OvsdbFollower::open(
            loop, transport, in.server, in.sessions,
            {.kind = kind, .database = "D", .remotes = "unix:" + from + ".sock", .own = std::move(own)});
        EXPECT_TRUE(out);
        return std::move(*out);
    }
    bool becomes(Node& which, const std::string& rows) {
        return loop.run_until([&] { return which.rows() == rows; }, 20s);
    }

    loop::Clock clock{loop::Clock::Kind::simulated};
    loop::Loop loop{clock};
    MemoryTransport transport{loop, 1ms};
    Node source{loop, transport, "source", 1}, node{loop, transport, "node", 2};
};

TEST_F(FollowerTest, a_relay_serves_what_its_source_has_and_passes_writes_on) {
    auto relay = follow(node, Kind::relay);
    Caller early(loop, transport, "node");
    EXPECT_THAT(early.ask("get_schema", R"(["D"])"), ElementsAre(HasSubstr("database not available")));
    ASSERT_TRUE(becomes(node, "A1 B\"x\""));
    ASSERT_TRUE(loop.run_until([&] { return early.is_closed; }, 1s)) << "it does not ask to be told";

    Caller client(loop, transport, "node");
    EXPECT_THAT(client.ask("monitor", R"(["D","m",{"A":{"columns":["n"]}}])"),
                ElementsAre(HasSubstr(R"("new":{"n":1})")));
    const auto told = client.ask("transact", R"(["D",{"op":"update","table":"A","where":[],"row":{"n":2}}])");
    ASSERT_EQ(told.size(), 2u) << "the update comes before the answer";
    EXPECT_THAT(told[0], HasSubstr(R"("new":{"n":2})"));
    EXPECT_EQ(told[1], R"([{"count":1}])");
    EXPECT_EQ(source.rows(), "A2 B\"x\"");
    EXPECT_THAT(client.ask("transact", R"(["D",{"op":"insert","table":"A","row":{"n":"y"}}])"),
                ElementsAre(HasSubstr("expected integer")))
        << "the source's error";
    EXPECT_THAT(
        client.ask(
            "transact",
            R"(["_Server",{"op":"select","table":"Database","where":[["name","==","D"]],"columns":["model","connected","leader"]}])"),
        ElementsAre(R"([{"rows":[{"connected":true,"leader":false,"model":"relay"}]}])"));

    source.listen("elsewhere");
    ASSERT_TRUE(loop.run_until([&] { return !relay->is_connected(); }, 1s));
    EXPECT_THAT(client.ask("transact", R"(["D",{"op":"select","table":"A","where":[],"columns":["n"]}])"),
                ElementsAre(R"([{"rows":[{"n":2}]}])"))
        << "it goes on with what it has";
    EXPECT_THAT(client.ask("transact", R"(["D",{"op":"delete","table":"A","where":[]}])"),
                ElementsAre(HasSubstr("not connected")));
    source.execute(R"([{"op":"insert","table":"A","row":{"n":3}}])");
    source.listen("source");
    EXPECT_TRUE(becomes(node, "A2 A3 B\"x\""));
    EXPECT_TRUE(node.server.remove_database("D"));
}

TEST_F(FollowerTest, a_relay_of_a_relay_takes_over_another_schema) {
    Node far(loop, transport, "far", 3);
    const auto relay = follow(node, Kind::relay), second = follow(far, Kind::relay, {}, "node");
    ASSERT_TRUE(becomes(far, "A1 B\"x\""));
    Caller client(loop, transport, "source");
    EXPECT_THAT(client.ask("convert", "[\"D\"," + schema_text(R"(,"o":{"type":"integer"})") + "]"),
                ElementsAre("{}"));
    ASSERT_TRUE(loop.run_until(
        [&] { return far.server.database("D")->schema().tables[0].find("o") != nullptr; }, 20s));
    EXPECT_TRUE(becomes(far, "A1 B\"x\""));
    Caller writer(loop, transport, "far");
    EXPECT_THAT(writer.ask("transact", R"(["D",{"op":"update","table":"A","where":[],"row":{"n":8}}])"),
                ElementsAre(R"([{"count":1}])"));
    EXPECT_EQ(source.rows(), "A8 B\"x\"");
    EXPECT_TRUE(far.server.remove_database("D"));
    EXPECT_TRUE(node.server.remove_database("D"));
}

TEST_F(FollowerTest, a_backup_becomes_the_same_and_lets_nobody_write) {
    ASSERT_TRUE(node.server.add_database(database(), nullptr));
    node.execute(
        R"([{"op":"insert","table":"A","row":{"n":9}},{"op":"insert","table":"B","row":{"s":"own"}}])");
    auto backup = follow(node, Kind::backup, {"B"});
    node.server.set_backup("D", true);
    ASSERT_TRUE(becomes(node, "A1 B\"own\""));
    Caller client(loop, transport, "node");
    EXPECT_THAT(client.ask("transact", R"(["D",{"op":"insert","table":"A","row":{"n":9}}])"),
                ElementsAre(HasSubstr("read only mode")));
    EXPECT_THAT(client.ask("lock", R"(["l"])"), ElementsAre(HasSubstr("DB server is read only")));
    EXPECT_THAT(client.ask("convert", "[\"D\"," + schema_text() + "]"),
                ElementsAre(HasSubstr("read only mode")));

    backup.reset();
    node.server.set_backup("D", false);
    EXPECT_THAT(client.ask("transact", R"(["D",{"op":"insert","table":"A","row":{"n":9}}])"),
                ElementsAre(HasSubstr("uuid")));
    source.execute(R"([{"op":"update","table":"A","where":[],"row":{"n":4}}])");
    backup = follow(node, Kind::backup);
    EXPECT_TRUE(becomes(node, "A4 B\"x\"")) << "what was written meanwhile goes";
}

TEST_F(FollowerTest, a_backup_of_another_schema_says_so_and_stays_as_it_is) {
    ASSERT_TRUE(node.server.add_database(database(R"(,"o":{"type":"integer"})"), nullptr));
    node.execute(R"([{"op":"insert","table":"A","row":{"n":9}}])");
    const auto backup = follow(node, Kind::backup);
    ASSERT_TRUE(loop.run_until([&] { return !backup->complaint().empty(); }, 5s));
    EXPECT_THAT(backup->complaint(), HasSubstr("convert"));
    EXPECT_EQ(node.rows(), "A9");
}

}  // namespace
}  // namespace weft::net
