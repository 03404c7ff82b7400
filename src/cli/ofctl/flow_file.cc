// SPDX-License-Identifier: Apache-2.0
#include "cli/ofctl/flow_file.h"

#include <fmt/core.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

#include "flow/match_text.h"
#include "openflow/flow_text.h"
#include "openflow/group_text.h"

namespace weft::cli::ofctl {
namespace {

constexpr std::string_view blanks = " \t\r\n";

std::string_view without_comment(std::string_view line) {
    line = line.substr(0, line.find('#'));
    const size_t start = line.find_first_not_of(blanks);
    if (start == line.npos) return {};
    return line.substr(start, line.find_last_not_of(blanks) + 1 - start);
}

Result<> read_stream(std::istream& in, const std::string& name,
                     const std::function<Result<>(std::string_view)>& take) {
    std::string line;
    for (size_t n = 1; std::getline(in, line); ++n) {
        const std::string_view text = without_comment(line);
        if (text.empty()) continue;
        if (auto done = take(text); !done)
            return fail(name + ":" + std::to_string(n) + ": " + done.error().message);
    }
    return {};
}

constexpr std::pair<std::string_view, openflow::FlowModCommand> flow_keywords[] = {
    {"add", openflow::FlowModCommand::add},
    {"modify", openflow::FlowModCommand::modify},
    {"delete", openflow::FlowModCommand::remove},
    {"modify_strict", openflow::FlowModCommand::modify_strict},
    {"delete_strict", openflow::FlowModCommand::remove_strict},
};
constexpr std::pair<std::string_view, openflow::GroupCommand> group_keywords[] = {
    {"add", openflow::GroupCommand::add},
    {"modify", openflow::GroupCommand::modify},
    {"add_or_mod", openflow::GroupCommand::add_or_modify},
    {"delete", openflow::GroupCommand::remove},
    {"insert_bucket", openflow::GroupCommand::insert_bucket},
    {"remove_bucket", openflow::GroupCommand::remove_bucket},
};

template <class Table, class Command>
Command command_of(std::string_view& text, const Table& keywords, std::optional<Command> command) {
    if (command) return *command;
    for (const auto& [word, meaning] : keywords) {
        if (take_keyword(text, word)) return meaning;
    }
    return Command::add;
}

}  // namespace

Result<> read_lines(const std::string& file, const std::function<Result<>(std::string_view)>& take,
                    std::string_view failed) {
    if (file == "-") return read_stream(std::cin, "-", take);
    std::ifstream in(file);
    if (!in) return fail(file + ": " + std::string(failed) + " (" + std::strerror(errno) + ")", errno);
    return read_stream(in, file, take);
}

bool take_keyword(std::string_view& line, std::string_view keyword) {
    if (!line.starts_with(keyword)) return false;
    std::string_view rest = line.substr(keyword.size());
    if (!rest.empty() && blanks.find(rest[0]) == blanks.npos) return false;
    rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
    line = rest;
    return true;
}

void warn_of_what_cannot_apply(const std::string& asked, const flow::Match& kept) {
    if (asked.empty()) return;
    const std::string rest = flow::format_match(kept);
    fmt::print(
        stderr,
        "ovs-ofctl: warning: the match {} means {}: fields such as nw_src and tcp_dst need their protocol "
        "beside them (ip, ipv6, arp, tcp ...), and types and codes of ICMP have no masks\n",
        asked, rest.empty() ? "any packet" : rest);
}

Result<> add_flow_text(std::string_view text, std::optional<openflow::FlowModCommand> command,
                       const action::Names& names, Changes& out) {
    const auto meaning = command_of(text, flow_keywords, command);
    std::string asked;
    auto mod = TRY(openflow::parse_flow_mod(text, meaning, names, &asked));
    warn_of_what_cannot_apply(asked, mod.match);
    out.usable &= usable_formats(mod, openflow::gives_table(text));
    out.list.emplace_back(std::move(mod));
    out.usable &= usable_formats_of_words(text);
    return {};
}

std::string hint_of_lack(const Changes& changes) {
    if (!(changes.usable & FlowFormats(FlowFormats::v11_up)).empty()) return {};
    for (const openflow::Body& one : changes.list) {
        const auto* mod = std::get_if<openflow::FlowMod>(&one);
        const std::string lack = mod ? lack_of(*mod) : std::string();
        if (!lack.empty()) return "\n" + lack;
    }
    return {};
}

Result<> add_group_text(std::string_view text, std::optional<openflow::GroupCommand> command,
                        const action::Names& names, Changes& out) {
    const auto meaning = command_of(text, group_keywords, command);
    auto mod = TRY(openflow::parse_group_mod(text, meaning, names));
    out.usable &= usable_formats(mod);
    out.list.emplace_back(std::move(mod));
    return {};
}

FlowFormats usable_formats(const openflow::GroupMod& mod) {
    const bool buckets = mod.command == openflow::GroupCommand::insert_bucket ||
                         mod.command == openflow::GroupCommand::remove_bucket;
    if (buckets) return FlowFormats::v10 | FlowFormats::oxm15;
    return FlowFormats::any;
}

}  // namespace weft::cli::ofctl
