// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "codec/json_text.h"
#include "jsonrpc/connection.h"
#include "jsonrpc/message.h"

namespace weft::jsonrpc {
namespace {

std::string refused(std::string_view text) {
    const auto message = Message::from_json(*codec::parse_json(text));
    return message ? "" : message.error().message;
}

TEST(Message, survives_its_own_text) {
    for (const auto& message : {Message::request("transact", {"db", 1}, "x"),
                                Message::notification("update", {nullptr}), Message::reply(nullptr, 7),
                                Message::reply("", 0), Message::error("unknown method", Json::array({1, 2}))})
        EXPECT_EQ(*Message::from_json(message.to_json()), message) << message.describe();
}

TEST(Message, that_fits_no_kind_is_refused) {
    EXPECT_EQ(refused("[]"), "message is not a JSON object");
    EXPECT_EQ(refused(R"({"method":1,"params":[],"id":1})"), "message's \"method\" is not a string");
    EXPECT_EQ(refused(R"({"method":"x","params":{},"id":1})"), "message's \"params\" is not an array");
    EXPECT_EQ(refused(R"({"method":"x","params":[],"id":1,"foo":2})"),
              "message has unexpected member \"foo\"");
    EXPECT_EQ(refused(R"({"result":1,"error":2,"id":1})"), "reply has both \"result\" and \"error\"");
    EXPECT_EQ(refused(R"({"result":1,"id":null})"), "reply has no \"id\"");
    EXPECT_EQ(refused(R"({"id":1})"), "message has no \"method\", \"result\" or \"error\"");
    EXPECT_EQ(refused(R"({"id":1,"error":null,"result":null})"), "");
    EXPECT_EQ(refused(R"({"id":1,"method":"get_server_id","params":null})"), "");
}

TEST(Message, is_described_as_in_open_vswitchs_log) {
    EXPECT_EQ(Message::request("vlog/set", {"dbg"}, 0).describe(),
              "request, method=\"vlog/set\", params=[\"dbg\"], id=0");
    EXPECT_EQ(Message::error("no\n", 0).describe(), "reply, error=\"no\\n\", id=0");
    EXPECT_EQ(Message::notification("locked", {"l"}).describe(),
              "notification, method=\"locked\", params=[\"l\"]");
}

TEST(Connection, cuts_messages_out_of_any_fragments) {
    const std::string text = R"({"method":"a","params":[],"id":1} {"id":2,"result":{"x":"}"},"error":null})";
    for (size_t step = 1; step < text.size(); ++step) {
        Connection connection({}, Time{});
        std::vector<Message> messages;
        for (size_t at = 0; at < text.size(); at += step) {
            connection.receive(std::string_view(text).substr(at, step), Time{});
            while (auto m = connection.next()) messages.push_back(std::move(*m));
        }
        ASSERT_EQ(messages.size(), 2u) << step;
        EXPECT_EQ(messages[0].method, "a");
        EXPECT_EQ(messages[1].id, Json(2));
        EXPECT_EQ(connection.unparsed(), 0u);
    }
}

TEST(Connection, fails_on_text_that_is_no_json_or_no_message) {
    Connection a({}, Time{}), b({}, Time{});
    a.receive("{]", Time{}), b.receive("{\"id\":[}", Time{});
    EXPECT_FALSE(a.next());
    EXPECT_NE(a.failure()->find("error parsing stream: "), std::string::npos);
    Connection c({}, Time{});
    c.receive("[1]", Time{});
    EXPECT_FALSE(c.next());
    EXPECT_EQ(c.failure(), "received bad JSON-RPC message: message is not a JSON object");
    EXPECT_EQ(c.deadline(), never);
}

TEST(Connection, answers_echo_by_itself) {
    Connection connection({}, Time{});
    connection.receive(R"({"method":"echo","params":[1,"a"],"id":"e"})", Time{});
    EXPECT_FALSE(connection.next());
    EXPECT_EQ(connection.output(), R"({"error":null,"id":"e","result":[1,"a"]})");
}

TEST(Connection, takes_no_more_messages_than_asked_for) {
    Connection connection({}, Time{});
    const std::string echo = R"({"method":"echo","params":[],"id":1})";
    connection.receive(echo + echo + R"({"method":"m","params":[],"id":2})" + echo, Time{});
    int left = 2;
    EXPECT_FALSE(connection.next(left));
    EXPECT_EQ(left, 0);
    EXPECT_GT(connection.unparsed(), 0u);
    left = 8;
    EXPECT_EQ(connection.next(left)->method, "m");
    EXPECT_EQ(left, 7);
    EXPECT_FALSE(connection.next(left));
    EXPECT_EQ(left, 6);
    EXPECT_EQ(connection.unparsed(), 0u);
}

TEST(Connection, probes_a_silent_peer_and_gives_it_up) {
    Connection connection({.probe_interval = 5s}, Time{1s});
    EXPECT_EQ(connection.deadline(), Time{6s});
    connection.tick(Time{5s});
    EXPECT_EQ(connection.output(), "");
    connection.tick(Time{6s});
    EXPECT_EQ(std::exchange(connection.output(), ""), R"({"id":"echo","method":"echo","params":[]})");
    connection.receive(R"({"id":"echo","result":[],"error":null})", Time{7s});
    EXPECT_FALSE(connection.next());
    EXPECT_EQ(connection.deadline(), Time{12s});
    connection.tick(Time{12s});
    EXPECT_FALSE(connection.failure());
    connection.tick(Time{17s});
    EXPECT_EQ(connection.failure(), "no response to inactivity probe after 5 seconds, disconnecting");
}

}  // namespace
}  // namespace weft::jsonrpc
