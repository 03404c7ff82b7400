// SPDX-License-Identifier: Apache-2.0
// Servers that share a database in an etcd in memory, in virtual time.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/json_text.h"
#include "store/etcd_database.h"
#include "store/etcd_fake.h"

namespace weft::store::etcd {

inline const char* const schema_text =
    R"({"name":"T","version":"1.0.0","tables":{"R":{"indexes":[["s"]],"columns":{
  "n":{"type":"integer"},"s":{"type":"string"},"e":{"type":"integer","ephemeral":true}}}}})";

/// A server with one client, session 1.
struct Node {
    Node(loop::Loop& loop_, FakeEtcd& etcd, uint64_t seed) : loop(loop_), server(Prng(seed)) {
        auto own = std::make_unique<FakeClient>(etcd, loop);
        client = own.get();
        database = std::make_unique<EtcdDatabase>(
            loop, server, std::move(own),
            DatabaseOptions{.prefix = "/t/", .about = "test", .pump = [this] { pump(); }, .seed = seed}, 10s,
            [this](Result<> done) {
                opened = std::move(done);
                server.open(1, {.name = "client"});
            });
    }
    ~Node() { std::ignore = server.remove_database("T"); }

    void pump() {
        for (const auto& out : server.take_output()) said += out.text() + "\n";
    }
    void request(const std::string& method, const std::string& params) {
        static int id = 0;
        auto message = jsonrpc::Message::request(method, *codec::parse_json("[" + params + "]")->array(),
                                                 codec::Json(int64_t{++id}));
        server.receive(1, message, loop.now());
        pump();
    }
    /// What comes out until nothing more does.
    std::string ask(const std::string& method, const std::string& params) {
        said.clear();
        request(method, params);
        loop.run_for(100ms);
        pump();
        return said;
    }
    std::string transact(const std::string& operations) { return ask("transact", R"("T",)" + operations); }
    std::string names() {
        std::string out;
        for (const ovsdb::Row& row : server.database("T")->snapshot().tables[0])
            out += (out.empty() ? "" : " ") + row[database_column("s")].to_bare();
        return out;
    }
    ovsdb::ColumnIndex database_column(const char* name) {
        return server.database("T")->schema().tables[0].find(name)->index;
    }

    loop::Loop& loop;
    ovsdb::Server server;
    std::optional<Result<>> opened;
    std::string said;
    FakeClient* client;
    std::unique_ptr<EtcdDatabase> database;
};

inline std::string insert(const std::string& s) {
    return R"({"op":"insert","table":"R","row":{"s":")" + s + R"("}})";
}

class EtcdDatabaseTest : public testing::Test {
  protected:
    EtcdDatabaseTest() : clock_(loop::Clock::Kind::simulated), loop_(clock_), etcd_(loop_) {
        FakeClient tool(etcd_, loop_);
        const ovsdb::SchemaPtr schema = *ovsdb::parse_schema_text(schema_text, "test");
        create(tool, "/t/", ovsdb::Snapshot(schema), 1,
               [this](const Outcome<>& done) { created_ = done.has_value(); });
        loop_.run_for(1ms);
        CHECK(created_);
    }
    std::unique_ptr<Node> start() {
        auto out = std::make_unique<Node>(loop_, etcd_, ++seed_);
        loop_.run_for(100ms);
        CHECK(out->opened && *out->opened);
        return out;
    }

    loop::Clock clock_;
    loop::Loop loop_;
    FakeEtcd etcd_;
    bool created_ = false;
    uint64_t seed_ = 100;
};

}  // namespace weft::store::etcd
