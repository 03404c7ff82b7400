// SPDX-License-Identifier: Apache-2.0
#include "bridge/status.h"

#include "bridge/identity.h"
#include "dp/features.h"

namespace weft::bridge {

namespace {

using ovsdb::Atom;
using ovsdb::Datum;

Datum text(std::string_view s) { return Datum(Atom(s)); }
Datum optional_text(std::string_view s) { return s.empty() ? Datum() : text(s); }
Datum number(int64_t n) { return Datum(Atom(n)); }
Datum up_or_down(bool up) { return text(up ? "up" : "down"); }

Datum text_map(const std::map<std::string, std::string>& map) {
    std::vector<std::pair<Atom, Atom>> pairs;
    for (const auto& [key, value] : map)
        pairs.emplace_back(Atom(std::string_view(key)), Atom(std::string_view(value)));
    return Datum::map(std::move(pairs));
}
Datum text_map(const StringMap& map) {
    return text_map(std::map<std::string, std::string>(map.begin(), map.end()));
}
Datum text_set(const std::vector<std::string>& items) {
    std::vector<Atom> atoms;
    for (const auto& item : items) atoms.emplace_back(std::string_view(item));
    return Datum::set(std::move(atoms));
}

constexpr const char* device_columns[] = {"mac_in_use",  "admin_state", "link_state",
                                          "link_resets", "link_speed",  "duplex",
                                          "mtu",         "ifindex",     "status"};

/// An interface without a device. A number that it was given is kept, so that the device finds it when it
/// returns, even after a restart.
RowUpdate report_absent(const InterfaceConfig& i, const std::string& error, const Bridge* bridge) {
    RowUpdate out{"Interface", i.row, {}};
    for (const char* column : device_columns) out.columns[column] = Datum();
    const auto kept = bridge ? bridge->numbers.find(i.name) : std::nullopt;
    out.columns["ofport"] = kept ? number(kept->value) : bridge ? number(-1) : Datum();
    out.columns["error"] = optional_text(error);
    return out;
}

RowUpdate report_member(const Member& m, const std::string& error) {
    const dp::PortState& s = m.state;
    RowUpdate out{"Interface", m.config.row, {}};
    auto& c = out.columns;
    c["ofport"] = number(m.number.value);
    c["error"] = optional_text(error);
    c["mac_in_use"] = s.mac.is_zero() ? Datum() : text(s.mac.to_string());
    c["admin_state"] = up_or_down(s.admin_up);
    c["link_state"] = up_or_down(s.link_up);
    c["link_resets"] = number(static_cast<int64_t>(m.link_resets));
    c["link_speed"] = s.link_speed_bps ? number(static_cast<int64_t>(s.link_speed_bps)) : Datum();
    c["duplex"] = s.link_speed_bps ? text(s.full_duplex ? "full" : "half") : Datum();
    c["mtu"] = s.mtu > 0 ? number(s.mtu) : Datum();
    c["ifindex"] = number(s.ifindex);
    c["status"] = text_map(s.status);
    return out;
}

void report_interfaces(const BridgeConfig& config, const Switch::Runtime* r, const std::string& bridge_error,
                       std::vector<RowUpdate>& out) {
    for (const PortConfig& port : config.ports) {
        for (const InterfaceConfig& i : port.interfaces) {
            if (!r) {
                out.push_back(report_absent(i, bridge_error, nullptr));
                continue;
            }
            const auto error = r->bridge->errors.find(i.name);
            const std::string& why = error == r->bridge->errors.end() ? std::string() : error->second;
            const auto member = r->bridge->members.find(i.name);
            if (member == r->bridge->members.end())
                out.push_back(report_absent(i, why, r->bridge));
            else
                out.push_back(report_member(member->second, why));
        }
    }
}

/// Keys of Bridge:status.
std::map<std::string, std::string> bridge_status(const Switch& sw, const BridgeConfig& bridge) {
    std::map<std::string, std::string> out;
    if (std::string why = sw.why_other(bridge.datapath_type); !why.empty()) {
        out["datapath"] = "userspace";
        out["datapath_reason"] = std::move(why);
    }
    return out;
}

void report_controllers(const Switch::Runtime& r, Time now, std::vector<RowUpdate>& out) {
    if (!r.openflow) return;
    const auto all = r.openflow->status(now);
    for (const ControllerConfig& c : r.bridge->config.controllers) {
        const auto it = all.find(c.row);
        const ControllerStatus s = it == all.end() ? ControllerStatus{} : it->second;
        RowUpdate row{"Controller", c.row, {}};
        row.columns["is_connected"] = Datum(Atom(s.is_connected));
        row.columns["role"] = optional_text(s.role);
        row.columns["status"] = text_map(s.status);
        out.push_back(std::move(row));
    }
}

Datum statistics(const dp::PortStats& s) {
    std::vector<std::pair<Atom, Atom>> pairs;
    const auto add = [&](const std::string& key, uint64_t value) {
        if (value != dp::not_counted) pairs.emplace_back(Atom(key), Atom(static_cast<int64_t>(value)));
    };
    add("rx_packets", s.rx_packets);
    add("tx_packets", s.tx_packets);
    add("rx_bytes", s.rx_bytes);
    add("tx_bytes", s.tx_bytes);
    add("rx_dropped", s.rx_dropped);
    add("tx_dropped", s.tx_dropped);
    add("rx_errors", s.rx_errors);
    add("tx_errors", s.tx_errors);
    add("collisions", s.collisions);
    add("rx_frame_err", s.rx_frame_errors);
    add("rx_over_err", s.rx_over_errors);
    add("rx_crc_err", s.rx_crc_errors);
    add("rx_missed_errors", s.rx_missed_errors);
    add("rx_multicast_packets", s.rx_multicast_packets);
    for (const auto& [key, value] : s.custom) add(key, value);
    return Datum::map(std::move(pairs));
}

/// Of the types of datapaths that somebody made a row for and a bridge has.
void report_capabilities(Switch& sw, std::vector<RowUpdate>& out) {
    std::map<std::string, std::string> capabilities;
    for (const dp::Feature& f : dp::features()) capabilities.emplace(f.name, f.text("true", "false"));
    for (const BridgeConfig& bridge : sw.config().bridges) {
        const auto row =
            sw.config().datapaths.find(bridge.datapath_type.empty() ? "system" : bridge.datapath_type);
        if (row == sw.config().datapaths.end() || !sw.find(bridge.name)) continue;
        out.push_back({"Datapath", row->second, {{"capabilities", text_map(capabilities)}}});
    }
}

}  // namespace

std::vector<RowUpdate> report_state(Switch& sw, const ProgramFacts& facts, Time now) {
    std::vector<RowUpdate> out;
    const Config& config = sw.config();
    if (!config.row) return out;
    RowUpdate top{"Open_vSwitch", *config.row, {}};
    top.columns["cur_cfg"] = number(config.next_cfg);
    top.columns["ovs_version"] = text(facts.version);
    top.columns["iface_types"] = text_set(facts.interface_types);
    top.columns["datapath_types"] = text_set(facts.datapath_types);
    top.columns["dpdk_initialized"] = Datum(Atom(false));
    top.columns["dpdk_version"] = text("none");
    out.push_back(std::move(top));
    for (const BridgeConfig& bridge : config.bridges) {
        const Switch::Runtime* r = sw.find(bridge.name);
        RowUpdate row{"Bridge", bridge.row, {}};
        row.columns["datapath_id"] = r ? text(format_datapath_id(r->bridge->datapath_id)) : Datum();
        row.columns["datapath_version"] = text(r ? "<built-in>" : "");
        row.columns["status"] = text_map(bridge_status(sw, bridge));
        out.push_back(std::move(row));
        const auto error = sw.bridge_errors().find(bridge.name);
        report_interfaces(bridge, r, error == sw.bridge_errors().end() ? "" : error->second, out);
        if (r) report_controllers(*r, now, out);
    }
    report_capabilities(sw, out);
    return out;
}

std::vector<RowUpdate> report_statistics(Switch& sw, const ProgramFacts& facts) {
    std::vector<RowUpdate> out;
    if (const Config& config = sw.config(); config.row) {
        const bool wanted = get_bool(config.other_config, "enable-statistics") && facts.host_statistics;
        const auto host = wanted ? facts.host_statistics() : std::map<std::string, std::string>();
        out.push_back({"Open_vSwitch", *config.row, {{"statistics", text_map(host)}}});
    }
    for (auto& [name, r] : sw.bridges()) {
        for (const auto& [interface, m] : r.bridge->members) {
            if (const auto stats = r.backer->stats_of(m))
                out.push_back({"Interface", m.config.row, {{"statistics", statistics(*stats)}}});
        }
    }
    return out;
}

void add_memory_usage(Switch& sw, obs::MemoryUsage& usage) {
    usage["handlers"] += sw.backers().size();
    usage["revalidators"] += sw.backers().size();
    for (auto& [type, backer] : sw.backers()) usage["udpif keys"] += backer->cache().twins().size();
    for (auto& [name, r] : sw.bridges()) {
        usage["ports"] += r.bridge->members.size();
        usage["rules"] += r.bridge->tables->size();
    }
    if (usage["udpif keys"] == 0) usage.erase("udpif keys");
}

void write(const std::vector<RowUpdate>& updates, ovsdb::client::Txn& txn) {
    for (const RowUpdate& update : updates) {
        const auto row = txn.view().table(update.table).find(update.row);
        if (!row) continue;
        for (const auto& [column, value] : update.columns) txn.set(row, column, value);
    }
}

}  // namespace weft::bridge
