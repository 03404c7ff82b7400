// SPDX-License-Identifier: Apache-2.0
// A replica that a server tells anything: it never crashes, never holds a value that its schema forbids, and
// what it says has changed is what has changed. With an odd first byte the replica is synchronized before the
// input begins.
#include <cstdint>

#include "base/bytes.h"
#include "codec/json_text.h"
#include "ovsdb/client/session.h"

using namespace weft;
using namespace weft::ovsdb;

namespace {

constexpr std::string_view schema = R"({"name":"D","tables":{
    "T":{"isRoot":true,"columns":{"n":{"type":"integer"},"o":{"type":{"key":"string","min":0,"max":1}},
        "s":{"type":{"key":{"type":"integer","maxInteger":9},"min":0,"max":3}},
        "m":{"type":{"key":"string","value":"real","min":0,"max":"unlimited"}},
        "r":{"type":{"key":{"type":"uuid","refTable":"U"},"min":0,"max":"unlimited"}}}},
    "U":{"columns":{"b":{"type":"boolean"}}}}})";

codec::Json json(std::string_view text) { return *codec::parse_json(text); }

/// An old server's part of the conversation, up to the contents.
void synchronize(client::Session& session) {
    using jsonrpc::Message;
    session.receive(Message::error("unknown method", 1));
    session.receive(Message::error("unknown database", 2));
    session.receive(Message::reply(json(schema), 3));
    session.receive(Message::reply(
        json(
            R"([false,"00000000-0000-0000-0000-000000000001",{"T":{"11111111-1111-1111-1111-111111111111":{"initial":{"n":1,"s":["set",[1,2]]}}},
                "U":{"22222222-2222-2222-2222-222222222222":{"initial":{"b":true}}}}])"),
        4));
    CHECK(session.is_synchronized());
}

void check_values(const Snapshot& snapshot) {
    for (const auto& table : snapshot.schema->tables)
        for (const auto& row : snapshot[table])
            for (const auto& column : table.columns)
                if (column.index >= first_user_column && !column.has_bad_default)
                    CHECK(column.type.check(row[column.index]));
}

void check_changes(const client::View& before, const client::View& after) {
    if (!before.schema() || before.schema() != after.schema()) return;
    Snapshot rebuilt = before.snapshot();
    after.changes_since(before).apply_to(rebuilt);
    for (size_t i = 0; i < rebuilt.tables.size(); ++i) {
        CHECK(rebuilt.tables[i].size() == after.snapshot().tables[i].size());
        for (const auto& row : rebuilt.tables[i]) {
            const auto* other = after.snapshot().tables[i].find(row.uuid());
            CHECK(other && same_data(row, *other));
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 1) return 0;
    client::Session session({.database = "D", .lock = "L"});
    session.connected();
    if (data[0] & 1) synchronize(session);
    client::View before = session.view();

    codec::JsonStream stream({.max_depth = 50});
    auto text = as_chars({data + 1, size - 1});
    for (;;) {
        auto value = stream.next(text);
        if (!value || !*value) break;
        auto message = jsonrpc::Message::from_json(std::move(**value));
        if (!message) continue;
        session.receive(std::move(*message));
        session.take_output();
        session.take_notes();
        if (session.view().schema()) check_values(session.view().snapshot());
        check_changes(before, session.view());
        before = session.view();
        if (!session.failure()) continue;
        session.disconnected();
        session.connected();
    }
    client::Txn txn(session.view());
    for (const auto& row : session.view().table("T"))
        txn.set(row, "n", 5), txn.verify(row, "s"), txn.remove(row, "m", client::datum_of("k"));
    CHECK(!codec::format_json(txn.operations("L")).empty());
    return 0;
}
