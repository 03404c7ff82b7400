// SPDX-License-Identifier: Apache-2.0
#include "cli/options.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace weft::cli {
namespace {

std::unexpected<Error> usage(std::string message) { return fail(std::move(message), usage_error); }

}  // namespace

void Options::flag(std::string name, bool& target, bool value, char letter) {
    add({std::move(name), letter, Argument::none, [&target, value](Value) -> Result<> {
             target = value;
             return {};
         }});
}

void Options::text(std::string name, std::string& target, char letter) {
    add({std::move(name), letter, Argument::required, [&target](Value value) -> Result<> {
             target = *value;
             return {};
         }});
}

void Options::optional_text(std::string name, bool& present, Value& target, char letter) {
    add({std::move(name), letter, Argument::optional, [&](Value value) -> Result<> {
             present = true;
             target = std::move(value);
             return {};
         }});
}

void Options::ignore(std::string name, Argument argument, char letter) {
    add({std::move(name), letter, argument, [](Value) -> Result<> { return {}; }});
}

/// Exact, or the only one that starts so.
Result<Options::Option*> Options::find_long(std::string_view name) {
    std::vector<Option*> candidates;
    for (auto& option : options_) {
        if (option.name.empty()) continue;
        if (option.name == name) return &option;
        if (option.name.starts_with(name)) candidates.push_back(&option);
    }
    if (candidates.size() == 1) return candidates.front();
    if (candidates.empty()) return usage("unrecognized option '--" + std::string(name) + "'");
    std::string message = "option '--" + std::string(name) + "' is ambiguous; possibilities:";
    for (const auto* option : candidates) message += " '--" + option->name + "'";
    return usage(std::move(message));
}

Result<> Options::parse_long(const std::string& text, std::span<const std::string>& rest) {
    const size_t equals = std::min(text.find('='), text.size());
    Option* option = TRY(find_long(std::string_view(text).substr(0, equals)));
    Value value;
    if (equals < text.size()) value = text.substr(equals + 1);
    if (option->argument == Argument::none && value)
        return usage("option '--" + option->name + "' doesn't allow an argument");
    if (option->argument == Argument::required && !value) {
        if (rest.empty()) return usage("option '--" + option->name + "' requires an argument");
        value = rest.front();
        rest = rest.subspan(1);
    }
    return option->apply(std::move(value));
}

Result<> Options::parse_letters(std::string_view letters, std::span<const std::string>& rest) {
    while (!letters.empty()) {
        const char letter = letters.front();
        letters.remove_prefix(1);
        const auto option = std::ranges::find(options_, letter, &Option::letter);
        if (option == options_.end()) return usage(std::string("invalid option -- '") + letter + "'");
        if (option->argument == Argument::none) {
            TRY(option->apply(std::nullopt));
            continue;
        }
        Value value;
        if (!letters.empty()) {
            value = std::string(letters);
        } else if (option->argument == Argument::required) {
            if (rest.empty()) return usage(std::string("option requires an argument -- '") + letter + "'");
            value = rest.front();
            rest = rest.subspan(1);
        }
        return option->apply(std::move(value));
    }
    return {};
}

Result<std::vector<std::string>> Options::parse(std::span<const std::string> args, Order order) {
    std::vector<std::string> out;
    while (!args.empty()) {
        const std::string& arg = args.front();
        args = args.subspan(1);
        if (arg == "--") break;
        if (arg.starts_with("--")) {
            TRY(parse_long(arg.substr(2), args));
        } else if (arg.starts_with("-") && arg != "-") {
            TRY(parse_letters(std::string_view(arg).substr(1), args));
        } else {
            out.push_back(arg);
            if (order == Order::options_first) break;
        }
    }
    out.insert(out.end(), args.begin(), args.end());
    return out;
}

std::vector<std::string> Options::names() const {
    std::vector<std::string> out;
    for (const auto& option : options_)
        if (!option.name.empty())
            out.push_back("--" + option.name + (option.argument == Argument::required ? "=" : ""));
    return out;
}

std::string Options::list() const {
    constexpr std::string_view shown[] = {"", "ARG", "[ARG]"};
    std::string out;
    for (const auto& option : options_) {
        const std::string argument(shown[static_cast<size_t>(option.argument)]);
        if (!option.name.empty()) out += "--" + option.name + (argument.empty() ? "" : "=" + argument) + "\n";
        if (option.letter)
            out += std::string("-") + option.letter + (argument.empty() ? "" : " " + argument) + "\n";
    }
    return out;
}

void add_timeout_option(Options& options, char letter) {
    options.add({"timeout", letter, Options::Argument::required, [letter](Options::Value text) -> Result<> {
                     const auto seconds = parse_number("", *text, 1, std::numeric_limits<int32_t>::max());
                     if (!seconds)
                         return fail("value " + *text + " on -" + letter + " or --timeout is invalid");
                     ::alarm(static_cast<unsigned>(*seconds));
                     return {};
                 }});
}

void add_format_option(Options& options, bool& json, codec::JsonStyle& style) {
    options.flag("pretty", style.pretty);
    options.add({"format", 'f', Options::Argument::required, [&json](Options::Value text) -> Result<> {
                     if (*text != "json" && *text != "text")
                         return fail(*text + ": unknown format: use text or json");
                     json = *text == "json";
                     return {};
                 }});
}

Result<int64_t> parse_number(std::string_view option, std::string_view text, int64_t min, int64_t max) {
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < min || value > max)
        return fail(std::string(option) + ": \"" + std::string(text) + "\" is not a number from " +
                    std::to_string(min) + " to " + std::to_string(max));
    return value;
}

}  // namespace weft::cli
