// SPDX-License-Identifier: Apache-2.0
#include "cli/ofctl/flow_tables.h"

#include <filesystem>

#include "cli/ofctl/progress.h"
#include "flow/match_text.h"
#include "openflow/flow_text.h"
#include "openflow/print/text.h"

namespace weft::cli::ofctl {
namespace {

using openflow::FlowModCommand;
using openflow::FlowStats;

void insert(FlowTable& table, FlowStats flow) {
    const std::tuple key{flow.table, flow.priority, flow::format_match(flow.match)};
    table.insert_or_assign(key, std::move(flow));
}

FlowStats flow_of(const openflow::FlowMod& m) {
    return {.table = m.table == openflow::all_tables ? uint8_t{0} : m.table,
            .priority = m.priority,
            .match = m.match,
            .cookie = m.new_cookie.value_or(0),
            .idle_timeout = m.idle_timeout,
            .hard_timeout = m.hard_timeout,
            .importance = m.importance,
            .flags = m.flags,
            .actions = m.actions};
}

openflow::FlowMod change_of(const FlowStats& f, FlowModCommand command) {
    openflow::FlowMod m{.command = command, .table = f.table, .priority = f.priority, .match = f.match};
    if (m.is_remove()) return m;
    m.new_cookie = f.cookie;
    m.idle_timeout = f.idle_timeout;
    m.hard_timeout = f.hard_timeout;
    m.importance = f.importance;
    m.flags = f.flags;
    m.actions = f.actions;
    return m;
}

std::string line_of(const FlowStats& f) {
    std::string out;
    if (f.table) out += "table=" + std::to_string(f.table) + " ";
    FlowStats bare = f;
    bare.cookie = 0;
    bare.table = 0;
    bare.idle_timeout = bare.hard_timeout = bare.importance = bare.flags = 0;
    std::string text = openflow::format_flow(bare, {.stats = false});
    std::string extras;
    if (f.cookie) extras += " cookie=" + openflow::hex(f.cookie);
    if (f.idle_timeout) extras += " idle_timeout=" + std::to_string(f.idle_timeout);
    if (f.hard_timeout) extras += " hard_timeout=" + std::to_string(f.hard_timeout);
    const size_t at = text.rfind("actions=", text.find("actions="));
    std::string match = text.substr(0, at);
    if (!match.empty() && match.back() == ' ') match.pop_back();
    return out + match + extras + " " + text.substr(at) + "\n";
}

Result<FlowTable> read_source(Tool& t, const std::string& source) {
    FlowFormats usable = FlowFormats::any;
    if (names_file(source)) return read_flow_file(t, source, {}, usable);
    const auto client = TRY(t.open(source, FlowFormats::any, FlowFormats::Wanted::richest));
    return read_flows(t, *client);
}

}  // namespace

bool names_file(const std::string& source) {
    if (source.starts_with('/') || source.starts_with('.')) return true;
    std::error_code ignored;
    return source.find(':') == source.npos && std::filesystem::exists(source, ignored);
}

bool is_same(const FlowStats& a, const FlowStats& b) {
    return a.cookie == b.cookie && a.idle_timeout == b.idle_timeout && a.hard_timeout == b.hard_timeout &&
           a.importance == b.importance && a.actions == b.actions;
}

Result<FlowTable> read_flow_file(Tool& t, const std::string& file, const std::string& target,
                                 FlowFormats& usable) {
    FlowTable table;
    const auto add = [&](std::string_view line, const action::Names& names) -> Result<> {
        auto mod = TRY(openflow::parse_flow_mod(line, FlowModCommand::add, names));
        usable &= usable_formats(mod, openflow::gives_table(line));
        usable &= usable_formats_of_words(line);
        insert(table, flow_of(mod));
        return {};
    };
    TRY(read_lines(
        file,
        [&](std::string_view line) -> Result<> {
            if (target.empty()) return add(line, {});
            return t.with_names(target, [&](const action::Names& names) { return add(line, names); });
        },
        "open"));
    return table;
}

Result<FlowTable> read_flows(Tool& t, Client& client) {
    FlowTable table;
    Progress progress;
    TRY(client.collect(openflow::FlowQuery{}, [&](ByteSpan part) {
        auto message = openflow::decode(part, client.dialect());
        auto* reply = message ? std::get_if<openflow::FlowStatsReply>(&message->body) : nullptr;
        if (!reply) return t.print(openflow::print_message(part, t.print_options(1)));
        progress.step(reply->flows.size());
        for (FlowStats& f : reply->flows) insert(table, std::move(f));
    }));
    return table;
}

Result<> replace_flows(Tool& t, Args args) {
    FlowFormats usable = FlowFormats::any;
    const FlowTable wanted = TRY(read_flow_file(t, args[1], args[0], usable));
    const auto client = TRY(t.open(args[0], usable, FlowFormats::Wanted::richest));
    const FlowTable there = TRY(read_flows(t, *client));
    std::vector<openflow::Body> changes;
    for (const auto& [key, flow] : there) {
        if (!wanted.contains(key)) changes.emplace_back(change_of(flow, FlowModCommand::remove_strict));
    }
    for (const auto& [key, flow] : wanted) {
        const auto old = there.find(key);
        if (old != there.end() && is_same(old->second, flow) && !t.settings().readd) continue;
        changes.emplace_back(change_of(flow, FlowModCommand::add));
    }
    return t.settings().bundle ? t.change_at_once(*client, changes) : t.change(*client, changes);
}

Result<> diff_flows(Tool& t, Args args) {
    const FlowTable left = TRY(read_source(t, args[0])), right = TRY(read_source(t, args[1]));
    constexpr int differs = 2;
    auto a = left.begin();
    auto b = right.begin();
    codec::JsonArray list;
    const auto tell = [&](char sign, const FlowStats& flow) {
        t.exit_code = differs;
        std::string line = line_of(flow);
        if (!t.settings().json) return t.print(sign + line);
        line.pop_back();
        list.push_back(codec::Json::object(
            {{"only_in", std::string(sign == '-' ? "left" : "right")}, {"flow", std::move(line)}}));
    };
    while (a != left.end() || b != right.end()) {
        const bool only_left = b == right.end() || (a != left.end() && a->first < b->first);
        const bool only_right = !only_left && (a == left.end() || b->first < a->first);
        if (!only_left && !only_right && is_same(a->second, b->second)) {
            ++a;
            ++b;
            continue;
        }
        if (!only_right) tell('-', (a++)->second);
        if (!only_left) tell('+', (b++)->second);
    }
    if (t.settings().json) t.add_json("differences", std::move(list));
    return {};
}

}  // namespace weft::cli::ofctl
