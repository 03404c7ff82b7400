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

/// Truthfully: what this datapath does.
constexpr const char* features =
    "Masked set action: Yes\n"
    "Tunnel push pop: No\n"
    "Ufid: Yes\n"
    "Truncate action: Yes\n"
    "Clone action: Yes\n"
    "Sample nesting: 0\n"
    "Conntrack eventmask: No\n"
    "Conntrack clear: No\n"
    "Max dp_hash algorithm: 0\n"
    "Check pkt length action: No\n"
    "Conntrack timeout policy: No\n"
    "Explicit Drop action: Yes\n"
    "Optimized Balance TCP mode: No\n"
    "Conntrack all-zero IP SNAT: No\n"
    "MPLS Label add: No\n"
    "Max VLAN headers: 2\n"
    "Max MPLS depth: 3\n"
    "Recirc: No\n"
    "CT state: No\n"
    "CT zone: No\n"
    "CT mark: No\n"
    "CT label: No\n"
    "CT state NAT: No\n"
    "CT orig tuple: No\n"
    "CT orig tuple for IPv6: No\n"
    "IPv6 ND Extension: No\n";

Result<std::string> dump_flows(const Context& c, CommandArgs args) {
    DumpOptions options;
    options.with_ufid_comma = false;
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
    table.add("dpif/show-dp-features", "bridge", 1, 1, [c](CommandArgs args) -> Result<std::string> {
        TRY(find_bridge(c, args[0]));
        return features;
    });
}

}  // namespace weft::ctl
