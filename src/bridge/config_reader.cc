// SPDX-License-Identifier: Apache-2.0
#include "bridge/config_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "bridge/config_keys.h"

namespace weft::bridge {

namespace {

constexpr std::array<std::string_view, 12> tunnel_types{"vxlan",  "geneve",    "gre",  "ip6gre",
                                                        "erspan", "ip6erspan", "gtpu", "bareudp",
                                                        "lisp",   "stt",       "srv6", "gre64"};

using ovsdb::client::RowView;
using ovsdb::client::View;

std::optional<Mac> read_mac(const RowView& row, std::string_view column) {
    const auto mac = Mac::parse(row.str(column));
    if (!mac || mac->is_multicast() || mac->is_zero()) return std::nullopt;
    return *mac;
}

StringMap string_map(const RowView& row, std::string_view column) {
    const auto plain = row.string_map(column);
    return StringMap(plain.begin(), plain.end());
}

std::vector<uint16_t> vlans(const RowView& row, std::string_view column) {
    std::vector<uint16_t> out;
    for (const int64_t v : row.integers(column))
        if (v >= 0 && v < 4096) out.push_back(static_cast<uint16_t>(v));
    return out;
}

/// One pass over the database.
class Reader {
  public:
    explicit Reader(const View& view) : view_(view) {}

    Config read() {
        const RowView top = view_.table("Open_vSwitch").only();
        if (!top) return {};
        out_.row = top.uuid();
        out_.next_cfg = top.integer("next_cfg", 0);
        out_.other_config = other_config("Open_vSwitch", ".", top);
        // By name, so that of two bridges that name one port it is always the same that has it.
        auto bridges = top.refs("bridges");
        std::ranges::sort(bridges, {}, [](const RowView& row) { return row.str("name"); });
        for (const RowView& row : bridges) bridge(row);
        for (const auto& [type, row] : top.ref_map("datapaths"))
            out_.datapaths[std::string(type.string())] = row.uuid();
        for (const RowView& row : top.refs("manager_options"))
            out_.managers.push_back(
                {std::string(row.str("target")), std::string(row.str("connection_mode"))});
        if (const RowView row = top.ref("ssl"))
            out_.ssl = SslConfig{.private_key = std::string(row.str("private_key")),
                                 .certificate = std::string(row.str("certificate")),
                                 .ca_cert = std::string(row.str("ca_cert")),
                                 .bootstrap_ca_cert = row.boolean("bootstrap_ca_cert", false)};
        return std::move(out_);
    }

  private:
    void unsupported(std::string_view table, std::string_view row, std::string_view column) {
        out_.unsupported.push_back({std::string(table), std::string(row), std::string(column)});
    }

    StringMap checked_map(std::string_view table, std::string_view name, std::string_view column,
                          const RowView& row) {
        StringMap out = string_map(row, column);
        for (const auto& [key, value] : out) {
            std::string problem = problem_of_key({table, column, key}, value);
            if (!problem.empty())
                out_.unsupported.push_back({std::string(table), std::string(name),
                                            fmt::format("{}:{}", column, key), std::move(problem)});
        }
        return out;
    }
    StringMap other_config(std::string_view table, std::string_view name, const RowView& row) {
        return checked_map(table, name, "other_config", row);
    }

    void left_out(const BridgeConfig& b, const std::string& port) {
        out_.unsupported.push_back(
            {"Bridge", b.name, "ports",
             fmt::format("names port {}, which another bridge has: give each bridge a port of its own",
                         port)});
    }

    void bridge(const RowView& row) {
        BridgeConfig b;
        b.row = row.uuid();
        b.name = row.str("name");
        if (b.name.empty() || b.name.find('/') != std::string::npos || !bridge_names_.insert(b.name).second)
            return;
        b.datapath_type = row.str("datapath_type");
        b.fail_mode = row.str("fail_mode");
        for (const auto version : row.strings("protocols")) b.protocols.emplace_back(version);
        b.flood_vlans = vlans(row, "flood_vlans");
        b.other_config = other_config("Bridge", b.name, row);
        for (const RowView& c : row.refs("controller")) b.controllers.push_back(controller(c));
        for (const RowView& p : row.refs("ports")) port(p, b);
        // The local port last: it is flooded to last, as in Open vSwitch.
        std::ranges::sort(b.ports, [&](const PortConfig& x, const PortConfig& y) {
            const bool x_local = x.name == b.name, y_local = y.name == b.name;
            return x_local != y_local ? y_local : natural_less(x.name, y.name);
        });
        b.waits_for_flows = get_bool(out_.other_config, "flow-restore-wait");
        b.bundle_idle =
            std::chrono::seconds(number_of(out_.other_config, "Open_vSwitch", "bundle-idle-timeout"));
        flow_tables(row, b);
        bridge_unsupported(row, b.name);
        out_.bridges.push_back(std::move(b));
    }

    void bridge_unsupported(const RowView& row, const std::string& name) {
        for (const char* column : {"mirrors", "netflow", "sflow", "ipfix", "auto_attach"})
            if (!row.datum(column).empty()) unsupported("Bridge", name, column);
        for (const char* column : {"stp_enable", "rstp_enable", "mcast_snooping_enable"})
            if (row.boolean(column, false)) unsupported("Bridge", name, column);
    }

    void flow_tables(const RowView& row, BridgeConfig& b) {
        for (const auto& [number, table] : row.ref_map("flow_tables")) {
            const auto prefixes = table.strings("prefixes"), groups = table.strings("groups");
            b.flow_tables[static_cast<uint8_t>(number.integer())] = {
                .name = std::string(table.str("name")),
                .flow_limit = table.integer("flow_limit"),
                .evict = table.str("overflow_policy") == "evict",
                .groups = {groups.begin(), groups.end()},
                .prefixes = {prefixes.begin(), prefixes.end()}};
        }
    }

    ControllerConfig controller(const RowView& row) {
        ControllerConfig c;
        c.row = row.uuid();
        c.target = row.str("target");
        c.type = row.str("type");
        c.connection_mode = row.str("connection_mode");
        c.max_backoff_ms = row.integer("max_backoff");
        c.inactivity_probe_ms = row.integer("inactivity_probe");
        c.rate_limit = row.integer("controller_rate_limit");
        c.burst_limit = row.integer("controller_burst_limit");
        c.queue_size = row.integer("controller_queue_size");
        c.enable_async = row.boolean("enable_async_messages");
        c.other_config = other_config("Controller", c.target, row);
        c.local_ip = row.str("local_ip");
        c.local_netmask = row.str("local_netmask");
        c.local_gateway = row.str("local_gateway");
        return c;
    }

    void port(const RowView& row, BridgeConfig& b) {
        PortConfig p;
        p.row = row.uuid();
        p.name = row.str("name");
        if (!port_names_.insert(p.name).second) return left_out(b, p.name);
        p.tag = tag(row);
        p.trunks = vlans(row, "trunks");
        p.cvlans = vlans(row, "cvlans");
        p.vlan_mode = row.str("vlan_mode");
        p.is_protected = row.boolean("protected", false);
        p.mac = read_mac(row, "mac");
        p.other_config = other_config("Port", p.name, row);
        for (const RowView& i : row.refs("interfaces")) interface(i, b, p);
        std::ranges::sort(p.interfaces, natural_less, &InterfaceConfig::name);
        if (p.interfaces.size() > 1) unsupported("Port", p.name, "interfaces");
        if (!row.datum("qos").empty()) unsupported("Port", p.name, "qos");
        if (!row.str("lacp").empty() && row.str("lacp") != "off") unsupported("Port", p.name, "lacp");
        if (!p.interfaces.empty()) b.ports.push_back(std::move(p));
    }

    static std::optional<uint16_t> tag(const RowView& row) {
        const auto tags = vlans(row, "tag");
        if (tags.empty()) return std::nullopt;
        return tags.front();
    }

    void interface(const RowView& row, const BridgeConfig& b, PortConfig& p) {
        InterfaceConfig i;
        i.row = row.uuid();
        i.name = row.str("name");
        if (!interface_names_.insert(i.name).second) return;
        i.type = i.name == b.name ? "internal" : row.str("type");
        // Ports of other types say themselves what is wrong with their options, or do not work at all.
        const bool plain = i.type.empty() || i.type == "system" || i.type == "internal" || i.type == "tap";
        i.options = plain ? checked_map("Interface", i.name, "options", row) : string_map(row, "options");
        i.other_config = other_config("Interface", i.name, row);
        i.ofport = row.integer("ofport");
        i.ofport_request = row.integer("ofport_request");
        i.mtu_request = row.integer("mtu_request");
        i.mac = read_mac(row, "mac");
        i.error = known_error(i);
        for (const char* column : {"ingress_policing_rate", "ingress_policing_kpkts_rate"})
            if (row.integer(column, 0) != 0) unsupported("Interface", i.name, column);
        if (get_bool(checked_map("Interface", i.name, "bfd", row), "enable"))
            unsupported("Interface", i.name, "bfd");
        if (!row.datum("cfm_mpid").empty()) unsupported("Interface", i.name, "cfm_mpid");
        if (get_bool(checked_map("Interface", i.name, "lldp", row), "enable"))
            unsupported("Interface", i.name, "lldp");
        p.interfaces.push_back(std::move(i));
    }

    static std::string known_error(const InterfaceConfig& i) {
        if (!is_tunnel_type(i.type)) return {};
        return fmt::format("{}: tunnels of type {} are not supported yet (see doc/compatibility.md)", i.name,
                           i.type);
    }

    const View& view_;
    Config out_;
    std::set<std::string, std::less<>> bridge_names_, port_names_, interface_names_;
};

}  // namespace

bool is_tunnel_type(std::string_view type) {
    return std::ranges::find(tunnel_types, type) != tunnel_types.end();
}

bool natural_less(std::string_view a, std::string_view b) {
    const auto digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
    size_t i = 0, j = 0;
    while (i < a.size() && j < b.size()) {
        if (!digit(a[i]) || !digit(b[j])) {
            if (a[i] != b[j]) return a[i] < b[j];
            ++i;
            ++j;
            continue;
        }
        const auto number = [&](std::string_view s, size_t& at) {
            while (at + 1 < s.size() && s[at] == '0' && digit(s[at + 1])) ++at;
            const size_t start = at;
            while (at < s.size() && digit(s[at])) ++at;
            return s.substr(start, at - start);
        };
        const std::string_view x = number(a, i), y = number(b, j);
        if (x.size() != y.size()) return x.size() < y.size();
        if (x != y) return x < y;
    }
    if (a.size() - i != b.size() - j) return a.size() - i < b.size() - j;
    return a < b;
}

Config read_config(const View& view) { return Reader(view).read(); }

}  // namespace weft::bridge
