// SPDX-License-Identifier: Apache-2.0
// dpctl/*: the datapaths themselves and their ports (ovs-dpctl(8), ovs-vswitchd(8)).
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "codec/json_counter.h"
#include "ctl/dpctl.h"
#include "ctl/flow_dump.h"

namespace weft::ctl {

namespace {

using codec::counter;
using codec::Json;
using obs::CommandArgs;
using obs::Shown;

std::string statistics_text(const dp::PortStats& s) {
    const auto n = [](uint64_t v) { return v == dp::not_counted ? std::string("?") : std::to_string(v); };
    const uint64_t part_of_errors = s.tx_errors == dp::not_counted ? dp::not_counted : 0;
    return fmt::format(
        "    RX packets:{} errors:{} dropped:{} overruns:{} frame:{}\n"
        "    TX packets:{} errors:{} dropped:{} aborted:{} carrier:{}\n"
        "    collisions:{}\n"
        "    RX bytes:{}  TX bytes:{}\n",
        s.rx_packets, n(s.rx_errors), n(s.rx_dropped), n(s.rx_over_errors), n(s.rx_frame_errors),
        s.tx_packets, n(s.tx_errors), n(s.tx_dropped), n(part_of_errors), n(part_of_errors), n(s.collisions),
        s.rx_bytes, s.tx_bytes);
}

std::vector<dp::PortState> sorted_ports(const NamedDatapath& d) {
    auto ports = d.datapath->ports();
    std::ranges::sort(ports, {}, &dp::PortState::number);
    return ports;
}

std::string show_one(const NamedDatapath& d, bool statistics) {
    const auto s = d.datapath->stats();
    std::string out = fmt::format("{}:\n  lookups: hit:{} missed:{} lost:{}\n  flows: {}\n", d.name, s.hit,
                                  s.missed, s.lost, s.flows);
    for (const auto& p : sorted_ports(d)) {
        const std::string type = p.type == "system" ? "" : fmt::format(" ({})", device_type(p));
        out += fmt::format("  port {}: {}{}\n", p.number.value, p.name, type);
        if (statistics) out += statistics_text(d.datapath->port_stats(p.number).value_or(dp::PortStats{}));
    }
    return out;
}

Json port_json(const dp::PortState& p, const dp::PortStats& s) {
    return Json::object({{"number", p.number.value},
                         {"name", p.name},
                         {"type", device_type(p)},
                         {"rx_packets", counter(s.rx_packets)},
                         {"rx_bytes", counter(s.rx_bytes)},
                         {"rx_errors", counter(s.rx_errors)},
                         {"rx_dropped", counter(s.rx_dropped)},
                         {"rx_over_errors", counter(s.rx_over_errors)},
                         {"rx_frame_errors", counter(s.rx_frame_errors)},
                         {"tx_packets", counter(s.tx_packets)},
                         {"tx_bytes", counter(s.tx_bytes)},
                         {"tx_errors", counter(s.tx_errors)},
                         {"tx_dropped", counter(s.tx_dropped)},
                         {"collisions", counter(s.collisions)}});
}

Json json_of(const NamedDatapath& d) {
    const auto s = d.datapath->stats();
    codec::JsonArray ports;
    for (const auto& p : sorted_ports(d))
        ports.push_back(port_json(p, d.datapath->port_stats(p.number).value_or(dp::PortStats{})));
    return Json::object({{"datapath", d.name},
                         {"hit", counter(s.hit)},
                         {"missed", counter(s.missed)},
                         {"lost", counter(s.lost)},
                         {"flows", s.flows},
                         {"ports", Json(std::move(ports))}});
}

Result<Shown> show(const Context& c, CommandArgs args, bool json) {
    const DpctlFlags flags = TRY(take_flags(args));
    std::vector<NamedDatapath> wanted;
    if (args.empty()) wanted = datapaths(c);
    for (const auto& name : args) {
        auto d = find_datapath(c, name);
        if (!d) return fail_errno("opening datapath " + name + " failed", d.error().code);
        wanted.push_back(*std::move(d));
    }
    std::string out;
    codec::JsonArray list;
    for (const auto& d : wanted) {
        if (json)
            list.push_back(json_of(d));
        else
            out += show_one(d, flags.statistics);
    }
    return json ? Shown(Json(std::move(list))) : out;
}

/// `name,type=dummy,port_no=5`
struct PortText {
    dp::PortSpec spec;
    bool typed = false;
};

Result<PortText> parse_port(std::string_view text) {
    PortText out{{std::string(text.substr(0, text.find(','))), "system", {}, std::nullopt}};
    while (text.find(',') != std::string_view::npos) {
        text.remove_prefix(text.find(',') + 1);
        const std::string_view pair = text.substr(0, text.find(','));
        const std::string_view key = pair.substr(0, pair.find('='));
        const std::string_view value = key.size() == pair.size() ? "" : pair.substr(key.size() + 1);
        uint32_t number = 0;
        if (key == "type") {
            out.spec.type = value;
            out.typed = true;
        } else if (key != "port_no") {
            out.spec.options.emplace(key, value);
        } else if (std::from_chars(value.data(), value.data() + value.size(), number).ec == std::errc()) {
            out.spec.request = DpPort{number};
        } else {
            return fail(fmt::format("ovs-vswitchd: {}: port_no has to be a number", pair));
        }
    }
    return out;
}

Result<void> add_ports(const NamedDatapath& d, CommandArgs names) {
    for (const auto& text : names) {
        const PortText port = TRY(parse_port(text));
        const auto added = d.datapath->add_port(port.spec);
        if (added) continue;
        if (added.error().code == EAFNOSUPPORT)
            return fail_errno(port.spec.name + ": failed to open network device", EAFNOSUPPORT);
        return fail_errno(fmt::format("adding {} to {} failed", port.spec.name, d.name), added.error().code);
    }
    return {};
}

Result<NamedDatapath> open_datapath(const Context& c, const std::string& name) {
    auto d = find_datapath(c, name);
    if (!d) return fail_errno("opening datapath", d.error().code);
    return d;
}

Result<std::string> add_interfaces(const Context& c, CommandArgs args) {
    const NamedDatapath d = TRY(open_datapath(c, args[0]));
    TRY(add_ports(d, args.subspan(1)));
    return "";
}

Result<std::string> set_interfaces(const Context& c, CommandArgs args) {
    const NamedDatapath d = TRY(open_datapath(c, args[0]));
    for (const auto& text : args.subspan(1)) {
        PortText port = TRY(parse_port(text));
        const auto ports = d.datapath->ports();
        const auto is = std::ranges::find(ports, port.spec.name, &dp::PortState::name);
        if (is == ports.end())
            return fail_errno(fmt::format("{}: failed to query port in {}", port.spec.name, args[0]), ENODEV);
        if (port.typed && port.spec.type != is->type)
            return fail(fmt::format("ovs-vswitchd: {}: can't change type from {} to {}", is->name, is->type,
                                    port.spec.type));
        if (port.spec.request.value_or(is->number) != is->number)
            return fail(fmt::format("ovs-vswitchd: {}: can't change port number from {} to {}", is->name,
                                    is->number.value, port.spec.request->value));
        port.spec.type = is->type;
        const auto done = d.datapath->set_port_options(is->number, port.spec);
        if (!done) return fail_errno(is->name + ": failed to configure network device", done.error().code);
    }
    return "";
}

Result<std::string> delete_interfaces(const Context& c, CommandArgs args) {
    const NamedDatapath d = TRY(open_datapath(c, args[0]));
    for (const auto& text : args.subspan(1)) {
        uint32_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        const bool is_number = error == std::errc() && end == text.data() + text.size();
        const auto port = is_number ? std::optional(DpPort{number}) : port_naming(*d.datapath).number(text);
        if (!port) return fail("ovs-vswitchd: no port named " + text);
        if (!d.datapath->remove_port(*port))
            return fail_errno(fmt::format("deleting port {} from {} failed", text, args[0]), ENODEV);
    }
    return "";
}

Result<std::string> add_datapath(const Context& c, CommandArgs args) {
    const std::string_view whole = args[0];
    const size_t at = whole.find('@');
    const bool typed = at != std::string_view::npos;
    const std::string_view type = typed ? whole.substr(0, at) : "system";
    const std::string_view name = typed ? whole.substr(at + 1) : whole;
    if (find_datapath(c, fmt::format("{}@{}", c.sw.served_as(type).value_or(""), name)))
        return fail_errno("add_dp", EEXIST);
    if (const auto added = c.spare.add(type, name); !added) return fail_errno("add_dp", added.error().code);
    if (args.size() > 1) TRY(add_ports({args[0], c.spare.all().back().get(), nullptr}, args.subspan(1)));
    return "";
}

Result<std::string> delete_datapath(const Context& c, CommandArgs args) {
    const NamedDatapath d = TRY(open_datapath(c, args[0]));
    if (!c.spare.remove(*d.datapath))
        return fail("ovs-vswitchd: del_dp (Device or resource busy): bridges use " + d.name +
                    ", delete them with ovs-vsctl del-br");
    return "";
}

Result<Shown> no_offload(const Context& c, CommandArgs args) {
    TRY(take_datapath(c, args, 0));
    return fail_errno("retrieving offload statistics", EINVAL);
}

/// The caches are not of a fixed number that could be told or set.
Result<Shown> cache_sizes(const Context& c, CommandArgs args, bool json) {
    const auto all = args.empty() ? datapaths(c) : std::vector{TRY(open_datapath(c, args[0]))};
    std::string out;
    codec::JsonArray list;
    for (const auto& d : all) {
        out += d.name + ":\n";
        list.push_back(Json::object({{"datapath", d.name}, {"caches", codec::JsonArray()}}));
    }
    return json ? Shown(Json(std::move(list))) : out;
}

}  // namespace

void add_dpctl_commands(obs::CommandTable& table, const Context& c) {
    const size_t any = obs::CommandTable::any;
    table.add_show("dpctl/dump-dps", "", 0, 0, [c](CommandArgs, bool json) {
        std::vector<std::string> names;
        for (const auto& d : datapaths(c)) names.push_back(d.name);
        return show_names(names, json);
    });
    table.add_show("dpctl/show", "[-s] [dp...]", 0, any,
                   [c](CommandArgs args, bool json) { return show(c, args, json); });
    table.add("dpctl/add-dp", "dp [iface...]", 1, any,
              [c](CommandArgs args) { return add_datapath(c, args); });
    table.add("dpctl/del-dp", "dp", 1, 1, [c](CommandArgs args) { return delete_datapath(c, args); });
    table.add("dpctl/add-if", "dp iface...", 2, any,
              [c](CommandArgs args) { return add_interfaces(c, args); });
    table.add("dpctl/del-if", "dp iface...", 2, any,
              [c](CommandArgs args) { return delete_interfaces(c, args); });
    table.add("dpctl/set-if", "dp iface...", 2, any,
              [c](CommandArgs args) { return set_interfaces(c, args); });
    table.add_show("dpctl/offload-stats-show", "[dp]", 0, 1,
                   [c](CommandArgs args, bool) { return no_offload(c, args); });
    table.add_show("dpctl/cache-get-size", "[dp]", 0, 1,
                   [c](CommandArgs args, bool json) { return cache_sizes(c, args, json); });
    table.add("dpctl/cache-set-size", "dp cache <size>", 3, 3, [c](CommandArgs args) -> Result<std::string> {
        TRY(open_datapath(c, args[0]));
        return fail_errno("Setting caches not supported", EOPNOTSUPP);
    });
    table.add_show("dpctl/list-commands", "", 0, 0, [&table](CommandArgs, bool json) {
        constexpr std::string_view ours = "dpctl/";
        return json ? Shown(table.list_json(ours)) : table.list(ours, 29);
    });
}

}  // namespace weft::ctl
