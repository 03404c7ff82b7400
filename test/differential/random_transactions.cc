// SPDX-License-Identifier: Apache-2.0
// random_transactions SEED COUNT: prints a schema, then COUNT random transactions, one a line:
// {"transact": [operation ...], "where": {table: [condition ...]}}, the latter for monitors.
#include <cstdio>
#include <cstdlib>

#include "codec/json_text.h"
#include "ovsdb/random_transactions.h"

using namespace weft;

int main(int argc, char** argv) {
    using namespace ovsdb::testing;
    if (argc != 3) return std::fputs("usage: random_transactions SEED COUNT\n", stderr), 2;
    const auto schema = *ovsdb::parse_schema_text(rich_schema, "rich_schema");
    RandomTransactions random(schema, Choices(std::strtoull(argv[1], nullptr, 10)), Operations::all);
    std::puts(codec::format_json(*codec::parse_json(rich_schema)).c_str());
    for (int n = std::atoi(argv[2]); n > 0; --n) {
        codec::JsonObject where;
        for (const auto& table : schema->tables) where.set(table.name, random.conditions(table));
        auto operations = random.transaction();
        std::puts(codec::format_json(
                      codec::Json::object({{"transact", std::move(operations)}, {"where", std::move(where)}}))
                      .c_str());
    }
}
