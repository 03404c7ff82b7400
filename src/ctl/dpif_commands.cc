// SPDX-License-Identifier: Apache-2.0
// dpif/*: datapaths as bridges use them.
#include <fmt/core.h>

#include "ctl/context.h"
#include "ctl/flow_dump.h"

namespace weft::ctl {

namespace {

using obs::CommandArgs;

std::string port_line(const bridge::Member& m) {
    if (m.is_patch())
        return fmt::format("    {} {}/none: (patch: peer={})\n", m.config.name, m.number.value,
                           bridge::get(m.config.options, "peer"));
    return fmt::format("    {} {}/{}: ({})\n", m.config.name, m.number.value, m.dp_port.value,
                       device_type(m.state));
}

std::string show(const Context& c) {
    std::string out;
    for (auto& [type, backer] : c.sw.backers()) {
        const auto s = backer->datapath().stats();
        out += fmt::format("{}: hit:{} missed:{}\n", backer->name(), s.hit, s.missed);
        for (const auto& [name, b] : backer->bridges) {
            out += fmt::format("  {}:\n", name);
            for (const auto& [interface, member] : b->members) out += port_line(member);
        }
    }
    return out;
}

std::string dump_dps(const Context& c) {
    std::string out;
    for (auto& [name, r] : c.sw.bridges())
        out += fmt::format("{}@{}\n", std::string(r.backer->datapath().type()), name);
    return out;
}

struct Feature {
    std::string_view name, title;
    int value;
    bool is_number = false;

    std::string text(const char* yes, const char* no) const {
        return is_number ? std::to_string(value) : value ? yes : no;
    }
};

/// Truthfully: what this datapath does.
constexpr Feature features[] = {
    {"masked_set_action", "Masked set action", true},
    {"tnl_push_pop", "Tunnel push pop", false},
    {"ufid", "Ufid", true},
    {"trunc", "Truncate action", true},
    {"clone", "Clone action", true},
    {"sample_nesting", "Sample nesting", 0, true},
    {"ct_eventmask", "Conntrack eventmask", false},
    {"ct_clear", "Conntrack clear", false},
    {"max_hash_alg", "Max dp_hash algorithm", 0, true},
    {"check_pkt_len", "Check pkt length action", false},
    {"ct_timeout", "Conntrack timeout policy", false},
    {"explicit_drop_action", "Explicit Drop action", true},
    {"lb_output_action", "Optimized Balance TCP mode", false},
    {"ct_zero_snat", "Conntrack all-zero IP SNAT", false},
    {"add_mpls", "MPLS Label add", false},
    {"max_vlan_headers", "Max VLAN headers", 2, true},
    {"max_mpls_depth", "Max MPLS depth", 3, true},
    {"recirc", "Recirc", false},
    {"ct_state", "CT state", false},
    {"ct_zone", "CT zone", false},
    {"ct_mark", "CT mark", false},
    {"ct_label", "CT label", false},
    {"ct_state_nat", "CT state NAT", false},
    {"ct_orig_tuple", "CT orig tuple", false},
    {"ct_orig_tuple6", "CT orig tuple for IPv6", false},
    {"nd_ext", "IPv6 ND Extension", false},
};

Result<std::string> show_features(const Context& c, CommandArgs args) {
    TRY(find_bridge(c, args[0]));
    std::string out;
    for (const Feature& f : features) out += fmt::format("{}: {}\n", f.title, f.text("Yes", "No"));
    return out;
}

/// What can be set in Open vSwitch, for its tests, is fixed here: the values can be looked at.
Result<std::string> set_features(const Context& c, CommandArgs args) {
    TRY(find_bridge(c, args[0]));
    std::string out;
    for (const Feature& f : features) {
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

Result<std::string> dump_flows(const Context& c, CommandArgs args) {
    DumpOptions options;
    options.of_dpctl = false;
    for (; args.size() > 1; args = args.subspan(1)) {
        if (args[0] == "-m")
            options.verbose = options.names = true;
        else if (args[0] == "--names")
            options.names = true;
        else if (args[0] == "--no-names")
            options.names = false;
    }
    bridge::Switch::Runtime* r = TRY(find_bridge(c, args[0]));
    return dump_bridge_flows(*r->backer, *r->bridge, options, c.loop.now());
}

}  // namespace

void add_dpif_commands(obs::CommandTable& table, const Context& c) {
    table.add("dpif/show", "", 0, 0, [c](CommandArgs) -> Result<std::string> { return show(c); });
    table.add("dpif/dump-dps", "", 0, 0, [c](CommandArgs) -> Result<std::string> { return dump_dps(c); });
    table.add("dpif/dump-flows", "[-m] [--names | --no-names] bridge", 1, 3,
              [c](CommandArgs args) { return dump_flows(c, args); });
    table.add("dpif/show-dp-features", "bridge", 1, 1,
              [c](CommandArgs args) { return show_features(c, args); });
    table.add("dpif/set-dp-features", "bridge", 1, 3,
              [c](CommandArgs args) { return set_features(c, args); });
}

}  // namespace weft::ctl
