// SPDX-License-Identifier: Apache-2.0
// Tables' abilities as text.
#include "openflow/print/actions_names.h"
#include "openflow/print/table_capabilities.h"
#include "openflow/print/text.h"

namespace weft::openflow {
namespace {

using enum Version;
using Instructions = TableCapabilities::Instructions;
using Actions = TableCapabilities::Actions;

constexpr BitName instruction_names[] = {{1 << 6, "meter"},          {1 << 4, "apply_actions"},
                                         {1 << 5, "clear_actions"},  {1 << 3, "write_actions"},
                                         {1 << 2, "write_metadata"}, {1 << 1, "goto_table"}};

std::string table_ranges(const std::bitset<256>& tables) {
    std::string out;
    for (size_t i = 0; i < tables.size(); ++i) {
        if (!tables.test(i)) continue;
        size_t end = i;
        while (end + 1 < tables.size() && tables.test(end + 1)) ++end;
        out += (out.empty() ? "" : ",") + std::to_string(i);
        if (end > i) out += "-" + std::to_string(end);
        i = end;
    }
    return out;
}

std::string action_lines(const Actions& a, Version v) {
    std::string out = "        actions: " + action_names(a.types, v) + "\n";
    if (a.set_fields.any()) out += "        supported on Set-Field: " + field_names(a.set_fields) + "\n";
    return out;
}

std::string instruction_lines(const Instructions& i, const Instructions* before, Version v) {
    std::string out;
    if (i.next_tables.any()) out += "      next tables: " + table_ranges(i.next_tables) + "\n";
    out += "      instructions: " + bit_names(i.types, instruction_names) + "\n";
    // Open vSwitch does not notice in 1.1.
    if (v != v11 && before && before->write == i.write && before->apply == i.apply)
        return out + "      (same actions)\n";
    if (i.write == i.apply)
        return out + "      Write-Actions and Apply-Actions features:\n" + action_lines(i.write, v);
    return out + "      Write-Actions features:\n" + action_lines(i.write, v) +
           "      Apply-Actions features:\n" + action_lines(i.apply, v);
}

std::string all_instructions(const TableCapabilities& t, const TableCapabilities* before, Version v) {
    if (before && before->normal == t.normal && before->on_miss == t.on_miss)
        return "    (same instructions)\n";
    const Instructions* normal = before ? &before->normal : nullptr;
    if (t.normal == t.on_miss)
        return "    instructions (table miss and others):\n" + instruction_lines(t.normal, normal, v);
    const Instructions* on_miss = before ? &before->on_miss : nullptr;
    return "    instructions (other than table miss):\n" + instruction_lines(t.normal, normal, v) +
           "    instructions (table miss):\n" + instruction_lines(t.on_miss, on_miss, v);
}

std::string matching(const TableCapabilities& t, const TableCapabilities* before) {
    if (before && before->match == t.match && before->wildcard == t.wildcard && before->mask == t.mask)
        return "    (same matching)\n";
    std::string out = "    matching:\n";
    const auto line = [&](std::string_view how, const FieldSet& fields) {
        if (fields.any()) out += "      " + std::string(how) + ": " + field_names(fields) + "\n";
    };
    line("arbitrary mask", t.mask);
    line("exact match or wildcard", t.match & t.wildcard & ~t.mask);
    line("must exact match", t.match & ~t.wildcard & ~t.mask);
    return out;
}

std::string_view miss_name(TableMiss m) {
    switch (m) {
        case TableMiss::go_on:
            return "continue";
        case TableMiss::drop:
            return "drop";
        default:
            return "controller";
    }
}

std::string head(const TableCapabilities& t) {
    return std::to_string(t.id) + (t.name.empty() ? "" : " (\"" + t.name + "\")");
}

/// One table in full, below its first line.
std::string block(const TableCapabilities& t, const TableCapabilities* before, Version v) {
    std::string out;
    if (t.active)
        out += "    active=" + std::to_string(*t.active) + ", lookup=" + std::to_string(t.lookups) +
               ", matched=" + std::to_string(t.matches) + "\n";
    const bool only_counters = v >= v13 && t.active;
    if (only_counters) return out;
    if (t.metadata_match || t.metadata_write)
        out += "    metadata: match=" + hex(t.metadata_match) + " write=" + hex(t.metadata_write) + "\n";
    if (t.miss) out += "    config=" + std::string(miss_name(*t.miss)) + "\n";
    if (t.eviction)
        out += std::string("    eviction: ") + (*t.eviction ? "supported" : "not supported") + "\n";
    if (t.vacancy_events)
        out +=
            std::string("    vacancy events: ") + (*t.vacancy_events ? "supported" : "not supported") + "\n";
    if (t.max_entries) out += "    max_entries=" + std::to_string(t.max_entries) + "\n";
    if (!t.is_described) return out;
    if (v > v10) out += all_instructions(t, before, v);
    return out + matching(t, before);
}

std::string ditto(size_t first, size_t last) {
    if (first == last) return "\n  table " + std::to_string(first) + ": ditto\n";
    return "\n  tables " + std::to_string(first) + "..." + std::to_string(last) + ": ditto\n";
}

}  // namespace

std::string action_names(uint32_t bits, Version v) {
    constexpr BitName names_10[] = {
        {1 << 0, "output"},     {1 << 11, "enqueue"},   {1 << 1, "set_vlan_vid"}, {1 << 2, "set_vlan_pcp"},
        {1 << 3, "strip_vlan"}, {1 << 4, "mod_dl_src"}, {1 << 5, "mod_dl_dst"},   {1 << 6, "mod_nw_src"},
        {1 << 7, "mod_nw_dst"}, {1 << 8, "mod_nw_tos"}, {1 << 9, "mod_tp_src"},   {1 << 10, "mod_tp_dst"},
    };
    constexpr uint32_t known_10 = 0xfff;
    if (v == v10) return bit_names(bits & known_10, names_10, " ", "<none>");
    constexpr BitName names[] = {
        {1 << 0, "output"},       {1 << 22, "group"},        {1 << 25, "set_field"},
        {1 << 1, "set_vlan_vid"}, {1 << 2, "set_vlan_pcp"},  {1 << 18, "strip_vlan"},
        {1 << 17, "push_vlan"},   {1 << 3, "mod_dl_src"},    {1 << 4, "mod_dl_dst"},
        {1 << 5, "mod_nw_src"},   {1 << 6, "mod_nw_dst"},    {1 << 7, "mod_nw_tos"},
        {1 << 8, "mod_nw_ecn"},   {1 << 23, "mod_nw_ttl"},   {1 << 9, "mod_tp_src"},
        {1 << 10, "mod_tp_dst"},  {1 << 24, "dec_ttl"},      {1 << 13, "set_mpls_label"},
        {1 << 14, "set_mpls_tc"}, {1 << 15, "set_mpls_ttl"}, {1 << 16, "dec_mpls_ttl"},
        {1 << 19, "push_mpls"},   {1 << 20, "pop_mpls"},     {1 << 21, "set_queue"},
    };
    uint64_t known = 0;
    for (const BitName& n : names) known |= n.bit;
    constexpr uint32_t only_11 = 0x67fe;  // replaced by set_field
    if (v > v11) known &= ~uint64_t{only_11};
    return bit_names(bits & known, names, " ", "<none>");
}

std::string format_tables(const std::vector<TableCapabilities>& tables, Version v) {
    std::string out;
    std::optional<std::pair<size_t, size_t>> run;  // tables without a name that are as the one before
    const auto end_run = [&] {
        if (run) out += ditto(run->first, run->second);
        run.reset();
    };
    const TableCapabilities* before = nullptr;
    for (const TableCapabilities& t : tables) {
        if (before && t.same_abilities(*before) && before->name == t.name) {
            if (!t.name.empty())
                out += "\n  table " + head(t) + ": ditto";
            else
                run = {run ? run->first : t.id, t.id};
        } else {
            end_run();
            out += "\n  table " + head(t) + ":\n" + block(t, before, v);
        }
        before = &t;
    }
    end_run();
    return out;
}

}  // namespace weft::openflow
