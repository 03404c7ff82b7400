// SPDX-License-Identifier: Apache-2.0
#include "ctl/metrics.h"

#include <fmt/core.h>

#include <algorithm>

#include "ctl/context.h"
#include "ctl/drop_table.h"
#include "obs/heap.h"

namespace weft::ctl {

namespace {

using obs::MetricFamily;
using Kind = MetricFamily::Kind;
using Labels = MetricFamily::Labels;

/// Families by their place; samples are added as they are found.
class Builder {
  public:
    MetricFamily& family(const std::string& name, const char* help, Kind kind) {
        const auto it = std::ranges::find(out_, name, &MetricFamily::name);
        return it == out_.end() ? out_.emplace_back(MetricFamily{name, help, kind}) : *it;
    }
    void count(const std::string& name, const char* help, Labels labels, uint64_t value) {
        if (value == dp::not_counted) return;
        family(name, help, Kind::counter).add(std::move(labels), static_cast<double>(value));
    }
    void gauge(const std::string& name, const char* help, Labels labels, double value) {
        family(name, help, Kind::gauge).add(std::move(labels), value);
    }
    obs::Metrics take() { return std::move(out_); }

  private:
    obs::Metrics out_;
};

void add_port(Builder& b, const Labels& at, const dp::PortStats& s) {
    b.count("weft_port_receive_packets_total", "Packets received by a port.", at, s.rx_packets);
    b.count("weft_port_transmit_packets_total", "Packets sent by a port.", at, s.tx_packets);
    b.count("weft_port_receive_bytes_total", "Bytes received by a port.", at, s.rx_bytes);
    b.count("weft_port_transmit_bytes_total", "Bytes sent by a port.", at, s.tx_bytes);
    b.count("weft_port_receive_dropped_total", "Packets dropped before the switch saw them.", at,
            s.rx_dropped);
    b.count("weft_port_transmit_dropped_total", "Packets the device did not take.", at, s.tx_dropped);
    b.count("weft_port_receive_errors_total", "Frames received with errors.", at, s.rx_errors);
    b.count("weft_port_transmit_errors_total", "Frames not sent because of errors.", at, s.tx_errors);
}

void add_ports(Builder& b, const bridge::Switch::Runtime& r) {
    for (const auto& [name, m] : r.bridge->members) {
        const Labels at{
            {"bridge", r.bridge->config.name}, {"port", name}, {"number", std::to_string(m.number.value)}};
        const bool up = m.is_patch() ? m.peer.has_value() : m.state.admin_up && m.state.link_up;
        b.gauge("weft_port_up", "1 if the port can send.", at, up);
        if (const auto stats = r.backer->stats_of(m)) add_port(b, at, *stats);
    }
}

void add_tables(Builder& b, const bridge::Switch::Runtime& r) {
    const pipeline::Tables& tables = *r.bridge->tables;
    for (unsigned id = 0; id < pipeline::internal_table; ++id) {
        const auto table = static_cast<uint8_t>(id);
        const size_t rules = tables.size(table);
        const auto& counters = tables.counters(table);
        const uint64_t lookups = counters.lookups.load(std::memory_order_relaxed);
        if (rules == 0 && lookups == 0) continue;
        const Labels at{{"bridge", r.bridge->config.name}, {"table", std::to_string(id)}};
        b.gauge("weft_table_rules", "OpenFlow rules in a table.", at, static_cast<double>(rules));
        b.count("weft_table_lookups_total", "Packets looked up in a table.", at, lookups);
        b.count("weft_table_matched_total", "Packets that a rule of the table matched.", at,
                counters.matched.load(std::memory_order_relaxed));
    }
    const Labels bridge{{"bridge", r.bridge->config.name}};
    b.gauge("weft_groups", "OpenFlow groups.", bridge,
            static_cast<double>(tables.groups().size(tables.versions().current())));
    b.gauge("weft_meters", "OpenFlow meters.", bridge,
            static_cast<double>(r.bridge->meters.numbers().size()));
    b.gauge("weft_mac_entries", "Addresses in the MAC table.", bridge,
            static_cast<double>(r.bridge->macs->stats().entries));
}

void add_controllers(Builder& b, const bridge::Switch::Runtime& r, Time now) {
    if (!r.openflow) return;
    const auto status = r.openflow->status(now);
    for (const auto& c : r.bridge->config.controllers) {
        const auto it = status.find(c.row);
        b.gauge("weft_controller_connected", "1 if the controller is connected.",
                {{"bridge", r.bridge->config.name}, {"target", c.target}},
                it != status.end() && it->second.is_connected);
    }
}

/// Whom to look at when there are many masks.
void add_masks(Builder& b, bridge::Backer& backer) {
    for (const auto& use : backer.cache().mask_budget().uses()) {
        const Labels at{{"datapath", backer.name()}, {"port", port_name(backer, use.port)}};
        b.gauge("weft_port_masks", "Masks of the megaflows that packets of the port brought.", at,
                static_cast<double>(use.masks));
        b.count("weft_port_flows_merged_total",
                "Flows that got the mask of others, as the port brought more masks than it may.", at,
                use.merged);
    }
}

const char* group_help(std::string_view group) {
    if (group == "upcalls") return "Packets that the kernel's programs sent to user space, by cause.";
    if (group == "lost") return "Packets that the kernel's programs dropped, by reason.";
    if (group == "user_flows") return "Flows left to user space, by what keeps them from the kernel.";
    return "Packets in the kernel's programs.";
}

void add_datapath(Builder& b, bridge::Backer& backer) {
    const Labels at{{"datapath", backer.name()}};
    const dp::DatapathStats s = backer.datapath().stats();
    b.gauge("weft_datapath_flows", "Megaflows installed.", at, static_cast<double>(s.flows));
    b.gauge("weft_datapath_flow_limit", "Megaflows at most.", at,
            static_cast<double>(backer.cache().flow_limit()));
    b.gauge("weft_datapath_masks", "Masks of the megaflows.", at, static_cast<double>(s.masks));
    b.count("weft_datapath_hits_total", "Packets that a megaflow matched.", at, s.hit);
    b.count("weft_datapath_cache_hits_total", "Packets found without trying masks.", at, s.cache_hit);
    b.count("weft_datapath_masks_tried_total", "Masks tried for packets.", at, s.mask_hit);
    b.count("weft_upcalls_total", "Packets that no megaflow matched.", at, s.missed);
    b.count("weft_upcalls_lost_total", "Packets that nobody translated.", at, s.lost);
    b.count("weft_upcalls_beyond_flow_limit_total", "Packets translated whose flow found no room.", at,
            backer.cache().beyond_flow_limit());
    b.count("weft_self_checks_total", "Installed flows translated again on random packets.", at,
            backer.self_check().checked());
    b.count("weft_self_check_failures_total", "Installed flows that were wrong, and removed.", at,
            backer.self_check().failed());
    add_masks(b, backer);
    for (const dp::DatapathFact& f : backer.datapath().facts()) {
        const std::string name = fmt::format("weft_ebpf_{}_{}", f.group, f.is_gauge ? f.name : "total");
        Labels labels = at;
        if (!f.is_gauge) labels.emplace_back("what", f.name);
        if (f.is_gauge)
            b.gauge(name, std::string(f.text).c_str(), std::move(labels), static_cast<double>(f.value));
        else
            b.count(name, group_help(f.group), std::move(labels), f.value);
    }
    b.family("weft_upcall_duration_seconds", "Time to translate a packet and prepare its flow.",
             Kind::histogram)
        .samples.push_back({at, 0, backer.cache().latency().snapshot()});
    b.family("weft_upcall_latency_seconds",
             "Time from the arrival of a packet that the fast path did not know until it was sent.",
             Kind::histogram)
        .samples.push_back({at, 0, backer.datapath().upcall_latency()});
}

void add_memory(Builder& b) {
    const obs::HeapBytes bytes = obs::heap_bytes();
    if (bytes == obs::HeapBytes{}) return;  // nobody measures
    for (size_t i = 0; i < bytes.size(); ++i)
        b.gauge("weft_memory_bytes", "Memory in use by subsystem, measured on a sample of allocations.",
                {{"subsystem", std::string(obs::heap_use_names[i])}}, static_cast<double>(bytes[i]));
}

}  // namespace

obs::Metrics collect_metrics(bridge::Switch& sw, const MetricSources& sources, Time now) {
    Builder b;
    for (const DropRow& row : drop_table(sw))
        b.count("weft_drops_total", "Packets dropped, by port and reason.",
                {{"bridge", row.bridge}, {"port", row.port}, {"reason", std::string(row.reason.name())}},
                row.packets);
    for (auto& [name, r] : sw.bridges()) {
        add_ports(b, r);
        add_tables(b, r);
        add_controllers(b, r, now);
    }
    for (auto& [type, backer] : sw.backers()) add_datapath(b, *backer);
    if (sources.database_connected)
        b.gauge("weft_database_connected", "1 if the switch is connected to its database.", {},
                sources.database_connected());
    b.count("weft_configuration_changes_total", "Changes of what is reported to the database.", {},
            sw.changes());
    add_memory(b);
    if (sources.resident_bytes)
        b.gauge("process_resident_memory_bytes", "Resident memory.", {},
                static_cast<double>(sources.resident_bytes()));
    return b.take();
}

}  // namespace weft::ctl
