// SPDX-License-Identifier: Apache-2.0
// Drops that the flow tables, groups and meters decide.
#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "action/text.h"
#include "ctl/near_rules.h"
#include "ctl/verdict.h"
#include "flow/match_text.h"

namespace weft::ctl {

namespace {

std::string in_quotes(const std::string& text) { return "\"" + text + "\""; }

std::string delete_command(const RuleFacts& r) {
    return fmt::format("ovs-ofctl --strict del-flows {} {}", r.bridge, in_quotes(rule_text(r)));
}

std::string pass_command(const std::string& bridge, unsigned table, const std::string& match,
                         int32_t priority) {
    return fmt::format("ovs-ofctl add-flow {} {}", bridge,
                       in_quotes(fmt::format("table={},priority={}{}{},actions=NORMAL", table, priority,
                                             match.empty() ? "" : ",", match)));
}

/// What of the packet a rule for it would match first of all.
std::string rough_match(const Case& about) {
    flow::Match m{about.key(), {}};
    m.mask.packet.in_port = be_max<Be32>;
    m.mask.packet.eth_type = be_max<Be16>;
    if (about.key().packet.nw_proto) m.mask.packet.nw_proto = 0xff;
    m.normalize();
    return flow::format_match(m);
}

Verdict by_drop_rule(const Case& about, const RuleFacts& rule) {
    Verdict out;
    out.summary =
        fmt::format("A rule of table {} of bridge {} drops it: it matches the packet and has no actions.",
                    rule.table, rule.bridge);
    out.row = fmt::format("the OpenFlow rule {} (cookie {:#x}) of bridge {}", rule_text(rule), rule.cookie,
                          rule.bridge);
    out.remedies = {delete_command(rule)};
    if (rule.priority < 0xffff)
        out.remedies.push_back(pass_command(rule.bridge, rule.table, rough_match(about), rule.priority + 1));
    return out;
}

/// Whether it tells of this packet: it would have matched, it came first, and its table has not been changed
/// by a controller since, who has gone on.
bool is_behind_it(const bridge::RefusedRule& refused, const Case& about, const bridge::Bridge& b, bool full) {
    const auto& filter = refused.change.filter;
    const uint8_t table = filter.table == pipeline::all_tables ? 0 : filter.table;
    if (table != about.record.site.table || refused.change.command == pipeline::FlowChange::Command::remove ||
        !filter.match.matches(about.key()))
        return false;
    if (about.record.number != 0 && about.record.last < refused.when) return false;
    return full || std::ranges::none_of(b.history.steps(), [&](const bridge::HistoryStep& step) {
               return step.when > refused.when && step.source == bridge::HistoryStep::Source::controller &&
                      std::ranges::any_of(step.events,
                                          [&](const auto& e) { return e.rule->table() == table; });
           });
}

/// Tables that are full, rules that were refused.
void add_table_state(const Case& about, const bridge::Bridge& b, Verdict& out) {
    const uint8_t table = about.record.site.table;
    const auto limit = b.tables->config(table).max_rules;
    const bool full = limit && b.tables->size(table) >= limit;
    for (const auto& refused : b.refused) {
        if (!is_behind_it(refused, about, b, full)) continue;
        const auto& filter = refused.change.filter;
        out.summary +=
            fmt::format(" A rule for it was refused {} s ago: {}.",
                        std::chrono::duration_cast<std::chrono::seconds>(about.now - refused.when).count(),
                        refused.error);
        out.notes.push_back(fmt::format("refused: table={},priority={}{}{} actions={}", table,
                                        filter.priority, ",", flow::format_match(filter.match),
                                        refused.change.rule.actions
                                            ? action::to_text(*refused.change.rule.actions)
                                            : std::string("drop")));
        break;
    }
    if (!full) return;
    const auto& tables = b.config.flow_tables;
    const auto row = tables.find(table);
    out.row =
        fmt::format("table {} of bridge {} is full: {} rules, the limit is {} (Flow_Table{} flow_limit={})",
                    table, b.config.name, b.tables->size(table), limit,
                    row == tables.end() ? "" : " " + in_quotes(row->second.name), limit);
    out.remedies.push_back(
        fmt::format("ovs-vsctl set bridge {} flow_tables:{}=@t -- --id=@t create Flow_Table "
                    "flow_limit={}",
                    b.config.name, table, limit * 2));
}

/// The last rule for it that is no more.
void add_removed_rule(const Case& about, const bridge::Bridge& b, Verdict& out) {
    const auto& steps = b.history.steps();
    for (auto step = steps.rbegin(); step != steps.rend(); ++step)
        for (const auto& e : step->events) {
            const bool gone = e.kind == pipeline::RuleEvent::Kind::removed;
            if (!gone || e.rule->table() != about.record.site.table) continue;
            if (!e.rule->match().expand().matches(about.key())) continue;
            out.notes.push_back(fmt::format(
                "a rule for it was removed {} s ago ({}): {}; weft flows revert {} brings it back",
                std::chrono::duration_cast<std::chrono::seconds>(about.now - step->when).count(),
                bridge::name_of(step->source), rule_text(facts_of(*e.rule, b)), step->version - 1));
            return;
        }
}

Verdict no_match(const Case& about, const bridge::Bridge& b) {
    Verdict out;
    const uint8_t table = about.record.site.table;
    const size_t n = b.tables->size(table);
    out.summary = fmt::format("No rule of table {} of bridge {} matches it.", table, b.config.name);
    out.row = n == 0 ? fmt::format("table {} of bridge {} is empty", table, b.config.name)
                     : fmt::format("table {} of bridge {} has {} rule{}, none for this packet", table,
                                   b.config.name, n, n == 1 ? "" : "s");
    if (const std::string state = controllers_state(about, b); !state.empty()) {
        out.summary += " " + state;
        out.row += "; Bridge " + b.config.name +
                   ": fail_mode=" + (b.config.fail_mode.empty() ? "standalone" : b.config.fail_mode);
        for (const auto& c : b.config.controllers) out.row += "; Controller " + in_quotes(c.target);
        out.remedies = {
            "start the controller, or point the bridge to one that runs: ovs-vsctl set-controller " +
                b.config.name + " tcp:ADDRESS:6653",
            "let the bridge switch by itself meanwhile: ovs-vsctl set-fail-mode " + b.config.name +
                " standalone"};
    }
    add_table_state(about, b, out);
    add_removed_rule(about, b, out);
    out.remedies.push_back(pass_command(b.config.name, table, rough_match(about), 100));
    for (const auto& near : near_rules(*b.tables, table, about.backer.state(), about.key()))
        out.notes.push_back(fmt::format("nearest rule: {} actions={}; it would match but for {}",
                                        rule_text(facts_of(*near.rule, b)),
                                        action::to_text(near.rule->actions()), near.differs));
    return out;
}

Verdict ttl(const Case& about, const bridge::Bridge& b) {
    Verdict out;
    out.summary =
        fmt::format("Its TTL is {}, and a rule would have decremented it (dec_ttl): it may go no further.",
                    about.key().packet.nw_ttl);
    out.row = about.record.site.rule
                  ? fmt::format("the rule {} of bridge {}", rule_text(facts_of(*about.record.site.rule, b)),
                                b.config.name)
                  : "actions that came with the packet, of no rule";
    out.remedies = {"have the sender use a larger TTL (a routing loop also ends this way)",
                    "take dec_ttl out of the rule's actions, if this hop is no router"};
    return out;
}

/// Rules that come up again and again: the loop.
std::string cycle_of(const std::vector<pipeline::RulePtr>& rules, const bridge::Bridge& b) {
    std::set<const pipeline::Rule*> seen, told;
    std::string out;
    for (const auto& rule : rules) {
        if (seen.insert(rule.get()).second || !told.insert(rule.get()).second) continue;
        const RuleFacts facts = facts_of(*rule, b);
        out += (out.empty() ? "" : "\n") + rule_text(facts) + " actions=" + facts.actions;
        if (told.size() == 4) break;
    }
    return out;
}

Verdict too_deep(const Case& about, const bridge::Bridge& b) {
    Verdict out;
    const std::string loop = cycle_of(about.record.rules, b);
    out.summary = std::string("Translation gave up: ") + std::string(about.record.reason.text()) + ". " +
                  (loop.empty() ? "The tables are nested too deeply."
                                : "These rules lead back to themselves:\n" + loop);
    const pipeline::Limits& limits = about.backer.limits();
    out.row = fmt::format(
        "limits: {} nested tables, {} resubmits in all (other_config:max-translation-depth and max-resubmits "
        "of "
        "Open_vSwitch)",
        limits.depth, limits.resubmits);
    if (about.record.site.rule)
        out.remedies = {
            "make this rule lead to a later table: " + rule_text(facts_of(*about.record.site.rule, b)),
            delete_command(facts_of(*about.record.site.rule, b))};
    if (!about.is(pipeline::Drop::recursion_too_deep))
        out.remedies.push_back(
            fmt::format("ovs-vsctl set Open_vSwitch . other_config:max-resubmits={}, if that is meant to be",
                        limits.resubmits * 2));
    else if (loop.empty())
        out.remedies.emplace_back(
            "ovs-vsctl set Open_vSwitch . other_config:max-translation-depth=N (up to 256), if that is meant "
            "to be");
    return out;
}

Verdict meter(const Case& about, const bridge::Bridge& b) {
    Verdict out;
    out.summary = "It came faster than a meter lets packets through, which was changed since.";
    out.row = fmt::format("a meter of bridge {}", b.config.name);
    out.remedies = {
        fmt::format("ovs-ofctl -O OpenFlow13 dump-meters {} tells those that there are", b.config.name)};
    for (const auto& [number, dp_meter] : b.meters.numbers()) {
        if (dp_meter != about.record.sample.arg) continue;
        const auto spec = b.meters.config(number).spec;
        const char* unit = spec.flags & action::meter_flag::pktps ? "packets/s" : "kbit/s";
        std::string bands;
        for (const auto& band : spec.bands)
            bands += fmt::format("{}{} {}", bands.empty() ? "" : ", ", band.rate, unit);
        out.summary = fmt::format("It came faster than meter {} of bridge {} lets through ({}).", number,
                                  b.config.name, bands);
        out.row = fmt::format("meter {} of bridge {}: {}", number, b.config.name, bands);
        out.remedies = {
            fmt::format("ovs-ofctl -O OpenFlow13 mod-meter {} meter={},{},band=type=drop,rate=...",
                        b.config.name, number, spec.flags & action::meter_flag::pktps ? "pktps" : "kbps")};
    }
    return out;
}

/// The group that the rule sends it to, which sends it nowhere.
std::optional<Verdict> no_bucket(const Case& about, const bridge::Bridge& b) {
    const auto rule = about.record.site.rule;
    if (!rule) return std::nullopt;
    for (const action::Action& a : rule->actions()) {
        const auto* to = std::get_if<action::Group>(&a.v);
        if (!to) continue;
        const std::string& br = b.config.name;
        return Verdict{
            .summary = fmt::format("No bucket of group {} of bridge {} is alive.", to->group, br),
            .row = fmt::format(
                "group {0} of bridge {1}: watch_port and watch_group of its buckets (ovs-ofctl -O "
                "OpenFlow13 dump-groups {1} {0})",
                to->group, br),
            .remedies = {"turn on a port that a bucket watches",
                         fmt::format(
                             "ovs-ofctl -O OpenFlow15 insert-buckets {} "
                             "group_id={},command_bucket_id=last,bucket=bucket_id=N,actions=output:PORT",
                             br, to->group)},
            .notes = {}};
    }
    return std::nullopt;
}

}  // namespace

std::optional<Verdict> judge_rules(const Case& about) {
    const bridge::Bridge* b = about.site();
    if (!b) return std::nullopt;
    if (about.record.reason.is(dp::Drop::meter)) return meter(about, *b);
    const auto* reason = std::get_if<pipeline::Drop>(&about.record.reason.v);
    if (!reason) return std::nullopt;
    using enum pipeline::Drop;
    switch (*reason) {
        case drop_rule:
            if (!about.record.site.rule) return std::nullopt;
            return by_drop_rule(about, facts_of(*about.record.site.rule, *b));
        case weft::pipeline::Drop::no_match:
            return weft::ctl::no_match(about, *b);
        case weft::pipeline::Drop::no_bucket:
            return weft::ctl::no_bucket(about, *b);
        case ttl_expired:
            return ttl(about, *b);
        case recursion_too_deep:
        case too_many_resubmit:
        case stack_too_deep:
            return too_deep(about, *b);
        default:
            return std::nullopt;
    }
}

}  // namespace weft::ctl
