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

/// Tables that are full, rules that were refused.
void add_table_state(const Case& about, const bridge::Bridge& b, Verdict& out) {
    const uint8_t table = about.record.site.table;
    const auto limit = b.tables->config(table).max_rules;
    const bool full = limit && b.tables->size(table) >= limit;
    for (const auto& refused : b.refused) {
        const auto& filter = refused.change.filter;
        const uint8_t wanted = filter.table == pipeline::all_tables ? 0 : filter.table;
        if (wanted != table || !filter.match.matches(about.key())) continue;
        out.summary +=
            fmt::format(" A rule for it was refused {} s ago: {}.",
                        std::chrono::duration_cast<std::chrono::seconds>(about.now - refused.when).count(),
                        refused.error);
        out.notes.push_back(fmt::format("refused: table={},priority={}{}{} actions={}", wanted,
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
                  : std::string();
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
    return out;
}

Verdict meter(const Case& about) {
    Verdict out;
    const bridge::Bridge* b = about.site();
    out.summary = "It came faster than a meter lets packets through.";
    if (!b) return out;
    for (const auto& [number, dp_meter] : b->meters.numbers()) {
        if (dp_meter != about.record.sample.arg) continue;
        const auto spec = b->meters.config(number).spec;
        const char* unit = spec.flags & action::meter_flag::pktps ? "packets/s" : "kbit/s";
        std::string bands;
        for (const auto& band : spec.bands)
            bands += fmt::format("{}{} {}", bands.empty() ? "" : ", ", band.rate, unit);
        out.summary = fmt::format("It came faster than meter {} of bridge {} lets through ({}).", number,
                                  b->config.name, bands);
        out.row = fmt::format("meter {} of bridge {}: {}", number, b->config.name, bands);
        out.remedies = {
            fmt::format("ovs-ofctl -O OpenFlow13 mod-meter {} meter={},{},band=type=drop,rate=...",
                        b->config.name, number, spec.flags & action::meter_flag::pktps ? "pktps" : "kbps")};
    }
    return out;
}

Verdict fragment(const bridge::Bridge& b) {
    return {.summary = "It is a fragment of an IP packet, and the bridge drops fragments.",
            .row = fmt::format("fragment handling of bridge {}: drop", b.config.name),
            .remedies = {"ovs-ofctl set-frags " + b.config.name + " normal"},
            .notes = {}};
}

Verdict otherwise(const Case& about, const bridge::Bridge& b) {
    Verdict out;
    const auto rule = about.record.site.rule;
    out.summary = "The packet was dropped: " + std::string(about.record.reason.text()) + ".";
    if (!rule) return out;
    out.row = fmt::format("the rule {} of bridge {}", rule_text(facts_of(*rule, b)), b.config.name);
    out.remedies = {"change the rule's actions: ovs-ofctl --strict mod-flows " + b.config.name + " " +
                    in_quotes(rule_text(facts_of(*rule, b)) + ",actions=...")};
    return out;
}

}  // namespace

Verdict judge_rules(const Case& about) {
    if (about.record.reason.is(dp::Drop::meter)) return meter(about);
    const bridge::Bridge* b = about.site();
    if (!b)
        return {.summary = std::string(about.record.reason.text()), .row = {}, .remedies = {}, .notes = {}};
    using enum pipeline::Drop;
    switch (std::get<pipeline::Drop>(about.record.reason.v)) {
        case drop_rule:
            if (about.record.site.rule) return by_drop_rule(about, facts_of(*about.record.site.rule, *b));
            return otherwise(about, *b);
        case no_match:
            return weft::ctl::no_match(about, *b);
        case ttl_expired:
            return ttl(about, *b);
        case recursion_too_deep:
        case too_many_resubmit:
        case stack_too_deep:
            return too_deep(about, *b);
        case fragment:
            return weft::ctl::fragment(*b);
        default:
            return otherwise(about, *b);
    }
}

}  // namespace weft::ctl
