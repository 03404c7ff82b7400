// SPDX-License-Identifier: Apache-2.0
// Flow modifications, removals and statistics.
#include "openflow/flow_text.h"
#include "openflow/print/printer.h"

namespace weft::openflow {
namespace {

using enum Version;

std::string_view command_name(FlowModCommand c) {
    switch (c) {
        case FlowModCommand::add:
            return "ADD";
        case FlowModCommand::modify:
            return "MOD";
        case FlowModCommand::modify_strict:
            return "MOD_STRICT";
        case FlowModCommand::remove:
            return "DEL";
        case FlowModCommand::remove_strict:
            return "DEL_STRICT";
    }
    return "";
}

void add_cookies(const FlowMod& m, std::string& out) {
    if (m.new_cookie && *m.new_cookie && *m.new_cookie != ~uint64_t{0})
        out += "cookie:" + hex(*m.new_cookie) + " ";
    if (m.cookie_mask) out += "cookie:" + hex(m.cookie) + "/" + hex(m.cookie_mask) + " ";
}

void add_limits(const FlowMod& m, std::string& out) {
    const auto number = [&](std::string_view name, uint16_t v) {
        if (v) (out += name) += std::to_string(v) + " ";
    };
    number("idle:", m.idle_timeout);
    number("hard:", m.hard_timeout);
    number("importance:", m.importance);
    if (m.buffer_id != no_buffer) out += "buf:" + hex(m.buffer_id) + " ";
}

}  // namespace

std::string removed_reason_name(RemovedReason r) {
    constexpr std::string_view names[] = {"idle",         "hard",         "delete",
                                          "group_delete", "meter_delete", "eviction"};
    const auto n = static_cast<size_t>(r);
    return n < std::size(names) ? std::string(names[n]) : std::to_string(n);
}

void print(const FlowMod& m, Printer& p) {
    std::string& out = p.out;
    (out += " ") += command_name(m.command);
    // 1.0 tells a table by an extension only, and all tables by number 0.
    if (m.table != 0 && !(p.version == v10 && m.table == all_tables))
        out += " table:" + flow::format_table(m.table, p.options.names.tables);
    out += " " + p.rule(m.match, m.priority);
    if (out.back() != ' ') out += " ";
    add_cookies(m, out);
    add_limits(m, out);
    if (m.out_port != ofpp::none) out += "out_port:" + p.port(m.out_port) + " ";
    // Before 1.2 counters are reset without being asked.
    out += flow_flags(static_cast<uint16_t>(p.version < v12 ? m.flags & ~flow_flag::reset_counts : m.flags));
    out += "actions=" + action::to_text(m.actions, p.options.names);
}

void print(const FlowRemoved& m, Printer& p) {
    std::string& out = p.out;
    out += " " + p.rule(m.match, m.priority) + " reason=" + removed_reason_name(m.reason);
    if (m.table != all_tables) out += " table_id=" + flow::format_table(m.table, p.options.names.tables);
    if (m.cookie) out += " cookie:" + hex(m.cookie);
    out += " duration" + duration(m.duration_s, m.duration_ns);
    out += " idle" + std::to_string(m.idle_timeout);
    if (m.hard_timeout) out += " hard" + std::to_string(m.hard_timeout);
    out += " pkts" + std::to_string(m.packets) + " bytes" + std::to_string(m.bytes);
}

void print(const FlowQuery& m, Printer& p) {
    std::string& out = p.out;
    if (m.table != all_tables) out += " table=" + flow::format_table(m.table, p.options.names.tables);
    if (m.out_port != ofpp::none) out += " out_port=" + p.port(m.out_port);
    if (const auto text = p.match(m.match); !text.empty()) out += " " + text;
}

void print(const FlowStatsReply& m, Printer& p) {
    for (const FlowStats& f : m.flows) p.out += "\n " + format_flow(f, {.names = p.options.names});
}

void print(const AggregateReply& m, Printer& p) {
    p.out += " packet_count=" + count(m.stats.packets) + " byte_count=" + count(m.stats.bytes) +
             " flow_count=" + std::to_string(m.stats.flows);
}

}  // namespace weft::openflow
