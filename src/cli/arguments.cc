// SPDX-License-Identifier: Apache-2.0
#include "cli/arguments.h"

#include <algorithm>
#include <limits>

namespace weft::cli {

std::vector<std::string_view> words_of(std::string_view list) {
    std::vector<std::string_view> out;
    while (!list.empty()) {
        const size_t blank = std::min(list.find(' '), list.size());
        if (blank > 0) out.push_back(list.substr(0, blank));
        list.remove_prefix(std::min(blank + 1, list.size()));
    }
    return out;
}

Arity arity(std::string_view arguments) {
    Arity out;
    for (const auto word : words_of(arguments)) {
        if (word[0] == '!' || word[0] == '+') ++out.min;
        const bool is_last = word[0] == '*' || word[0] == '+';
        out.max = is_last || out.max == std::numeric_limits<size_t>::max()
                      ? std::numeric_limits<size_t>::max()
                      : out.max + 1;
    }
    return out;
}

std::string readable_arguments(std::string_view arguments) {
    std::string out;
    for (const auto word : words_of(arguments)) {
        std::string name(word.substr(1));
        // "COLUMN?:KEY=VALUE": what follows a question mark up to the next = may be left out.
        if (const size_t mark = name.find('?'); mark != name.npos) {
            const size_t end = std::min(name.find('=', mark), name.size());
            name =
                name.substr(0, mark) + "[" + name.substr(mark + 1, end - mark - 1) + "]" + name.substr(end);
        }
        if (word[0] == '?') name = "[" + name + "]";
        if (word[0] == '*') name = "[" + name + "]...";
        if (word[0] == '+') name += "...";
        out += " " + name;
    }
    return out.empty() ? out : out.substr(1);
}

Result<> check_arity(std::string_view command, std::string_view arguments,
                     std::span<const std::string> args) {
    const auto [min, max] = arity(arguments);
    const std::string name = "'" + std::string(command) + "' command";
    if (args.size() < min) return fail(name + " requires at least " + std::to_string(min) + " arguments");
    if (args.size() <= max) return {};
    const bool has_option =
        std::ranges::any_of(args, [](const std::string& arg) { return arg.starts_with('-'); });
    return fail(
        name + " takes at most " + std::to_string(max) + " arguments" +
        (has_option ? " (note that options must precede command names and follow a \"--\" argument)" : ""));
}

}  // namespace weft::cli
