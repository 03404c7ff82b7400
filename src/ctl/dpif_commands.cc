// SPDX-License-Identifier: Apache-2.0
// dpif/*: datapaths as bridges use them.
#include <fmt/core.h>

#include "codec/json_counter.h"
#include "ctl/context.h"
#include "ctl/flow_dump.h"
#include "dp/features.h"

namespace weft::ctl {

namespace {

using codec::Json;
using codec::JsonArray;
using obs::CommandArgs;
using obs::Shown;

std::string port_line(const bridge::Member& m) {
    if (m.is_patch())
        return fmt::format("    {} {}/none: (patch: peer={})\n", m.config.name, m.number.value,
                           bridge::get(m.config.options, "peer"));
    return fmt::format("    {} {}/{}: ({})\n", m.config.name, m.number.value, m.dp_port.value,
                       device_type(m.state));
}

Json port_json(const bridge::Member& m) {
    const bool patch = m.is_patch();
    return Json::object({{"name", m.config.name},
                         {"port", m.number.value},
                         {"dp_port", patch ? Json() : Json(m.dp_port.value)},
                         {"type", patch ? "patch" : device_type(m.state)},
                         {"peer", patch ? Json(bridge::get(m.config.options, "peer")) : Json()}});
}

Json json_of(const bridge::Bridge& b) {
    JsonArray ports;
    for (const auto& [interface, member] : b.members) ports.push_back(port_json(member));
    return Json::object({{"bridge", b.config.name}, {"ports", Json(std::move(ports))}});
}

Shown show(const Context& c, bool json) {
    std::string out;
    JsonArray list;
    for (auto& [type, backer] : c.sw.backers()) {
        const auto s = backer->datapath().stats();
        out += fmt::format("{}: hit:{} missed:{}\n", backer->name(), s.hit, s.missed);
        JsonArray bridges;
        for (const auto& [name, b] : backer->bridges) {
            out += fmt::format("  {}:\n", name);
            for (const auto& [interface, member] : b->members) out += port_line(member);
            bridges.push_back(json_of(*b));
        }
        list.push_back(Json::object({{"datapath", backer->name()},
                                     {"hit", codec::number(s.hit)},
                                     {"missed", codec::number(s.missed)},
                                     {"bridges", Json(std::move(bridges))}}));
    }
    return json ? Shown(Json(std::move(list))) : out;
}

Shown dump_dps(const Context& c, bool json) {
    std::vector<std::string> names;
    for (auto& [name, r] : c.sw.bridges())
        names.push_back(std::string(r.backer->datapath().type()) + "@" + name);
    return show_names(names, json);
}

Result<Shown> show_features(const Context& c, CommandArgs args, bool json) {
    TRY(find_bridge(c, args[0]));
    std::string out;
    codec::JsonObject members;
    for (const dp::Feature& f : dp::features()) {
        out += fmt::format("{}: {}\n", f.title, f.text("Yes", "No"));
        members.set(f.name, f.is_number ? Json(f.value) : Json(f.value != 0));
    }
    return json ? Shown(Json(std::move(members))) : out;
}

/// What can be set in Open vSwitch, for its tests, is fixed here: the values can be looked at.
Result<std::string> set_features(const Context& c, CommandArgs args) {
    TRY(find_bridge(c, args[0]));
    std::string out;
    for (const dp::Feature& f : dp::features()) {
        const std::string value = f.text("true", "false");
        if (args.size() == 1)
            out += fmt::format("{0} ({1}) : [run time]:{2}, [boot time]:{2}\n", f.name, f.title, value);
        if (args.size() == 1 || f.name != args[1]) continue;
        if (args.size() == 2) return fail("Value of " + args[1] + " expected");
        if (!f.is_number && args[2] != "true" && args[2] != "false") return "Boolean value expected\n";
        if (args[2] != value)
            return fail(fmt::format("{} is {} in this datapath and cannot be changed", args[1], value));
        return "";
    }
    return args.size() == 1 ? out : "Unexpected support field\n";
}

Result<Shown> dump_flows(const Context& c, CommandArgs args, bool json) {
    DumpOptions options;
    options.of_dpctl = options.heading = false;
    options.json = json;
    for (; args.size() > 1; args = args.subspan(1)) {
        if (args[0] == "-m")
            options.verbose = options.names = true;
        else if (args[0] == "--names")
            options.names = true;
        else if (args[0] == "--no-names")
            options.names = false;
    }
    bridge::Switch::Runtime* r = TRY(find_bridge(c, args[0]));
    return show_flows(flows_of(*r->backer, *r->bridge), r->backer->datapath(), options, c.loop.now());
}

}  // namespace

void add_dpif_commands(obs::CommandTable& table, const Context& c) {
    table.add_show("dpif/show", "", 0, 0, [c](CommandArgs, bool json) { return show(c, json); });
    table.add_show("dpif/dump-dps", "", 0, 0, [c](CommandArgs, bool json) { return dump_dps(c, json); });
    table.add_show("dpif/dump-flows", "[-m] [--names | --no-names] bridge", 1, 3,
                   [c](CommandArgs args, bool json) { return dump_flows(c, args, json); });
    table.add_show("dpif/show-dp-features", "bridge", 1, 1,
                   [c](CommandArgs args, bool json) { return show_features(c, args, json); });
    table.add("dpif/set-dp-features", "bridge", 1, 3,
              [c](CommandArgs args) { return set_features(c, args); });
}

}  // namespace weft::ctl
