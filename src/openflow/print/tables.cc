// SPDX-License-Identifier: Apache-2.0
// Tables: statistics, features, configuration and its changes.
#include "openflow/print/printer.h"
#include "openflow/print/table_capabilities.h"

namespace weft::openflow {
namespace {

using enum Version;

/// The lists' bytes behind the multipart header.
ByteSpan entries(const Printer& p) { return p.body.subspan(p.version == v10 ? 4 : 8); }

std::string_view miss_name(TableMiss m) {
    switch (m) {
        case TableMiss::controller:
            return "controller";
        case TableMiss::go_on:
            return "continue";
        case TableMiss::drop:
            return "drop";
        case TableMiss::standard:
            break;
    }
    return "default";
}

std::string on_off(bool on) { return on ? "on" : "off"; }

constexpr BitName eviction_names[] = {{1, "OTHER"}, {2, "IMPORTANCE"}, {4, "LIFETIME"}};

void add_desc(const TableInfo& t, std::string& out) {
    const auto percent = [](uint8_t v) { return std::to_string(v) + "%"; };
    out += "  table " + std::to_string(t.id) + (t.name.empty() ? "" : " (\"" + t.name + "\")") + ":\n";
    out +=
        "   eviction=" + on_off(t.eviction) + " eviction_flags=" +
        (t.eviction_flags == TableInfo::flags_not_told ? "(default)"
                                                       : bit_names(t.eviction_flags, eviction_names, "|")) +
        "\n   vacancy=" + on_off(t.vacancy_events);
    if (t.vacancy_events)
        out += " vacancy_down=" + percent(t.vacancy_down) + " vacancy_up=" + percent(t.vacancy_up) +
               " vacancy=" + percent(t.vacancy);
    out += "\n";
}

void print_features(Printer& p) {
    const auto tables = decode_table_feature_list(entries(p), p.version);
    if (tables)
        p.out += format_tables(*tables, p.version);
    else
        p.out += "\n***decode error: " + std::string(error_name(tables.error())) + "***\n";
}

}  // namespace

void print(const TableStatsReply&, Printer& p) {
    if (const auto tables = decode_table_capabilities(entries(p), p.version))
        p.out += format_tables(*tables, p.version);
}

void print(const TableFeaturesRequest& m, Printer& p) {
    if (m.wanted.empty()) return;
    constexpr std::string_view names[] = {"replace", "modify", "enable", "disable"};
    const auto command = static_cast<size_t>(m.wanted.front().command);
    if (command) p.out += "\n  command: " + std::string(names[command]);
    print_features(p);
}

void print(const TableFeaturesReply&, Printer& p) { print_features(p); }

void print(const TableDescReply& m, Printer& p) {
    p.out += "\n";
    for (const TableInfo& t : m.tables) {
        if (&t != &m.tables.front()) p.out += "\n";
        add_desc(t, p.out);
    }
}

void print(const TableStatus& m, Printer& p) {
    p.out += m.reason == TableReason::vacancy_down ? " reason=VACANCY_DOWN" : " reason=VACANCY_UP";
    p.out += "\ntable_desc:-\n";
    add_desc(m.table, p.out);
}

void print(const TableMod& m, Printer& p) {
    p.out += m.table == all_tables ? " table_id: ALL_TABLES" : " table_id=" + std::to_string(m.table);
    if (p.version == v11 || p.version == v12) p.out += ", flow_miss_config=" + std::string(miss_name(m.miss));
    if (p.version < v14) return;
    p.out += ", eviction=" + on_off(m.eviction.value_or(false)) +
             ", vacancy=" + on_off(m.vacancy_events.value_or(false));
    if (m.vacancy_events.value_or(false))
        p.out += " vacancy:" + std::to_string(m.vacancy_down) + "," + std::to_string(m.vacancy_up);
}

}  // namespace weft::openflow
