// SPDX-License-Identifier: Apache-2.0
#include "obs/standard_commands.h"

namespace weft::obs {
namespace {

/// Applies each spec in turn; the first that fails ends it.
Result<std::string> set_levels(Logging& logging, CommandArgs specs) {
    if (specs.empty()) TRY(logging.set("any"));
    for (const auto& spec : specs) TRY(logging.set(spec));
    return {};
}

CommandTable::Handler set_rate_limit(Logging& logging, bool limited) {
    return [&logging, limited](CommandArgs modules) -> Result<std::string> {
        TRY(logging.set_rate_limited(modules, limited));
        return {};
    };
}

}  // namespace

void add_log_commands(CommandTable& table, Logging& logging) {
    table.add("vlog/set", "{spec | PATTERN:destination:pattern}", 0, CommandTable::any,
              [&](CommandArgs specs) { return set_levels(logging, specs); });
    table.add("vlog/list", "", 0, 0, [&](CommandArgs) { return logging.list(); });
    table.add("vlog/list-pattern", "", 0, 0, [&](CommandArgs) { return logging.list_patterns(); });
    table.add("vlog/enable-rate-limit", "[module]...", 0, CommandTable::any, set_rate_limit(logging, true));
    table.add("vlog/disable-rate-limit", "[module]...", 0, CommandTable::any, set_rate_limit(logging, false));
    table.add("vlog/reopen", "", 0, 0, [&](CommandArgs) -> Result<std::string> {
        TRY(logging.reopen_file());
        return {};
    });
    table.add("vlog/close", "", 0, 0, [&](CommandArgs) -> Result<std::string> {
        logging.close_file();
        return {};
    });
}

void add_counter_commands(CommandTable& table, const Coverage& coverage, const MemoryReport& memory) {
    table.add("coverage/show", "", 0, 0, [&](CommandArgs) { return coverage.show(); });
    table.add("coverage/read-counter", "COUNTER", 1, 1, [&](CommandArgs args) -> Result<std::string> {
        const auto value = coverage.read(args[0]);
        if (!value) return fail("No such counter");
        return std::to_string(*value) + "\n";
    });
    table.add("memory/show", "", 0, 0, [&](CommandArgs) { return memory.show(); });
}

void add_general_commands(CommandTable& table, std::string version_text) {
    table.add("list-commands", "", 0, 0, [&](CommandArgs) { return table.list(); });
    table.add("version", "", 0, 0, [text = std::move(version_text)](CommandArgs) { return text; });
}

}  // namespace weft::obs
