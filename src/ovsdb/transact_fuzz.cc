// SPDX-License-Identifier: Apache-2.0
// Any operations on a database: the invariants hold after each sixteenth and the last; a failed one changes
// nothing; the log's records and the monitors' updates lead to the same contents. Bytes choose among sensible
// operations, or, if the first is '[', are the text of one transaction.
#include <cstdint>

#include "codec/json_text.h"
#include "ovsdb/client/contents.h"
#include "ovsdb/invariants.h"
#include "ovsdb/log_record.h"
#include "ovsdb/monitor_update.h"
#include "ovsdb/random_transactions.h"
#include "ovsdb/transaction.h"

using namespace weft;
using namespace weft::ovsdb;

namespace {

struct World {
    inline static const SchemaPtr schema = *parse_schema_text(ovsdb::testing::rich_schema, "rich_schema");
    Database db{schema};
    Database from_log{schema};
    client::Contents replica{schema};
    MonitorRequest all = *parse_monitor_request(
        *codec::parse_json(R"({"R":[{}],"C":[{}],"M":[{}],"W":[{}]})"), *schema, UpdateFormat::update2);
    Prng prng{1};
    size_t transactions = 0;

    void run(const codec::JsonArray& operations) {
        const auto result = transact(db, operations, 0, {.prng = prng});
        if (result.status == TransactResult::Status::blocked) return;
        CHECK(codec::parse_json(result.results));
        CHECK(result.status == TransactResult::Status::done || result.changes.empty());
        const std::string record = format_record(result.changes, *schema, {});
        const std::string update = format_changes(all, *schema, result.changes.rows);
        db.commit(result.changes);
        if (++transactions % 16 == 0) CHECK(ovsdb::testing::find_violation(db).empty());
        if (!record.empty()) {
            const auto changes = parse_record(*codec::parse_json(record), from_log.snapshot());
            CHECK(changes);
            from_log.commit(*changes);
        }
        if (!update.empty())
            CHECK(replica.apply(*codec::parse_json(update), client::UpdateFormat::differences));
    }
    void compare() const {
        CHECK(ovsdb::testing::find_violation(db).empty());
        const auto text = [](const Snapshot& s) { return format_record(everything(s), *s.schema, {}); };
        CHECK(text(from_log.snapshot()) == text(db.snapshot()));
        CHECK(text(replica.snapshot()) == text(db.snapshot()));
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    World world;
    if (bytes.starts_with('[')) {
        const auto json = codec::parse_json(bytes);
        if (!json) return 0;
        world.run(*json->array());
    } else {
        ovsdb::testing::RandomTransactions random(world.schema, ovsdb::testing::Choices(bytes));
        while (!random.exhausted()) world.run(random.transaction());
    }
    world.compare();
    return 0;
}
