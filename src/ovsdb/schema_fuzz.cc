// SPDX-License-Identifier: Apache-2.0
// Any text as a schema: refused, or what it prints is the same schema; its rows take their defaults.
#include "codec/json_text.h"
#include "ovsdb/transaction.h"

using namespace weft;
using namespace weft::ovsdb;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto schema = parse_schema_text({reinterpret_cast<const char*>(data), size}, "schema");
    if (!schema) return 0;
    const auto printed = (*schema)->to_json();
    const auto again = parse_schema(printed);
    CHECK(again && same_schema(**schema, **again));
    CHECK((*again)->to_json() == printed);
    Database db(*schema);
    Prng prng(1);
    for (const auto& table : (*schema)->tables) {
        const auto insert =
            codec::Json::object({{"op", "insert"}, {"table", table.name}, {"row", codec::JsonObject()}});
        const auto result = transact(db, codec::JsonArray{insert}, 0, {.prng = prng});
        if (result.status == TransactResult::Status::done) db.commit(result.changes);
    }
    return 0;
}
