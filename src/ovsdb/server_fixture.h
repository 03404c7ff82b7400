// SPDX-License-Identifier: Apache-2.0
// For tests: a server of one database, "T", as sessions with it see it.
#pragma once

#include <gmock/gmock.h>

#include <deque>

#include "codec/json_text.h"
#include "ovsdb/server.h"

namespace weft::ovsdb {

/// Counts what it is given, and syncs when told to.
class FakeStorage : public Storage {
  public:
    Result<> append(const Changes& changes) override {
        if (broken) return fail("disk full");
        records.push_back(changes.rows.size());
        return {};
    }
    void sync(uint64_t ticket) override { tickets.push_back(ticket); }
    std::unique_ptr<Replacement> replacement() override { return std::make_unique<NewContents>(replaced); }

    struct Replaced {
        std::string comment = {};
        size_t rows = 0;  ///< written or appended
        bool done = false;
    };
    std::vector<size_t> records;
    std::vector<uint64_t> tickets;
    Replaced replaced;
    bool broken = false;

  private:
    struct NewContents : Replacement {
        explicit NewContents(Replaced& r) : replaced(r) {}
        Result<> write(const Snapshot& snapshot, const std::string& comment) override {
            replaced = {.comment = comment, .rows = snapshot.row_count()};
            return {};
        }
        Result<> append(const Changes& changes) override {
            replaced.rows += changes.rows.size();
            return {};
        }
        Result<> take_place() override {
            replaced.done = true;
            return {};
        }
        Replaced& replaced;
    };
};

class ServerFixture : public testing::Test {
  protected:
    ServerFixture(const char* schema_text, std::unique_ptr<Storage> storage, SessionId sessions) {
        CHECK(server_.add_database(std::make_unique<Database>(*parse_schema_text(schema_text, "test")),
                                   std::move(storage)));
        for (SessionId s = 1; s <= sessions; ++s) server_.open(s, {.name = "unix#" + std::to_string(s)});
    }

    /// Texts that went out, "SESSION:TEXT", closing as "SESSION:close".
    std::vector<std::string> output() {
        std::vector<std::string> out;
        for (const Output& o : server_.take_output()) {
            CHECK(o.close || codec::parse_json(o.text()));
            out.push_back(std::to_string(o.session) + ":" + (o.close ? "close" : o.text()));
        }
        return out;
    }
    std::vector<std::string> send(SessionId session, const std::string& method, const std::string& params) {
        id_ += id_step_;
        server_.receive(session, jsonrpc::Message::request(method, *codec::parse_json(params)->array(), id_),
                        now_);
        return output();
    }
    std::vector<std::string> transact(SessionId session, const std::string& operations) {
        return send(session, "transact", R"(["T",)" + operations + "]");
    }

    Time now_{};
    Server server_{Prng(1)};
    int id_ = 7, id_step_ = 0;  ///< of the last request; to that of the next one
};

/// What the server wants to be done aside is done when the test says so.
class ServerAsideFixture : public ServerFixture {
  protected:
    ServerAsideFixture(const char* schema_text, size_t min_rows, std::unique_ptr<Storage> storage = nullptr)
        : ServerFixture(schema_text, std::move(storage), 2) {
        id_step_ = 1;
        server_.set_aside(
            [this](auto work, auto done) { aside_.emplace_back(std::move(work), std::move(done)); },
            min_rows);
    }

    std::vector<std::string> finish() {
        CHECK(!aside_.empty());
        auto [work, done] = std::move(aside_.front());
        aside_.pop_front();
        work();
        work = nullptr;
        done();
        return output();
    }

    std::deque<std::pair<std::move_only_function<void()>, std::move_only_function<void()>>> aside_;
};

}  // namespace weft::ovsdb
