// SPDX-License-Identifier: Apache-2.0
// dpctl/*: the flows of a datapath (ovs-dpctl(8), ovs-vswitchd(8)).
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <sstream>

#include "ctl/dpctl.h"
#include "ctl/exact_flow.h"
#include "ctl/flow_dump.h"
#include "ctl/normalize_actions.h"
#include "flow/dp_text.h"
#include "sys/disk_file.h"

namespace weft::ctl {

namespace {

using obs::CommandArgs;
using obs::Shown;

/// A match in OpenFlow's or in the datapath's syntax, with ports of the datapath.
Result<flow::Match> parse_filter(const std::string& text, const dp::Datapath& datapath) {
    const flow::DpPortNames dp_names = flow_naming(datapath);
    if (auto match = flow::parse_dp_flow(text, &dp_names)) return match;
    flow::PortNames names;
    for (const auto& p : datapath.ports()) names.add(OfPort{static_cast<uint16_t>(p.number.value)}, p.name);
    return parse_exact_flow(text, names);
}

/// The type= of dpctl/dump-flows: flows are all of type "ovs" here, and offloaded nowhere.
Result<bool> wants_ovs(std::string_view types) {
    constexpr std::array elsewhere{"tc", "offloaded", "dpdk", "partially-offloaded"};
    bool wanted = false;
    for (std::string_view rest = types; !rest.empty();) {
        const std::string_view type = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), type.size() + 1));
        if (type == "ovs" || type == "all" || type == "non-offloaded")
            wanted = true;
        else if (std::ranges::find(elsewhere, type) == elsewhere.end())
            return fail(fmt::format("ovs-vswitchd: Failed to parse type ({}) (Invalid argument)", type));
    }
    return wanted;
}

struct DumpWish {
    std::string filter;
    std::vector<std::string> rest;
    bool nothing = false, one_pmd = false;
};

Result<DumpWish> parse_dump(CommandArgs args) {
    DumpWish out;
    for (const auto& a : args) {
        if (a.starts_with("filter=")) {
            out.filter = a.substr(7);
        } else if (a.starts_with("type=")) {
            out.nothing = !TRY(wants_ovs(std::string_view(a).substr(5))) || out.nothing;
        } else if (a.starts_with("pmd=")) {
            int pmd = 0;
            if (std::from_chars(a.data() + 4, a.data() + a.size(), pmd).ec != std::errc())
                return fail("ovs-vswitchd: " + a + ": expected the number of a core, or -1");
            out.nothing = out.nothing || pmd != -1;
            out.one_pmd = true;
        } else {
            out.rest.push_back(a);
        }
    }
    return out;
}

Result<Shown> dump_flows(const Context& c, CommandArgs args, bool json) {
    const DpctlFlags flags = TRY(take_flags(args));
    const DumpWish wish = TRY(parse_dump(args));
    CommandArgs datapath_args = wish.rest;
    const NamedDatapath d = TRY(take_datapath(c, datapath_args, 0));
    DumpOptions options;
    options.verbose = flags.more;
    options.names = flags.show_names();
    options.heading = !wish.one_pmd;
    options.json = json;
    std::optional<flow::Match> filter;
    if (!wish.filter.empty()) {
        auto match = parse_filter(wish.filter, *d.datapath);
        if (!match)
            return fail(fmt::format("ovs-vswitchd: Failed to parse filter ({})", match.error().message));
        filter = *match;
    }
    return show_flows(wish.nothing ? FlowInfos() : flows_of(*d.datapath, filter), *d.datapath, options,
                      c.loop.now());
}

/// A flow in datapath syntax, perhaps with a ufid before it.
struct GivenFlow {
    dp::FlowId id;
    flow::Match match;
};

Result<GivenFlow> parse_flow(const dp::Datapath& datapath, std::string_view text) {
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
    const flow::DpPortNames names = flow_naming(datapath);
    const auto match = flow::parse_dp_flow(text, &names);
    if (!match)
        return fail("ovs-vswitchd: parsing flow key (" + match.error().message + ") (Invalid argument)");
    out.match = *match;
    if (!has_id) out.id = bridge::name_of_flow(match->key, match->mask);
    return out;
}

/// One flow_mod of a datapath, as a command or a line of a file says it.
struct Modification {
    enum class Kind : uint8_t { add, modify, remove } kind = Kind::add;
    DpctlFlags flags;
    std::string_view flow, actions;
};

Result<std::string> put_flow(const Context& c, const NamedDatapath& d, const Modification& m) {
    const GivenFlow given = TRY(parse_flow(*d.datapath, m.flow));
    const auto actions = action::dp::parse_actions(m.actions, port_naming(*d.datapath));
    if (!actions) return fail("ovs-vswitchd: parsing actions (Invalid argument)");
    if (m.flags.clear) return fail_errno("updating flow table", EOPNOTSUPP);
    dp::PutMode mode = dp::PutMode::create;
    if (m.kind == Modification::Kind::modify)
        mode = m.flags.may_create ? dp::PutMode::create_or_modify : dp::PutMode::modify;
    const auto done = d.datapath->put_flow(given.id, given.match,
                                           std::make_shared<const action::dp::Actions>(*actions), mode);
    if (!done) return fail_errno("updating flow table", done.error().code);
    if (!m.flags.statistics) return "";
    const auto now = d.datapath->flow(given.id);
    return now ? flow_stats_text(now->stats, c.loop.now()) + "\n" : "";
}

Result<std::string> delete_flow(const Context& c, const NamedDatapath& d, const Modification& m) {
    const GivenFlow given = TRY(parse_flow(*d.datapath, m.flow));
    const auto gone = d.datapath->remove_flow(given.id);
    if (!gone)
        return fail(fmt::format("ovs-vswitchd: deleting flow ({})\nPerhaps you need to specify a UFID?",
                                std::strerror(ENOENT)));
    return m.flags.statistics ? flow_stats_text(*gone, c.loop.now()) + "\n" : "";
}

Result<std::string> modify(const Context& c, const NamedDatapath& d, const Modification& m) {
    return m.kind == Modification::Kind::remove ? delete_flow(c, d, m) : put_flow(c, d, m);
}

Result<std::string> modify_one(const Context& c, CommandArgs args, Modification::Kind kind) {
    Modification m{.kind = kind, .flags = TRY(take_flags(args)), .flow = {}, .actions = {}};
    const size_t n = kind == Modification::Kind::remove ? 1 : 2;
    if (args.size() < n) return fail("ovs-vswitchd: too few arguments");
    const NamedDatapath d = TRY(take_datapath(c, args, n));
    if (args.size() < n) return fail("ovs-vswitchd: too few arguments");
    m.flow = args[0];
    if (n > 1) m.actions = args[1];
    return modify(c, d, m);
}

/// `[add|modify|delete] FLOW [ACTIONS]`; none: it is not complete.
std::optional<Modification> parse_line(std::string_view line, Modification m) {
    std::istringstream in{std::string(line)};
    std::string first;
    in >> first;
    using Kind = Modification::Kind;
    const std::array<std::pair<std::string_view, Kind>, 3> words{
        {{"add", Kind::add}, {"modify", Kind::modify}, {"delete", Kind::remove}}};
    for (const auto& [word, kind] : words) {
        if (first != word) continue;
        m.kind = kind;
        line.remove_prefix(std::min(line.size(), line.find(first) + first.size()));
    }
    line.remove_prefix(std::min(line.size(), line.find_first_not_of(" \t")));
    const size_t space = line.find_first_of(" \t");
    m.flow = line.substr(0, space);
    if (space != std::string_view::npos) m.actions = line.substr(space + 1);
    if (m.flow.empty() || (m.kind == Kind::remove) != m.actions.empty()) return std::nullopt;
    return m;
}

/// All that the lines do and what is wrong with them, which stops none of the others.
Result<std::string> modify_by_file(const Context& c, CommandArgs args, Modification::Kind kind) {
    Modification m{.kind = kind, .flags = TRY(take_flags(args)), .flow = {}, .actions = {}};
    if (args.empty()) return fail("ovs-vswitchd: no file was named");
    const NamedDatapath d = TRY(take_datapath(c, args, 1));
    if (args[0] == "-") return "";  // the standard input of a daemon is empty
    const auto text = sys::read_file(args[0]);
    if (!text)
        return fmt::format("ovs-vswitchd: Opening file \"{}\" failed ({})\n", args[0],
                           std::strerror(text.error().code));
    std::istringstream file(*text);
    std::string out, line;
    for (int number = 1; std::getline(file, line); ++number) {
        line.erase(std::min(line.size(), line.find('#')));
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        const auto change = parse_line(line, m);
        if (!change) {
            out += fmt::format("ovs-vswitchd: Failed parsing line number {}, skipped!\n", number);
            continue;
        }
        const auto done = modify(c, d, *change);
        out += done ? *done : done.error().message + "\n";
    }
    return out;
}

Result<std::string> delete_flows(const Context& c, CommandArgs args) {
    CommandArgs rest = args;
    TRY(take_flags(rest));
    const bool by_file = !rest.empty() && !find_datapath(c, rest.back());
    if (by_file) return modify_by_file(c, args, Modification::Kind::remove);
    const NamedDatapath d = TRY(take_datapath(c, rest, 0));
    if (d.backer)
        d.backer->revalidator().purge();
    else
        d.datapath->flush_flows();
    return "";
}

Result<Shown> get_flow(const Context& c, CommandArgs args, bool json) {
    const DpctlFlags flags = TRY(take_flags(args));
    if (args.empty()) return fail("ovs-vswitchd: no ufid was given");
    const NamedDatapath d = TRY(take_datapath(c, args, 1));
    const auto id = parse_ufid(args[0]);
    if (!id) return "ovs-vswitchd: parsing flow ufid\n";
    const auto info = d.datapath->flow(*id);
    if (!info) return fail_errno("getting flow", ENOENT);
    DumpOptions options;
    options.verbose = flags.more;
    options.names = flags.show_names();
    const action::dp::PortNaming ports = port_naming(*d.datapath);
    if (json) return flow_json(*info, ports, options, c.loop.now());
    return flow_text(*info, ports, options, c.loop.now()) + "\n";
}

Result<std::string> parse_actions(CommandArgs args) {
    std::string out;
    for (const auto& text : args) {
        const auto actions = action::dp::parse_actions(text);
        if (!actions) return fail(out + "ovs-vswitchd: odp_actions_from_string (Invalid argument)");
        out += action::dp::to_text(*actions) + "\n";
    }
    return out;
}

}  // namespace

void add_dpctl_flow_commands(obs::CommandTable& table, const Context& c) {
    using Kind = Modification::Kind;
    table.add_show("dpctl/dump-flows", "[-m] [--names] [dp] [filter=..] [type=..] [pmd=..]", 0, 6,
                   [c](CommandArgs args, bool json) { return dump_flows(c, args, json); });
    table.add("dpctl/add-flow", "[dp] flow actions", 2, 4,
              [c](CommandArgs args) { return modify_one(c, args, Kind::add); });
    table.add("dpctl/mod-flow", "[dp] flow actions", 2, 4,
              [c](CommandArgs args) { return modify_one(c, args, Kind::modify); });
    table.add("dpctl/del-flow", "[dp] flow", 1, 3,
              [c](CommandArgs args) { return modify_one(c, args, Kind::remove); });
    table.add_show("dpctl/get-flow", "[dp] ufid", 1, 2,
                   [c](CommandArgs args, bool json) { return get_flow(c, args, json); });
    table.add("dpctl/add-flows", "[dp] file", 1, 3,
              [c](CommandArgs args) { return modify_by_file(c, args, Kind::add); });
    table.add("dpctl/mod-flows", "[dp] file", 1, 3,
              [c](CommandArgs args) { return modify_by_file(c, args, Kind::modify); });
    table.add("dpctl/del-flows", "[dp] [file]", 0, 3,
              [c](CommandArgs args) { return delete_flows(c, args); });
    table.add("dpctl/parse-actions", "actions", 1, obs::CommandTable::any,
              [](CommandArgs args) { return parse_actions(args); });
    table.add("dpctl/normalize-actions", "actions", 2, 2,
              [](CommandArgs args) { return normalize_actions(args[0], args[1]); });
}

}  // namespace weft::ctl
