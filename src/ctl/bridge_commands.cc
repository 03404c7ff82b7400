// SPDX-License-Identifier: Apache-2.0
// ofproto/list, bridge/*: bridges and their rules.
#include <fmt/core.h>

#include <algorithm>

#include "action/text.h"
#include "ctl/context.h"
#include "flow/match_text.h"

namespace weft::ctl {

namespace {

using obs::CommandArgs;

std::string rule_line(const pipeline::Rule& rule, Time now, bool offload_stats) {
    std::string out;
    if (rule.table() != 0) out += fmt::format("table_id={}, ", rule.table());
    out += fmt::format("duration={}s, n_packets={}, n_bytes={}, ",
                       std::chrono::duration_cast<std::chrono::seconds>(now - rule.created()).count(),
                       rule.cell().packets(), rule.cell().bytes());
    if (offload_stats) out += "n_offload_packets=0, n_offload_bytes=0, ";
    std::string match = flow::format_match(rule.match().expand());
    if (match.starts_with("recirc_id=0,eth"))
        match.erase(match.find(",eth"), 4);  // megaflows say it, rules do not
    out += fmt::format("priority={}", rule.priority());
    if (!match.empty()) out += "," + match;
    return out + ",actions=" + (rule.spec().actions ? action::to_text(rule.actions()) : std::string("drop")) +
           "\n";
}

/// All rules, those that controllers do not see included.
Result<std::string> dump_flows(const Context& c, CommandArgs args) {
    const bool offload_stats = args[0] == "--offload-stats";
    if (args[0].starts_with("-")) args = args.subspan(1);
    if (args.empty()) return fail("\"bridge/dump-flows\" command requires at least 1 arguments");
    bridge::Switch::Runtime* r = TRY(find_bridge(c, args[0], "Unknown bridge"));
    r->of_switch->settle_statistics();
    const pipeline::Snapshot snapshot = r->backer->state().snapshot();
    std::string out;
    for (int table = 0; table <= pipeline::internal_table; ++table) {
        pipeline::RuleFilter filter;
        filter.table = static_cast<uint8_t>(table);
        filter.hidden = true;
        std::vector<pipeline::RulePtr> rules;
        r->bridge->tables->visit(filter, snapshot.version(),
                                 [&](const pipeline::RulePtr& rule) { rules.push_back(rule); });
        std::vector<std::pair<int32_t, std::string>> lines;
        for (const auto& rule : rules)
            lines.emplace_back(-rule->priority(), rule_line(*rule, c.loop.now(), offload_stats));
        std::ranges::sort(lines);
        for (const auto& [priority, line] : lines) out += line;
    }
    return out;
}

Result<std::string> reconnect(const Context& c, CommandArgs args) {
    const Time now = c.loop.now();
    if (!args.empty()) {
        bridge::Switch::Runtime* r = TRY(find_bridge(c, args[0], "Unknown bridge"));
        if (r->openflow) r->openflow->reconnect(now);
        return "";
    }
    for (auto& [name, r] : c.sw.bridges())
        if (r.openflow) r.openflow->reconnect(now);
    return "";
}

}  // namespace

void add_bridge_commands(obs::CommandTable& table, const Context& c) {
    table.add("ofproto/list", "", 0, 0, [c](CommandArgs) -> Result<std::string> {
        std::string out;
        for (const auto& [name, r] : c.sw.bridges()) out += name + "\n";
        return out;
    });
    table.add("bridge/dump-flows", "[--offload-stats] bridge", 1, 2,
              [c](CommandArgs args) { return dump_flows(c, args); });
    table.add("bridge/reconnect", "[bridge]", 0, 1, [c](CommandArgs args) { return reconnect(c, args); });
}

}  // namespace weft::ctl
