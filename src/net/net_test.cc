// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cerrno>
#include <optional>

#include "net/connection_name.h"
#include "net/jsonrpc_peer.h"
#include "net/memory_transport.h"
#include "net/system_transport.h"
#include "net/unixctl.h"

namespace weft::net {
namespace {

ConnectionName name_of(std::string_view text, uint16_t port = ovsdb_port) {
    return *ConnectionName::parse(text, port);
}

TEST(ConnectionName, are_read_as_the_manuals_say) {
    EXPECT_EQ(name_of("unix:db.sock").path, "db.sock");
    EXPECT_EQ(name_of("tcp:10.0.0.1").port, 6640);
    EXPECT_EQ(name_of("tcp:10.0.0.1", openflow_port).port, 6653);
    EXPECT_EQ(name_of("tcp:[::1]:7").host, "::1");
    EXPECT_EQ(name_of("tcp:[fe80::1%eth0]").host, "fe80::1%eth0");
    EXPECT_EQ(name_of("ssl:controller.example:1").host, "controller.example");
    const auto any = name_of("ptcp:");
    EXPECT_TRUE(any.passive);
    EXPECT_EQ(any.port, 6640);
    EXPECT_EQ(any.host, "");
    EXPECT_EQ(name_of("ptcp:0").port, 0);
    EXPECT_EQ(name_of("ptcp:0:[::1]").host, "::1");
    EXPECT_EQ(name_of("pssl:6640:127.0.0.1").host, "127.0.0.1");
    EXPECT_EQ(name_of("ptcp::127.0.0.1").port, 6640);
}

TEST(ConnectionName, that_make_no_sense_are_refused_with_a_remedy) {
    const auto refused = [](std::string_view text) {
        const auto name = ConnectionName::parse(text, ovsdb_port);
        EXPECT_TRUE(name || name.error().code == EAFNOSUPPORT);
        return name ? "" : name.error().message;
    };
    EXPECT_EQ(refused("tcp:1.2.3.4:99999"), "1.2.3.4:99999: bad port number \"99999\"");
    EXPECT_EQ(refused("ptcp:x"), "x: bad port number \"x\"");
    EXPECT_EQ(refused("tcp:::1:5"), "::1:5: an IPv6 address must stand in brackets");
    EXPECT_EQ(refused("tcp:[::1"), "[::1: an IPv6 address in brackets and a port are [ADDRESS]:PORT");
    EXPECT_EQ(refused("tcp:"), ": host must be specified");
    EXPECT_NE(refused("foo:bar"), "");
}

/// Both kinds of transport keep the same promises; the system's one needs real time.
struct Streams : testing::TestWithParam<const char*> {
    Streams()
        : simulated(GetParam() == std::string_view("memory")),
          clock(simulated ? loop::Clock::Kind::simulated : loop::Clock::Kind::real) {
        if (simulated)
            transport = std::make_unique<MemoryTransport>(loop, 1ms);
        else
            transport = std::make_unique<SystemTransport>(loop, SystemTransport::Options{});
        at = GetParam() == std::string_view("tcp")
                 ? name_of("ptcp:0:127.0.0.1")
                 : name_of("punix:" + testing::TempDir() + "weft_net_test.sock");
    }
    void run_until(const std::function<bool()>& done) {
        if (simulated) {
            ASSERT_TRUE(loop.run_until(done, 10s));
            return;
        }
        for (int i = 0; i < 100'000 && !done(); ++i) loop.run_ready();
        ASSERT_TRUE(done());
    }
    void connect() {
        listener =
            *transport->listen(at, [this](std::unique_ptr<Stream> stream) { far = std::move(stream); });
        const auto to = at.kind == ConnectionName::Kind::tcp
                            ? name_of("tcp:127.0.0.1:" + std::to_string(listener->port()))
                            : name_of("unix:" + at.path);
        near = *transport->connect(to);
        near->start({.connected = [this] { near_connected = true; },
                     .received = [this](std::string_view bytes) { near_got += bytes; },
                     .drained = [this] { near_drained = true; },
                     .closed = [this](const Error& e) { near_closed = e; }});
        run_until([&] { return far && near_connected; });
        far->start({.connected = [] { ADD_FAILURE() << "an accepted stream is connected already"; },
                    .received = [this](std::string_view bytes) { far_got += bytes; },
                    .closed = [this](const Error&) { far_closed = true, far.reset(); }});
    }

    bool simulated;
    loop::Clock clock;
    loop::Loop loop{clock};
    std::unique_ptr<Transport> transport;
    ConnectionName at;
    std::unique_ptr<Listener> listener;
    std::unique_ptr<Stream> near, far;
    std::string near_got, far_got;
    bool near_connected = false, near_drained = false, far_closed = false;
    std::optional<Error> near_closed;
};
INSTANTIATE_TEST_SUITE_P(Each, Streams, testing::Values("memory", "unix", "tcp"),
                         [](const auto& kind) { return kind.param; });

TEST_P(Streams, carry_bytes_both_ways) {
    connect();
    const std::string much(3'000'000, 'x');
    near->send(much), near->send("end");
    const bool had_backlog = near->backlog() > 0;
    far->send("hello");
    run_until([&] {
        return far_got.size() == much.size() + 3 && near_got == "hello" && near_drained == had_backlog;
    });
    EXPECT_TRUE(far_got.ends_with("xend"));
    EXPECT_EQ(near->backlog(), 0u);
}

TEST_P(Streams, a_held_stream_holds_its_sender_back) {
    connect();
    far->hold(true);
    const std::string much(8'000'000, 'x');
    near->send(much);
    for (int i = 0; i < 10; ++i) simulated ? loop.run_for(1s) : void(loop.run_ready());
    EXPECT_EQ(far_got, "");
    EXPECT_GT(near->backlog(), 1'000'000u);
    far->hold(false);
    run_until([&] { return far_got.size() == much.size(); });
}

TEST_P(Streams, the_last_bytes_arrive_before_the_end) {
    connect();
    far->send("bye");
    far.reset();
    run_until([&] { return near_closed.has_value(); });
    EXPECT_EQ(near_got, "bye");
    EXPECT_EQ(near_closed->code, 0);
    EXPECT_EQ(near_closed->message, "connection closed by peer");
}

TEST_P(Streams, may_be_destroyed_by_their_own_callback) {
    connect();
    near.reset();
    run_until([&] { return far_closed; });
    EXPECT_FALSE(far);
}

TEST_P(Streams, nobody_listens) {
    const auto to =
        at.kind == ConnectionName::Kind::tcp ? name_of("tcp:127.0.0.1:1") : name_of("unix:/nonexistent/x");
    auto stream = transport->connect(to);
    std::optional<int> code;
    if (stream) {
        (*stream)->start({.closed = [&](const Error& e) { code = e.code; }});
        run_until([&] { return code.has_value(); });
    } else {
        code = stream.error().code;
    }
    EXPECT_TRUE(code == ECONNREFUSED || code == ENOENT) << *code;
}

TEST(SystemTransport, connects_to_hosts_by_name) {
    loop::Clock clock;
    loop::Loop loop{clock};
    SystemTransport transport(loop, {});
    std::unique_ptr<Stream> far;
    const auto listener = *transport.listen(
        name_of("ptcp:0"), [&](std::unique_ptr<Stream> stream) { far = std::move(stream), loop.stop(); });
    const auto near = *transport.connect(name_of("tcp:localhost:" + std::to_string(listener->port())));
    near->start({.closed = [&](const Error& error) {
        ADD_FAILURE() << error.message;
        loop.stop();
    }});
    loop.run();
    EXPECT_TRUE(far);
}

struct UnixctlTest : testing::Test {
    UnixctlTest() {
        table.add("version", "", 0, 0, [](obs::CommandArgs) { return "Weft"; });
        table.add("fail", "[x]...", 0, 9,
                  [](obs::CommandArgs args) -> Result<std::string> { return fail("no " + args[0]); });
        table.add_late("wait", "", 0, 0,
                       [this](obs::CommandArgs, obs::CommandReply reply) { late.emplace(std::move(reply)); });
        EXPECT_TRUE(unixctl.listen(transport, name_of("punix:x.ctl")));
        client = std::make_unique<JsonrpcPeer>(
            loop, *transport.connect(name_of("unix:x.ctl")), JsonrpcPeer::Options{},
            JsonrpcPeer::Events{.received = [this](jsonrpc::Message m) { got += m.describe() + "\n"; },
                                .closed = [this](const Error&) { got += "closed\n"; }});
    }
    std::string ask(std::string method, codec::JsonArray params) {
        client->send(jsonrpc::Message::request(std::move(method), std::move(params), 0));
        loop.run_for(10ms);
        return std::exchange(got, "");
    }
    loop::Clock clock{loop::Clock::Kind::simulated};
    loop::Loop loop{clock};
    MemoryTransport transport{loop, 1ms};
    obs::CommandTable table;
    Unixctl unixctl{loop, table, {}};
    std::unique_ptr<JsonrpcPeer> client;
    std::optional<obs::CommandReply> late;
    std::string got;
};

TEST_F(UnixctlTest, answers_end_with_a_line_end) {
    EXPECT_EQ(ask("version", {}), "reply, result=\"Weft\\n\", id=0\n");
    EXPECT_EQ(ask("fail", {"luck"}), "reply, error=\"no luck\\n\", id=0\n");
    EXPECT_EQ(ask("version", {1}), "reply, error=\"command has non-string argument\\n\", id=0\n");
}

TEST_F(UnixctlTest, a_late_answer_holds_back_the_next_command_of_its_connection) {
    EXPECT_EQ(ask("wait", {}), "");
    EXPECT_EQ(ask("version", {}), "");
    (*late)("done");
    loop.run_for(10ms);
    EXPECT_EQ(got, "reply, result=\"done\\n\", id=0\nreply, result=\"Weft\\n\", id=0\n");
}

TEST_F(UnixctlTest, an_answer_to_a_client_that_left_is_dropped) {
    ask("wait", {});
    client.reset();
    loop.run_for(10ms);
    (*late)("done");
    loop.run_for(10ms);
}

TEST(JsonrpcPeer, a_long_part_leaves_in_slices_and_nothing_gets_between_its_bytes) {
    loop::Clock clock{loop::Clock::Kind::simulated};
    loop::Loop loop{clock};
    auto [near, far] = make_memory_streams(loop, "near", "far", 1ms);
    std::string got;
    size_t pieces = 0, drained = 0;
    far->start({.received = [&](std::string_view bytes) {
        got += bytes;
        ++pieces;
    }});
    JsonrpcPeer peer(loop, std::move(near), {.connection = {.probe_interval = 5s}},
                     {.drained = [&] { ++drained; }});
    const auto part = std::make_shared<const std::string>(5'000'000, 'x');
    peer.send_text("[\"");
    peer.send_shared(part);
    peer.send_text("\"]");
    peer.flush();
    EXPECT_GT(peer.backlog(), part->size() / 2);  // others get their turn before it has gone
    peer.send(jsonrpc::Message::notification("last", {}));
    EXPECT_TRUE(loop.run_until([&] { return peer.backlog() == 0 && got.ends_with("}"); }, 1s));
    EXPECT_EQ(got, "[\"" + *part + "\"]" + R"({"id":null,"method":"last","params":[]})");
    EXPECT_GE(pieces, 5u);
    EXPECT_EQ(drained, 1u);
}

TEST(JsonrpcPeer, long_work_is_done_in_turns_and_its_peer_is_not_taken_for_silent) {
    loop::Clock clock{loop::Clock::Kind::simulated};
    loop::Loop loop{clock};
    auto [near, far] = make_memory_streams(loop, "near", "far", 1ms);
    far->start({});
    int received = 0, closed = 0;
    std::vector<int> at_turns;  // of somebody else
    std::function<void()> other = [&] {
        at_turns.push_back(received);
        if (received < 30) loop.post(other);
    };
    JsonrpcPeer peer(loop, std::move(near), {.connection = {.probe_interval = 5s}},
                     {.received =
                          [&](const jsonrpc::Message&) {
                              if (++received == 1) loop.post(other);
                              if (received > 20) clock.advance(4s);
                          },
                      .closed = [&](const Error&) { ++closed; }});
    std::string much;
    for (int i = 0; i < 30; ++i) much += R"({"method":"m","params":[],"id":1})";
    far->send(much);
    EXPECT_TRUE(loop.run_until([&] { return received == 30; }, 1s));
    EXPECT_EQ(closed, 0);
    ASSERT_GE(at_turns.size(), 12u);
    EXPECT_EQ(std::vector(at_turns.begin(), at_turns.begin() + 4), (std::vector{8, 16, 21, 22}));
}

TEST(JsonrpcPeer, gives_up_a_peer_that_went_silent) {
    loop::Clock clock{loop::Clock::Kind::simulated};
    loop::Loop loop{clock};
    auto [near, far] = make_memory_streams(loop, "near", "far", 1ms);
    far->start({});
    std::string closed;
    JsonrpcPeer peer(loop, std::move(near), {.connection = {.probe_interval = 5s}},
                     {.closed = [&](const Error& e) { closed = e.message; }});
    loop.run_for(9s);
    EXPECT_EQ(closed, "");
    loop.run_for(2s);
    EXPECT_EQ(closed, "no response to inactivity probe after 5 seconds, disconnecting");
}

}  // namespace
}  // namespace weft::net
