// SPDX-License-Identifier: Apache-2.0
// Any words, one a line, as commands on a small database: an error, or a transaction that the database takes
// or refuses for a reason of its own.
#include <cstdint>

#include "cli/dbctl/db_commands.h"
#include "ovsdb/transaction.h"

using namespace weft;
using namespace weft::cli::dbctl;

namespace {

constexpr std::string_view schema_text = R"({"name":"Z","version":"1.0.0","tables":{
  "Zoo":{"isRoot":true,"columns":{"cages":{"type":{"key":{"type":"uuid","refTable":"Cage"},"min":0,"max":"unlimited"}},
         "motto":{"type":"string"}}},
  "Cage":{"columns":{"name":{"type":"string"},"size":{"type":{"key":{"type":"integer","minInteger":0,"maxInteger":99}}},
          "tags":{"type":{"key":"string","value":"string","min":0,"max":"unlimited"}}}}}})";
constexpr RecordName names[] = {{"Zoo", "Zoo"}, {"Cage", "Cage", "name"}};

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const size_t end = std::min(text.find('\n'), text.size());
        out.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

/// Runs all, if all can be run.
Result<> run(std::span<const Invocation> calls, Workspace& db, const ovsdb::Schema& schema) {
    Symbols symbols(db);
    Needs needs(schema, names);
    std::vector<std::pair<std::string_view, std::string>> warnings;
    const cli::TableStyle style{};
    bool must_wait = false;
    std::optional<int> exit_code;
    for (const auto& call : calls) {
        if (call.command->need) TRY(call.command->need(call, needs));
        Output out;
        Context context{call, names, {}, style, false, db, symbols, out, warnings, must_wait, exit_code};
        TRY(call.command->run(context));
        if (out.table) CHECK(!out.table->to_string(style).empty());
    }
    std::vector<std::string> doubts;
    return symbols.check(doubts);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const auto schema = *ovsdb::parse_schema_text(schema_text, "zoo");
    const auto words = lines_of({reinterpret_cast<const char*>(data), size});
    const auto calls = parse_commands(database_commands(), {}, words);
    if (!calls) return 0;
    ovsdb::Snapshot start(schema);
    start.tables[schema->find("Zoo")->index].set(ovsdb::Row::make(*schema->find("Zoo"), Uuid{}));
    Workspace db(ovsdb::client::View(start), 1);
    if (auto done = run(*calls, db, *schema); !done) {
        CHECK(!done.error().message.empty());
        return 0;
    }
    ovsdb::Database target(schema);
    Prng prng(1);
    const auto result = ovsdb::transact(target, db.transaction().operations(), 0, {.prng = prng});
    CHECK(result.status != ovsdb::TransactResult::Status::blocked);
    return 0;
}
