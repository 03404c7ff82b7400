// SPDX-License-Identifier: Apache-2.0
// Groups.
#include "openflow/group_text.h"
#include "openflow/print/actions_names.h"
#include "openflow/print/printer.h"

namespace weft::openflow {
namespace {

std::string_view command_name(GroupCommand c) {
    switch (c) {
        case GroupCommand::add:
            return "ADD";
        case GroupCommand::modify:
            return "MOD";
        case GroupCommand::remove:
            return "DEL";
        case GroupCommand::insert_bucket:
            return "INSERT_BUCKET";
        case GroupCommand::remove_bucket:
            return "REMOVE_BUCKET";
        case GroupCommand::add_or_modify:
            return "ADD_OR_MOD";
    }
    return "";
}

std::string group(uint32_t id) { return id == action::group_all ? "ALL" : std::to_string(id); }

GroupTextOptions options_of(const Printer& p) {
    return {.bucket_ids = p.version == Version::v10 || p.version >= Version::v15, .names = p.options.names};
}

}  // namespace

void print(const GroupMod& m, Printer& p) {
    GroupTextOptions options = options_of(p);
    const bool changes_buckets =
        m.command == GroupCommand::insert_bucket || m.command == GroupCommand::remove_bucket;
    (p.out += "\n ") += command_name(m.command);
    p.out += " ";
    if (changes_buckets) p.out += "command_bucket_id:" + format_bucket_id(m.command_bucket) + ",";
    options.type = !changes_buckets;
    p.out += format_group(m.id, m.spec, options);
}

void print(const GroupStatsRequest& m, Printer& p) { p.out += " group_id=" + group(m.id); }
void print(const GroupDescRequest& m, Printer& p) { p.out += " group_id=" + group(m.id); }

void print(const GroupDescReply& m, Printer& p) {
    p.out += "\n";
    for (const GroupDesc& g : m.groups) p.out += " " + format_group(g.id, g.spec, options_of(p)) + "\n";
}

void print(const GroupStatsReply& m, Printer& p) {
    p.out += "\n";
    for (const GroupStats& g : m.groups) {
        p.out += " group_id=" + std::to_string(g.id);
        if (p.version >= Version::v13 || p.version == Version::v10)
            p.out += ",duration=" + duration(g.duration_s, g.duration_ns);
        p.out += ",ref_count=" + std::to_string(g.n_flows) + ",packet_count=" + count(g.packets) +
                 ",byte_count=" + count(g.bytes);
        for (size_t i = 0; i < g.buckets.size(); ++i) {
            p.out += ",bucket" + std::to_string(i) + ":packet_count=" + count(g.buckets[i].packets) +
                     ",byte_count=" + count(g.buckets[i].bytes);
        }
        p.out += "\n";
    }
}

void print(const GroupFeaturesReply& m, Printer& p) {
    constexpr std::string_view names[] = {"all", "select", "indirect", "fast failover"};
    p.out +=
        "\n Group table:\n    Types:  " + hex(m.types) + "\n    Capabilities:  " + hex(m.capabilities) + "\n";
    for (size_t i = 0; i < std::size(names); ++i) {
        if (!(m.types >> i & 1)) continue;
        p.out += "    " + std::string(names[i]) + " group:\n       max_groups=" + hex(m.max_groups[i]) +
                 "\n       actions: " + action_names(m.actions[i], p.version) + "\n";
    }
}

}  // namespace weft::openflow
