// SPDX-License-Identifier: Apache-2.0
#include "obs/commands.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/json_text.h"

namespace weft::obs {

namespace {

/// In Open vSwitch's words.
Result<> check_count(std::string_view name, size_t n, size_t least, size_t most) {
    if (n < least) return fail(fmt::format("\"{}\" command requires at least {} arguments", name, least));
    if (n > most) return fail(fmt::format("\"{}\" command takes at most {} arguments", name, most));
    return {};
}

CommandReply as_json_string(CommandReply reply) {
    return CommandReply([reply = std::move(reply)](Result<std::string> text) mutable {
        if (!text) return reply(std::move(text));
        if (!text->empty() && !text->ends_with('\n')) *text += '\n';
        reply(codec::format_json(codec::Json(*std::move(text))) + "\n");
    });
}

}  // namespace

Shown::Shown(const codec::Json& json) : text(codec::format_json(json) + "\n") {}

Result<FormattedArgs> take_format(CommandArgs args) {
    constexpr std::string_view assigned = "--format=";
    FormattedArgs out;
    for (size_t i = 0; i < args.size(); ++i) {
        std::string value;
        if (args[i].starts_with(assigned)) {
            value = args[i].substr(assigned.size());
        } else if (args[i] == "--format" || args[i] == "-f") {
            if (++i == args.size()) return fail(args[i - 1] + ": needs a value: text or json");
            value = args[i];
        } else {
            out.words.push_back(args[i]);
            continue;
        }
        if (value != "json" && value != "text") return fail(value + ": unknown format: use text or json");
        out.json = value == "json";
    }
    return out;
}

void CommandTable::add(std::string name, std::string usage, size_t args_min, size_t args_max,
                       Handler handler) {
    add_late(std::move(name), std::move(usage), args_min, std::min(args_max, any - 1),
             [handler = std::move(handler)](CommandArgs args, CommandReply reply) mutable {
                 reply(handler(args));
             });
}

void CommandTable::add_show(std::string name, std::string usage, size_t args_min, size_t args_max,
                            ShowHandler handler) {
    auto answer = [name, args_min, args_max,
                   handler = std::move(handler)](CommandArgs args) mutable -> Result<std::string> {
        const FormattedArgs formatted = TRY(take_format(args));
        TRY(check_count(name, formatted.words.size(), args_min, args_max));
        return TRY(handler(formatted.words, formatted.json)).text;
    };
    add_late(
        std::move(name), std::move(usage), 0, any,
        [answer = std::move(answer)](CommandArgs args, CommandReply reply) mutable { reply(answer(args)); });
}

void CommandTable::add_late(std::string name, std::string usage, size_t args_min, size_t args_max,
                            LateHandler handler) {
    const bool is_new =
        commands_
            .try_emplace(std::move(name), Command{std::move(usage), args_min, args_max, std::move(handler)})
            .second;
    CHECK(is_new);
}

void CommandTable::execute(std::string_view name, CommandArgs args, CommandReply reply) {
    const auto it = commands_.find(name);
    if (it == commands_.end())
        return reply(fail(fmt::format(
            "\"{}\" is not a valid command (use \"list-commands\" to see a list of valid commands)", name)));
    auto& command = it->second;
    // Those that take any number of arguments see to the option themselves; others have a text alone.
    if (command.args_max != any && !args.empty() && args.back() == "--format=json") {
        args = args.first(args.size() - 1);
        reply = as_json_string(std::move(reply));
    }
    if (auto right = check_count(name, args.size(), command.args_min, command.args_max); !right)
        return reply(std::unexpected(right.error()));
    command.handler(args, std::move(reply));
}

std::string CommandTable::list(std::string_view prefix, size_t width) const {
    std::string out = "The available commands are:\n";
    for (const auto& [name, command] : commands_)
        if (name.starts_with(prefix)) out += fmt::format("  {:<{}} {}\n", name, width, command.usage);
    return out;
}

codec::Json CommandTable::list_json(std::string_view prefix) const {
    codec::JsonArray out;
    for (const auto& [name, command] : commands_)
        if (name.starts_with(prefix))
            out.push_back(codec::Json::object({{"command", name}, {"usage", command.usage}}));
    return out;
}

}  // namespace weft::obs
