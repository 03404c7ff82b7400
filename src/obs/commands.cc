// SPDX-License-Identifier: Apache-2.0
#include "obs/commands.h"

#include <fmt/format.h>

namespace weft::obs {

void CommandTable::add(std::string name, std::string usage, size_t args_min, size_t args_max,
                       Handler handler) {
    add_late(std::move(name), std::move(usage), args_min, args_max,
             [handler = std::move(handler)](CommandArgs args, CommandReply reply) mutable {
                 reply(handler(args));
             });
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
    if (args.size() < command.args_min)
        return reply(
            fail(fmt::format("\"{}\" command requires at least {} arguments", name, command.args_min)));
    if (args.size() > command.args_max)
        return reply(fail(fmt::format("\"{}\" command takes at most {} arguments", name, command.args_max)));
    command.handler(args, std::move(reply));
}

std::string CommandTable::list() const {
    std::string out = "The available commands are:\n";
    for (const auto& [name, command] : commands_) out += fmt::format("  {:<23} {}\n", name, command.usage);
    return out;
}

}  // namespace weft::obs
