// SPDX-License-Identifier: Apache-2.0
// ofproto/list, bridge/*: bridges and their rules.
#include <fmt/core.h>

#include <algorithm>

#include "action/text.h"
#include "codec/json_counter.h"
#include "ctl/context.h"
#include "ctl/explanation.h"
#include "flow/match_text.h"

namespace weft::ctl {

namespace {

using codec::Json;
using codec::JsonArray;
using obs::CommandArgs;
using obs::Shown;

std::string rule_line(const pipeline::Tables& tables, const pipeline::Rule& rule, Time now,
                      bool offload_stats) {
    std::string out;
    if (rule.table() != 0) out += fmt::format("table_id={}, ", rule.table());
    out += fmt::format("duration={}s, n_packets={}, n_bytes={}, ",
                       std::chrono::duration_cast<std::chrono::seconds>(now - rule.created()).count(),
                       rule.cell().packets(), rule.cell().bytes());
    if (offload_stats) out += "n_offload_packets=0, n_offload_bytes=0, ";
    std::string match = flow::format_match(tables.told(rule.match()));
    if (match.starts_with("recirc_id=0,eth"))
        match.erase(match.find(",eth"), 4);  // megaflows say it, rules do not
    out += fmt::format("priority={}", rule.priority());
    if (!match.empty()) out += "," + match;
    return out + ",actions=" + (rule.spec().actions ? action::to_text(rule.actions()) : std::string("drop")) +
           "\n";
}

Json rule_json(const pipeline::Rule& rule, const bridge::Bridge& bridge, Time now) {
    codec::JsonObject out = *to_json(facts_of(rule, bridge)).object();
    out.set("bytes", codec::number(rule.cell().bytes()));
    out.set("duration", std::chrono::duration<double>(now - rule.created()).count());
    out.set("hidden", rule.hidden());
    return out;
}

/// All rules, those that controllers do not see included.
Result<Shown> dump_flows(const Context& c, CommandArgs args, bool json) {
    const bool offload_stats = args[0] == "--offload-stats";
    if (args[0].starts_with("-")) args = args.subspan(1);
    if (args.empty()) return fail("\"bridge/dump-flows\" command requires at least 1 arguments");
    bridge::Switch::Runtime* r = TRY(find_bridge(c, args[0], "Unknown bridge"));
    r->of_switch->settle_statistics();
    const pipeline::Snapshot snapshot = r->backer->state().snapshot();
    std::string out;
    JsonArray list;
    for (int table = 0; table <= pipeline::internal_table; ++table) {
        pipeline::RuleFilter filter;
        filter.table = static_cast<uint8_t>(table);
        filter.hidden = true;
        std::vector<pipeline::RulePtr> rules;
        r->bridge->tables->visit(filter, snapshot.version(),
                                 [&](const pipeline::RulePtr& rule) { rules.push_back(rule); });
        std::vector<std::tuple<int32_t, std::string, pipeline::RulePtr>> lines;
        for (const auto& rule : rules)
            lines.emplace_back(-rule->priority(),
                               rule_line(*r->bridge->tables, *rule, c.loop.now(), offload_stats), rule);
        std::ranges::sort(lines);
        for (const auto& [priority, line, rule] : lines) {
            out += line;
            if (json) list.push_back(rule_json(*rule, *r->bridge, c.loop.now()));
        }
    }
    return json ? Shown(Json(std::move(list))) : out;
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
    table.add_show("ofproto/list", "", 0, 0, [c](CommandArgs, bool json) {
        std::vector<std::string> names;
        for (const auto& [name, r] : c.sw.bridges()) names.push_back(name);
        return show_names(names, json);
    });
    table.add_show("bridge/dump-flows", "[--offload-stats] bridge", 1, 2,
                   [c](CommandArgs args, bool json) { return dump_flows(c, args, json); });
    table.add("bridge/reconnect", "[bridge]", 0, 1, [c](CommandArgs args) { return reconnect(c, args); });
}

}  // namespace weft::ctl
