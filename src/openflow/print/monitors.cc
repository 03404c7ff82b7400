// SPDX-License-Identifier: Apache-2.0
// Flow monitors of every form.
#include "openflow/print/printer.h"

namespace weft::openflow {
namespace {

constexpr BitName flag_names[] = {{monitor_flag::initial, "initial"}, {monitor_flag::add, "add"},
                                  {monitor_flag::remove, "delete"},   {monitor_flag::modify, "modify"},
                                  {monitor_flag::actions, "actions"}, {monitor_flag::no_abbrev, "no_abbrev"},
                                  {monitor_flag::own, "own"}};

void add_monitor(const FlowMonitor& m, Printer& p) {
    p.out += "\n id=" + std::to_string(m.id);
    if (m.command == MonitorCommand::remove) {
        p.out += " command=delete";
        return;
    }
    p.out += " flags=" + bit_names(m.flags, flag_names, ",");
    if (m.out_port != ofpp::none) p.out += " out_port=" + p.port(m.out_port);
    // Open vSwitch writes groups as signed numbers here.
    if (m.out_group != any_group) p.out += " out_group=" + std::to_string(static_cast<int32_t>(m.out_group));
    if (m.table != all_tables) p.out += " table=" + flow::format_table(m.table, p.options.names.tables);
    if (const auto text = p.match(m.match); !text.empty()) p.out += " " + text;
}

std::string_view event_name(FlowUpdate::Event e) {
    constexpr std::string_view names[] = {"INITIAL", "ADDED",  "DELETED", "MODIFIED",
                                          "ABBREV",  "PAUSED", "RESUMED"};
    return names[static_cast<size_t>(e)];
}

void add_update(const FlowUpdate& u, Printer& p) {
    using enum FlowUpdate::Event;
    (p.out += "\n event=") += event_name(u.event);
    if (u.event == paused || u.event == resumed) return;
    if (u.event == abbreviated) {
        p.out += " xid=" + hex(u.xid);
        return;
    }
    if (u.event == removed) p.out += " reason=" + removed_reason_name(u.reason);
    p.out += " table=" + flow::format_table(u.table, p.options.names.tables);
    if (u.idle_timeout) p.out += " idle_timeout=" + std::to_string(u.idle_timeout);
    if (u.hard_timeout) p.out += " hard_timeout=" + std::to_string(u.hard_timeout);
    p.out += " cookie=" + short_hex(u.cookie);
    if (const auto text = p.match(u.match); !text.empty()) p.out += " " + text;
    if (!u.actions.empty()) p.out += " actions=" + action::to_text(u.actions, p.options.names);
}

}  // namespace

void print(const FlowMonitorRequest& m, Printer& p) {
    for (const FlowMonitor& one : m.monitors) add_monitor(one, p);
}

void print(const FlowMonitorCancel& m, Printer& p) { p.out += " id=" + std::to_string(m.id); }

void print(const FlowMonitorReply& m, Printer& p) {
    // Before 1.4 these are messages of their own, whose names say all.
    if (p.version < Version::v14 && !p.name.ends_with(" reply")) return;
    for (const FlowUpdate& one : m.updates) add_update(one, p);
}

}  // namespace weft::openflow
