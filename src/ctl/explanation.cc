// SPDX-License-Identifier: Apache-2.0
#include "ctl/explanation.h"

#include <fmt/core.h>

#include "action/text.h"
#include "ctl/context.h"
#include "ctl/trace_json.h"
#include "ctl/verdict.h"
#include "flow/match_text.h"
#include "packet/defect.h"

namespace weft::ctl {

namespace {

using codec::Json;
using codec::JsonArray;

double seconds(Duration d) { return std::chrono::duration<double>(d).count(); }

Json strings(const std::vector<std::string>& list) { return JsonArray(list.begin(), list.end()); }

/// A labelled paragraph; further lines stand under the first.
void say(std::string& out, std::string_view label, std::string_view text) {
    while (text.starts_with('\n')) text.remove_prefix(1);
    if (text.empty()) return;
    constexpr size_t column = 12;
    std::string line = fmt::format("  {:<{}}", label, column - 2);
    for (const char c : text) {
        line += c;
        if (c == '\n') line += std::string(column, ' ');
    }
    while (line.ends_with(' ') || line.ends_with('\n')) line.pop_back();
    out += line + '\n';
}

std::string heading(const Explanation& e) {
    if (!e.dropped) return "Not dropped now, and no drop of such a packet was recorded.\n";
    if (e.number == 0) return fmt::format("Would be dropped now: {} ({})\n", e.reason_text, e.reason);
    const std::string more = e.times > 1 ? fmt::format(", {} samples alike", e.times) : "";
    return fmt::format("#{}  dropped {:.1f} s ago{}: {} ({})\n", e.number, seconds(e.age), more,
                       e.reason_text, e.reason);
}

}  // namespace

RuleFacts facts_of(const pipeline::Rule& rule, const bridge::Bridge& bridge) {
    RuleFacts out{.bridge = bridge.config.name, .table = rule.table(), .priority = rule.priority()};
    out.cookie = rule.cookie();
    out.packets = rule.cell().packets();
    out.match = flow::format_match(bridge.tables->told(rule.match()));
    out.actions = action::to_text(rule.actions());
    return out;
}

Json to_json(const RuleFacts& r) {
    return Json::object({{"bridge", r.bridge},
                         {"table", r.table},
                         {"priority", r.priority},
                         {"cookie", fmt::format("{:#x}", r.cookie)},
                         {"packets", r.packets},
                         {"match", r.match},
                         {"actions", r.actions},
                         {"text", rule_text(r)}});
}

std::string rule_text(const RuleFacts& r) {
    return fmt::format("table={},priority={}{}{}", r.table, r.priority, r.match.empty() ? "" : ",", r.match);
}

Json to_json(const Explanation& e) {
    Json out = Json::object({{"number", e.number},
                             {"dropped", e.dropped},
                             {"reason", e.reason},
                             {"reason_text", e.reason_text},
                             {"age_s", seconds(e.age)},
                             {"times", e.times},
                             {"packet", e.packet},
                             {"packet_len", e.packet_len},
                             {"bridge", e.bridge},
                             {"port", e.port},
                             {"rule", e.rule ? to_json(*e.rule) : Json()},
                             {"summary", e.verdict.summary},
                             {"row", e.verdict.row},
                             {"remedies", strings(e.verdict.remedies)},
                             {"notes", strings(e.verdict.notes)},
                             {"path", Json(path_to_json(e.path))}});
    return out;
}

std::string to_text(const Explanation& e) {
    std::string out = heading(e);
    if (!e.packet.empty())
        say(out, "Packet", e.packet_len ? fmt::format("{} ({} bytes)", e.packet, e.packet_len) : e.packet);
    if (!e.port.empty())
        say(out, "Came by", "port " + e.port + (e.bridge.empty() ? "" : " of bridge " + e.bridge));
    say(out, "Why", e.verdict.summary);
    if (e.rule)
        say(out, "Rule",
            fmt::format("{}: {} actions={}\ncookie {:#x}, {} packets so far", e.rule->bridge,
                        rule_text(*e.rule), e.rule->actions, e.rule->cookie, e.rule->packets));
    say(out, "Behind it", e.verdict.row);
    for (const auto& note : e.verdict.notes) say(out, "Note", note);
    for (const auto& remedy : e.verdict.remedies)
        say(out, &remedy == e.verdict.remedies.data() ? "To change" : "or", remedy);
    if (!e.path.children.empty()) say(out, "Path", obs::format_trace(e.path));
    return out;
}

Explanation explain(bridge::Switch& sw, bridge::Backer& backer, const bridge::DropRecord& record, Time now) {
    Explanation out;
    out.number = record.number;
    out.dropped = !record.reason.is(pipeline::Drop::none);
    out.reason = record.reason.name();
    out.reason_text = record.reason.text();
    out.age = now - record.last;
    out.times = record.times;
    out.packet_len = record.sample.packet_len;
    out.path = record.path;

    const bridge::Bridge* came_by = record.bridge ? backer.find(*record.bridge) : nullptr;
    flow::PortNames names;
    if (came_by) {
        for (const auto& [name, m] : came_by->members) names.add(m.number, name);
        out.bridge = came_by->config.name;
    }
    const Case about{sw, backer, record, came_by, now};
    const auto* member = about.in_port();
    out.port = member ? member->config.name : port_name(backer, record.sample.key.dp_in_port());
    if (!record.sample.head.empty() || record.number == 0) out.packet = flow::format_key(record.key, &names);

    if (const auto rule = about.rule()) {
        if (const bridge::Bridge* at = about.site()) out.rule = facts_of(*rule, *at);
    }
    out.verdict = judge(about);
    const std::string defect = packet::defect(record.sample.head, record.sample.packet_len);
    if (!record.sample.head.empty() && !defect.empty())
        out.verdict.notes.push_back(
            "The frame is malformed: " + defect +
            ". Fields behind that read as zero, so rules that match them do not match.");
    if (record.number && record.version != backer.state().versions().current())
        out.verdict.notes.push_back("The flow tables have changed since; the path is that of then.");
    return out;
}

}  // namespace weft::ctl
