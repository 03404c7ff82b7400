// SPDX-License-Identifier: Apache-2.0
// Sessions of a database server beside each other.
#include "net/ovsdb_sessions.h"

#include <gtest/gtest.h>

#include "codec/json_text.h"
#include "net/memory_transport.h"
#include "net/system_transport.h"

namespace weft::net {
namespace {

/// A server with one row in which a number is counted up; in virtual time, and on sockets.
struct Sessions : testing::TestWithParam<bool> {
    Sessions() {
        if (GetParam())
            transport = std::make_unique<SystemTransport>(loop, SystemTransport::Options{});
        else
            transport = std::make_unique<MemoryTransport>(loop, 1ms);
        sessions.emplace(loop, *transport, server, obs::LogModule{});
        const auto schema = codec::parse_json(
            R"({"name":"D","version":"1.0.0","tables":{"A":{"columns":{"n":{"type":"integer"}}}}})");
        EXPECT_TRUE(
            server.add_database(std::make_unique<ovsdb::Database>(*ovsdb::parse_schema(*schema)), nullptr));
        server.execute("D", *codec::parse_json(R"([{"op":"insert","table":"A","row":{"n":0}}])")->array(),
                       loop.now());
        sessions->configure({{"punix:" + path, {}}});
    }
    void run_until(const std::function<bool()>& done) {
        if (!GetParam()) {
            ASSERT_TRUE(loop.run_until(done, 10s));
            return;
        }
        for (int i = 0; i < 100'000 && !done(); ++i) loop.run_ready();
        ASSERT_TRUE(done());
    }

    struct Client {
        std::unique_ptr<Stream> stream;
        std::string got;
    };
    std::unique_ptr<Client> client() {
        auto out = std::make_unique<Client>();
        out->stream = *transport->connect(*ConnectionName::parse("unix:" + path, 0));
        out->stream->start({.received = [&got = out->got](std::string_view bytes) { got += bytes; }});
        out->stream->send(R"({"id":0,"method":"echo","params":[]})");
        run_until([&] { return out->got.ends_with("}"); });
        out->got.clear();
        return out;
    }

    const std::string path = testing::TempDir() + "weft_ovsdb_sessions_test.sock";
    loop::Clock clock{GetParam() ? loop::Clock::Kind::real : loop::Clock::Kind::simulated};
    loop::Loop loop{clock};
    std::unique_ptr<Transport> transport;
    ovsdb::Server server{Prng(1)};
    std::optional<OvsdbSessions> sessions;
};
INSTANTIATE_TEST_SUITE_P(On, Sessions, testing::Bool(),
                         [](const auto& real) { return real.param ? "sockets" : "memory"; });

TEST_P(Sessions, a_polite_client_waits_for_a_turn_of_each_flooder_only) {
    constexpr int each = 500;
    std::string flood;
    for (int i = 0; i < each; ++i)
        flood +=
            R"({"id":1,"method":"transact","params":["D",{"op":"mutate","table":"A","where":[],"mutations":[["n","+=",1]]}]})";
    const auto first = client(), second = client(), polite = client();
    first->stream->send(flood), second->stream->send(flood);
    polite->stream->send(
        R"({"id":7,"method":"transact","params":["D",{"op":"select","table":"A","where":[],"columns":["n"]}]})");
    run_until([&] { return !polite->got.empty(); });
    const auto answer = codec::parse_json(polite->got);
    ASSERT_TRUE(answer) << polite->got;
    const auto before =
        answer->find("result")->array()->at(0).find("rows")->array()->at(0).find("n")->integer();
    EXPECT_LE(*before, 2 * JsonrpcPeer::messages_per_turn) << "of " << 2 * each;
}

}  // namespace
}  // namespace weft::net
