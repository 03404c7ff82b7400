// SPDX-License-Identifier: Apache-2.0
// Any transactions on a database: taking one back at once leads to where it began, also by way of its JSON;
// doing so twice does nothing more; taking one back after others breaks nothing. If the first byte is '{',
// the text of changes.
#include <cstdint>

#include "codec/json_text.h"
#include "ovsdb/change_json.h"
#include "ovsdb/invariants.h"
#include "ovsdb/log_record.h"
#include "ovsdb/random_transactions.h"
#include "ovsdb/transaction.h"
#include "ovsdb/undo.h"

using namespace weft;
using namespace weft::ovsdb;

namespace {

std::string stored(const Database& db) { return format_record(everything(db.snapshot()), db.schema(), {}); }

struct World {
    inline static const SchemaPtr schema = *parse_schema_text(ovsdb::testing::rich_schema, "rich_schema");
    Database db{schema};
    Prng prng{1};
    Changes before_last;

    /// Commits what takes `done` back; false if there were conflicts.
    bool take_back(const Changes& done) {
        const auto back = undo(db, done, prng);
        CHECK(back);
        db.commit(back->changes);
        return back->conflicts.empty();
    }

    void run(const codec::JsonArray& operations) {
        const std::string start = stored(db);
        const auto result = transact(db, operations, 0, {.prng = prng});
        if (result.status != TransactResult::Status::done) return;
        db.commit(result.changes);
        const std::string made = stored(db);
        const auto by_json = parse_change_json(change_json(result.changes, *schema), *schema);
        CHECK(by_json);
        const Snapshot kept = db.snapshot();
        for (const Changes* done : {&result.changes, &*by_json}) {
            CHECK(take_back(*done) && stored(db) == start);
            CHECK(take_back(*done) && stored(db) == start);
            db.commit(Changes::between(db.snapshot(), kept));
            CHECK(stored(db) == made);
        }
        if (!before_last.empty())
            if (const auto back = undo(db, before_last, prng)) db.commit(back->changes);
        before_last = result.changes;
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    World world;
    if (bytes.starts_with('{')) {
        const auto json = codec::parse_json(bytes);
        const auto changes = json ? parse_change_json(*json, *world.schema) : OpResult<Changes>(Changes());
        if (!changes) return 0;
        CHECK(parse_change_json(change_json(*changes, *world.schema), *world.schema));
        if (const auto back = undo(world.db, *changes, world.prng)) world.db.commit(back->changes);
    } else {
        ovsdb::testing::RandomTransactions random(world.schema, ovsdb::testing::Choices(bytes));
        while (!random.exhausted()) world.run(random.transaction());
    }
    CHECK(ovsdb::testing::find_violation(world.db).empty());
    return 0;
}
