// SPDX-License-Identifier: Apache-2.0
#include "pipeline/describe.h"

#include <cstdio>

#include "action/text.h"
#include "flow/field_text.h"
#include "flow/match_text.h"

namespace weft::pipeline {

namespace {

std::string hex(uint64_t v) {
    char text[20];
    std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(v));
    return text;
}

}  // namespace

std::string describe_cookie(uint64_t cookie) { return cookie ? hex(cookie) : "0"; }

std::string bridge_title(const Bridge& bridge) { return "bridge(\"" + bridge.name + "\")"; }

flow::PortNames port_names(const Bridge& bridge) {
    flow::PortNames names;
    for (const Port& port : bridge.ports) names.add(port.number, port.name);
    return names;
}

std::string describe(const action::Action& a, const flow::PortNames* names) {
    return action::to_text(action::Actions{a}, {.ports = names});
}

std::string describe_lookup(uint8_t table, const Rule* rule, const Tables& tables,
                            const flow::PortNames* names) {
    char number[8];
    std::snprintf(number, sizeof number, "%2u. ", unsigned{table});
    std::string text = number;
    if (rule == tables.miss_rule().get()) return text + "No match, and a \"packet-in\" is called for.";
    if (rule == tables.drop_fragments_rule().get())
        return text + "Packets are IP fragments and the fragment handling mode is \"drop\".";
    if (!rule || rule == tables.no_packet_in_rule().get()) return text + "No match.";
    const std::string match = flow::format_match(tables.told(rule->match()), names);
    text += match.empty() ? "" : match + ", ";
    text += "priority " + std::to_string(rule->priority());
    if (rule->cookie()) text += ", cookie " + hex(rule->cookie());
    return text;
}

std::string describe_write(flow::Subfield dst, const flow::FlowKey& key) {
    const flow::Field& f = flow::field(dst.field);
    const flow::FieldValue value = flow::get_bits(key, dst);
    const bool whole = !dst.place && dst.ofs == 0 && dst.n_bits == f.n_bits;
    return flow::format_subfield(dst) + " is now " +
           (whole ? flow::format_value(f, value, flow::FieldValue::ones(f.n_bits))
                  : flow::format_hex_value(value));
}

std::string describe_learned(const FlowChange& change, const Tables& tables) {
    const RuleSpec& rule = change.rule;
    std::string text = "table=" + std::to_string(change.filter.table) + ' ';
    const std::string match = flow::format_match(tables.told(flow::SparseMatch(change.filter.match)));
    text += match.empty() ? "" : match + ' ';
    text += "priority=" + std::to_string(change.filter.priority);
    if (rule.cookie) text += " cookie=" + hex(rule.cookie);
    if (rule.idle_timeout_s) text += " idle=" + std::to_string(rule.idle_timeout_s);
    if (rule.hard_timeout_s) text += " hard=" + std::to_string(rule.hard_timeout_s);
    if (rule.flags & rule_flag::send_removed) text += " send_flow_rem";
    return text + " actions=" + action::to_text(*rule.actions);
}

}  // namespace weft::pipeline
