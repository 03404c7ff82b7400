// SPDX-License-Identifier: Apache-2.0
#include "cli/db/arguments.h"

#include <algorithm>
#include <charconv>

#include "base/spelling.h"
#include "cli/arguments.h"

namespace weft::cli::db {

Result<Arguments> Arguments::parse(std::string_view command, std::span<const std::string> words,
                                   std::string_view known, bool foreign_operands) {
    const auto names = words_of(known);
    Arguments out;
    out.command_ = command;
    size_t i = 0;
    for (; i < words.size() && words[i].starts_with("--") && words[i].size() > 2; ++i) {
        const size_t equals = std::min(words[i].find('='), words[i].size());
        const std::string name = words[i].substr(0, equals);
        const bool takes_value = std::ranges::count(names, name + "=") > 0;
        if (!takes_value && std::ranges::count(names, name) == 0) {
            if (foreign_operands) break;
            return fail(out.command_ + ": unknown option " + name + hint(name, names));
        }
        if (!takes_value && equals < words[i].size())
            return fail(out.command_ + ": " + name + " takes no value");
        if (takes_value && equals == words[i].size()) {
            if (i + 1 == words.size()) return fail(out.command_ + ": " + name + " needs a value");
            out.options_[name] = words[++i];
        } else {
            out.options_[name] = equals < words[i].size() ? words[i].substr(equals + 1) : "";
        }
    }
    out.operands_.assign(words.begin() + static_cast<ptrdiff_t>(i), words.end());
    return out;
}

std::optional<std::string> Arguments::value(std::string_view option) const {
    const auto it = options_.find(option);
    return it == options_.end() ? std::nullopt : std::optional(it->second);
}

Result<std::string> Arguments::only(std::string_view what) const {
    if (operands_.size() != 1)
        return fail(command_ + ": expected " + std::string(what) + " and nothing else");
    return operands_[0];
}

Result<int64_t> parse_interval(std::string_view option, std::string_view text) {
    constexpr std::pair<std::string_view, int64_t> units[] = {
        {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"", 1000}};
    constexpr int64_t most = int64_t{7} * 24 * 3'600'000;
    uint32_t n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    const std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
    const auto found = std::ranges::find(units, unit, &std::pair<std::string_view, int64_t>::first);
    if (error != std::errc() || found == std::end(units) || n == 0 || n > most / found->second)
        return fail(std::string(option) + " " + std::string(text) +
                    ": expected a time up to 7 days, as 60s, 5m or 2h");
    return n * found->second;
}

}  // namespace weft::cli::db
