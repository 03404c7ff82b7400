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

codec::Json to_json(const Coverage& coverage) {
    codec::JsonArray out;
    for (const Coverage::Rates& r : coverage.rates())
        out.push_back(codec::Json::object({{"name", r.name},
                                           {"total", r.total},
                                           {"per_second_5s", r.five_s},
                                           {"per_second_1m", r.minute},
                                           {"per_second_1h", r.hour}}));
    return out;
}

codec::Json to_json(const MemoryUsage& usage) {
    codec::JsonObject out;
    for (const auto& [name, count] : usage) out.set(name, count);
    return out;
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
    table.add_show("vlog/list", "", 0, 0, [&](CommandArgs, bool json) {
        return json ? Shown(logging.list_json()) : logging.list();
    });
    table.add_show("vlog/list-pattern", "", 0, 0, [&](CommandArgs, bool json) {
        return json ? Shown(logging.patterns_json()) : logging.list_patterns();
    });
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
    table.add_show("coverage/show", "", 0, 0,
                   [&](CommandArgs, bool json) { return json ? Shown(to_json(coverage)) : coverage.show(); });
    table.add("coverage/read-counter", "COUNTER", 1, 1, [&](CommandArgs args) -> Result<std::string> {
        const auto value = coverage.read(args[0]);
        if (!value) return fail("No such counter");
        return std::to_string(*value) + "\n";
    });
    table.add_show("memory/show", "", 0, 0, [&](CommandArgs, bool json) {
        return json ? Shown(to_json(memory.usage())) : memory.show();
    });
}

void add_general_commands(CommandTable& table, std::string version_text) {
    table.add_show("list-commands", "", 0, 0,
                   [&](CommandArgs, bool json) { return json ? Shown(table.list_json()) : table.list(); });
    table.add("version", "", 0, 0, [text = std::move(version_text)](CommandArgs) { return text; });
}

}  // namespace weft::obs
