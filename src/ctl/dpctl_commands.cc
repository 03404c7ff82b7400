// SPDX-License-Identifier: Apache-2.0
// dpctl/*: the datapaths themselves (ovs-dpctl(8), ovs-vswitchd(8)).
#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "ctl/context.h"
#include "ctl/flow_dump.h"
#include "flow/dp_text.h"
#include "flow/match_text.h"

namespace weft::ctl {

namespace {

using bridge::Backer;
using obs::CommandArgs;

/// As ovs-vswitchd words errors of these commands.
std::unexpected<Error> fail_errno(const std::string& what, int code) {
    return fail(fmt::format("ovs-vswitchd: {} ({})", what, std::strerror(code)));
}

Backer* find_datapath(const Context& c, std::string_view name) {
    for (auto& [type, backer] : c.sw.backers())
        if (backer->name() == name || backer->datapath().name() == name) return backer.get();
    return nullptr;
}

/// The datapath that the first argument names, or the only one there is.
Result<Backer*> take_datapath(const Context& c, CommandArgs& args, size_t others) {
    if (args.size() > others) {
        Backer* found = find_datapath(c, args[0]);
        if (!found) return fail_errno("datapath not found", EINVAL);
        args = args.subspan(1);
        return found;
    }
    auto& backers = c.sw.backers();
    if (backers.size() == 1) return backers.begin()->second.get();
    return fail(std::string("ovs-vswitchd: ") +
                (backers.empty() ? "no datapaths exist" : "multiple datapaths, specify one") +
                "\novs-vswitchd: datapath not found (Invalid argument)");
}

struct Flags {
    bool more = false, names = false, no_names = false, statistics = false, may_create = false, clear = false;
};

Flags take_flags(CommandArgs& args) {
    Flags out;
    while (!args.empty() && args[0].starts_with("-")) {
        const std::string& a = args[0];
        out.more = out.more || a == "-m" || a == "--more";
        out.names = out.names || a == "--names";
        out.no_names = out.no_names || a == "--no-names";
        out.statistics = out.statistics || a == "-s" || a == "--statistics";
        out.may_create = out.may_create || a == "--may-create";
        out.clear = out.clear || a == "--clear";
        args = args.subspan(1);
    }
    return out;
}

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

std::string show_one(const Backer& b, const dp::Datapath& datapath, bool statistics) {
    const auto s = datapath.stats();
    std::string out = fmt::format("{}:\n  lookups: hit:{} missed:{} lost:{}\n  flows: {}\n", b.name(), s.hit,
                                  s.missed, s.lost, s.flows);
    auto ports = datapath.ports();
    std::ranges::sort(ports, {}, &dp::PortState::number);
    for (const auto& p : ports) {
        const std::string type = p.type == "system" ? "" : fmt::format(" ({})", device_type(p));
        out += fmt::format("  port {}: {}{}\n", p.number.value, p.name, type);
        if (statistics) out += statistics_text(datapath.port_stats(p.number).value_or(dp::PortStats{}));
    }
    return out;
}

Result<std::string> show(const Context& c, CommandArgs args) {
    const Flags flags = take_flags(args);
    std::string out;
    if (args.empty())
        for (auto& [type, b] : c.sw.backers()) out += show_one(*b, b->datapath(), flags.statistics);
    for (const auto& name : args) {
        Backer* b = find_datapath(c, name);
        if (!b) return fail_errno("opening datapath " + name + " failed", ENOENT);
        out += show_one(*b, b->datapath(), flags.statistics);
    }
    return out;
}

/// A match in OpenFlow's syntax, but with ports of the datapath.
Result<flow::Match> parse_filter(const std::string& text, const dp::Datapath& datapath) {
    flow::PortNames names;
    for (const auto& p : datapath.ports()) names.add(OfPort{static_cast<uint16_t>(p.number.value)}, p.name);
    return flow::parse_match(text, &names);
}

/// The type= of dpctl/dump-flows: flows are all of type "ovs" here.
bool wants_ovs(std::string_view types) {
    while (!types.empty()) {
        const size_t comma = types.find(',');
        const std::string_view type = types.substr(0, comma);
        if (type == "ovs" || type == "all" || type == "non-offloaded") return true;
        types = comma == std::string_view::npos ? std::string_view() : types.substr(comma + 1);
    }
    return false;
}

Result<std::string> dump_flows_command(const Context& c, CommandArgs args) {
    const Flags flags = take_flags(args);
    DumpOptions options;
    options.verbose = flags.more;
    options.names = flags.names;
    std::vector<std::string> rest;
    std::string filter;
    bool nothing = false;
    for (const auto& a : args) {
        if (a.starts_with("filter="))
            filter = a.substr(7);
        else if (a.starts_with("type="))
            nothing = nothing || !wants_ovs(std::string_view(a).substr(5));
        else if (a.starts_with("pmd="))
            nothing = nothing || a != "pmd=-1";
        else
            rest.push_back(a);
    }
    CommandArgs datapath_args = rest;
    Backer* b = TRY(take_datapath(c, datapath_args, 0));
    if (!filter.empty()) {
        auto match = parse_filter(filter, b->datapath());
        if (!match)
            return fail(fmt::format("ovs-vswitchd: Failed to parse filter ({})", match.error().message));
        options.filter = *match;
    }
    return nothing ? std::string() : dump_flows(b->datapath(), options, c.loop.now());
}

/// A flow in datapath syntax, perhaps with a ufid before it.
struct GivenFlow {
    dp::FlowId id;
    flow::Match match;
};

Result<GivenFlow> parse_flow(const Backer& b, std::string_view text) {
    GivenFlow out;
    bool has_id = false;
    if (text.starts_with("ufid:")) {
        const size_t comma = text.find(',');
        const auto id = parse_ufid(text.substr(0, comma));
        if (!id) return fail("ovs-vswitchd: parsing flow ufid");
        out.id = *id;
        has_id = true;
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    }
    if (text.empty() && has_id) return out;
    auto& datapath = const_cast<Backer&>(b).datapath();
    const flow::DpPortNames names = flow_naming(datapath);
    const auto match = flow::parse_dp_flow(text, &names);
    if (!match)
        return fail("ovs-vswitchd: parsing flow key (" + match.error().message + ") (Invalid argument)");
    out.match = *match;
    if (!has_id) out.id = bridge::name_of_flow(match->key, match->mask);
    return out;
}

Result<std::string> put_flow(const Context& c, CommandArgs args, dp::PutMode mode) {
    const Flags flags = take_flags(args);
    if (flags.may_create) mode = dp::PutMode::create_or_modify;
    Backer* b = TRY(take_datapath(c, args, 2));
    const GivenFlow given = TRY(parse_flow(*b, args[0]));
    const auto actions = action::dp::parse_actions(args[1], port_naming(b->datapath()));
    if (!actions) return fail("ovs-vswitchd: parsing actions (Invalid argument)");
    const auto done = b->datapath().put_flow(given.id, given.match,
                                             std::make_shared<const action::dp::Actions>(*actions), mode);
    if (!done) return fail_errno("updating flow table", done.error().code);
    return "";
}

Result<std::string> get_flow(const Context& c, CommandArgs args) {
    const Flags flags = take_flags(args);
    Backer* b = TRY(take_datapath(c, args, 1));
    const auto id = parse_ufid(args[0]);
    if (!id) return fail("ovs-vswitchd: parsing flow ufid");
    const auto info = b->datapath().flow(*id);
    if (!info) return fail_errno("getting flow", ENOENT);
    DumpOptions options;
    options.verbose = true;
    options.names = flags.names;
    return flow_text(*info, port_naming(b->datapath()), options, c.loop.now()) + "\n";
}

Result<std::string> delete_flow(const Context& c, CommandArgs args) {
    take_flags(args);
    Backer* b = TRY(take_datapath(c, args, 1));
    const GivenFlow given = TRY(parse_flow(*b, args[0]));
    const auto gone = b->datapath().remove_flow(given.id);
    if (!gone)
        return fail(fmt::format("ovs-vswitchd: deleting flow ({})\nPerhaps you need to specify a UFID?",
                                std::strerror(ENOENT)));
    return "";
}

Result<std::string> delete_flows(const Context& c, CommandArgs args) {
    take_flags(args);
    Backer* b = TRY(take_datapath(c, args, 0));
    b->revalidator().purge();
    return "";
}

Result<std::string> add_interfaces(const Context& c, CommandArgs args) {
    Backer* b = find_datapath(c, args[0]);
    if (!b) return fail_errno("opening datapath", EINVAL);
    for (const auto& text : args.subspan(1)) {
        dp::PortSpec spec{text.substr(0, text.find(',')), "system", {}, std::nullopt};
        const size_t type = text.find("type=");
        if (type != std::string::npos) spec.type = text.substr(type + 5, text.find(',', type) - type - 5);
        const auto added = b->datapath().add_port(spec);
        if (!added)
            return fail_errno(fmt::format("adding {} to {} failed", spec.name, args[0]), added.error().code);
    }
    return "";
}

Result<std::string> delete_interfaces(const Context& c, CommandArgs args) {
    Backer* b = find_datapath(c, args[0]);
    if (!b) return fail_errno("opening datapath", EINVAL);
    for (const auto& text : args.subspan(1)) {
        const auto naming = port_naming(b->datapath());
        uint32_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        const bool is_number = error == std::errc() && end == text.data() + text.size();
        const auto port = is_number ? std::optional(DpPort{number}) : naming.number(text);
        if (!port) return fail("ovs-vswitchd: no port named " + text);
        if (!b->datapath().remove_port(*port))
            return fail_errno(fmt::format("deleting port {} from {} failed", text, args[0]), ENODEV);
    }
    return "";
}

}  // namespace

void add_dpctl_commands(obs::CommandTable& table, const Context& c) {
    const size_t any = obs::CommandTable::any;
    table.add("dpctl/dump-dps", "", 0, 0, [c](CommandArgs) -> Result<std::string> {
        std::string out;
        for (auto& [type, b] : c.sw.backers()) out += b->name() + "\n";
        return out;
    });
    table.add("dpctl/show", "[-s] [dp...]", 0, any, [c](CommandArgs args) { return show(c, args); });
    table.add("dpctl/dump-flows", "[-m] [--names] [dp] [filter=..] [type=..] [pmd=..]", 0, 6,
              [c](CommandArgs args) { return dump_flows_command(c, args); });
    table.add("dpctl/add-flow", "[dp] flow actions", 2, 4,
              [c](CommandArgs args) { return put_flow(c, args, dp::PutMode::create); });
    table.add("dpctl/mod-flow", "[dp] flow actions", 2, 4,
              [c](CommandArgs args) { return put_flow(c, args, dp::PutMode::modify); });
    table.add("dpctl/get-flow", "[dp] ufid", 1, 3, [c](CommandArgs args) { return get_flow(c, args); });
    table.add("dpctl/del-flow", "[dp] flow", 1, 3, [c](CommandArgs args) { return delete_flow(c, args); });
    table.add("dpctl/del-flows", "[dp] [file]", 0, 2,
              [c](CommandArgs args) { return delete_flows(c, args); });
    table.add("dpctl/add-if", "dp iface...", 2, any,
              [c](CommandArgs args) { return add_interfaces(c, args); });
    table.add("dpctl/del-if", "dp iface...", 2, any,
              [c](CommandArgs args) { return delete_interfaces(c, args); });
    table.add("dpctl/parse-actions", "actions", 1, any, [](CommandArgs args) -> Result<std::string> {
        std::string out;
        for (const auto& text : args) {
            const auto actions = action::dp::parse_actions(text);
            out += actions
                       ? action::dp::to_text(*actions) + "\n"
                       : fmt::format("ovs-vswitchd: odp_actions_from_string ({})\n", actions.error().message);
        }
        return out;
    });
}

}  // namespace weft::ctl
