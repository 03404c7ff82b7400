// SPDX-License-Identifier: Apache-2.0
#include "cli/dbctl/command.h"
#include "base/spelling.h"

#include <algorithm>

namespace weft::cli::dbctl {
namespace {

using Words = std::span<const std::string>;

/// Reads the options before a command's name off the front of `words`.
Result<CommandOptions> take_options(const Command& command, Words& words, CommandOptions options) {
    const auto known = words_of(command.options);
    const std::string name = "'" + std::string(command.name) + "'";
    for (; !words.empty() && words[0].starts_with('-'); words = words.subspan(1)) {
        const std::string& word = words[0];
        const size_t equals = std::min(word.find('='), word.size());
        const std::string option = word.substr(0, equals);
        const bool takes_value = std::ranges::count(known, option + "=") > 0;
        if (!takes_value && std::ranges::count(known, option) == 0)
            return fail(name + " command has no '" + option + "' option");
        if (takes_value && equals == word.size())
            return fail("missing argument to '" + option + "' option on " + name + " command");
        if (!takes_value && equals < word.size())
            return fail("'" + option + "' option on " + name + " does not accept an argument");
        std::optional<std::string> value;
        if (takes_value) value = word.substr(equals + 1);
        if (!options.emplace(option, std::move(value)).second)
            return fail("'" + word + "' option specified multiple times");
    }
    return options;
}

Result<> check_given(const Command& command, const CommandOptions& options) {
    for (const auto& [option, value] : options)
        if (std::ranges::count(words_of(command.options), option + (value ? "=" : "")) == 0)
            return fail("'" + std::string(command.name) + "' command has no '" + option + "' option");
    return {};
}

Result<const Command*> find_command(std::span<const Command> commands, const std::string& name) {
    const auto found = std::ranges::find(commands, name, &Command::name);
    if (found != commands.end()) return &*found;
    std::vector<std::string_view> names;
    for (const auto& command : commands) names.push_back(command.name);
    return fail("unknown command '" + name + "'; use --help for help" + hint(name, names));
}

Result<Invocation> parse_one(std::span<const Command> commands, CommandOptions options, Words words) {
    const auto name =
        std::ranges::find_if(words, [](const std::string& word) { return !word.starts_with('-'); });
    if (name == words.end()) return fail("missing command name (use --help for help)");
    const Command& command = *TRY(find_command(commands, *name));
    TRY(check_given(command, options));
    options = TRY(take_options(command, words, std::move(options)));
    words = words.subspan(1);
    TRY(check_arity(command.name, command.arguments, words));
    return Invocation{&command, std::move(options), {words.begin(), words.end()}};
}

}  // namespace

Result<std::vector<Invocation>> parse_commands(std::span<const Command> commands,
                                               CommandOptions first_options, Words words) {
    std::vector<Invocation> out;
    CommandOptions options = std::move(first_options);
    while (!words.empty()) {
        const auto end = std::ranges::find(words, "--");
        const auto size = static_cast<size_t>(end - words.begin());
        if (size > 0) out.push_back(TRY(parse_one(commands, std::exchange(options, {}), words.first(size))));
        words = words.subspan(std::min(size + 1, words.size()));
    }
    if (out.empty()) return fail("missing command name (use --help for help)");
    return out;
}

}  // namespace weft::cli::dbctl
