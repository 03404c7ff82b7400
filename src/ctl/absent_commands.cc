// SPDX-License-Identifier: Apache-2.0
// Commands of features that do not exist here yet (bonds, LACP, STP, CFM, BFD, tunnels, QoS): they answer as
// Open vSwitch does where the feature is not in use, which is the truth.
#include <fmt/core.h>

#include "ctl/context.h"

namespace weft::ctl {

namespace {

using obs::CommandArgs;

struct Answer {
    const char* name;
    const char* usage;
    size_t args_max;
    const char* text;
};

constexpr Answer empty_answers[] = {
    {"autoattach/show-isid", "[bridge]", 1, ""},
    {"autoattach/statistics", "[bridge]", 1, ""},
    {"autoattach/status", "[bridge]", 1, ""},
    {"bfd/show", "[interface]", 1, ""},
    {"bond/list", "", 0, "bond\ttype\trecircID\tmembers\n"},
    {"bond/show", "[port]", 1, ""},
    {"cfm/show", "[interface]", 1, ""},
    {"lacp/show", "[port]", 1, ""},
    {"lacp/show-stats", "[port]", 1, ""},
    {"ofproto/list-tunnels", "", 0, ""},
    {"rstp/show", "[bridge]", 1, ""},
    {"stp/show", "[bridge]", 1, ""},
    {"tnl/neigh/show", "", 0,
     "IP                                            MAC                 Bridge\n"
     "==========================================================================\n"},
    {"tnl/arp/show", "", 0,
     "IP                                            MAC                 Bridge\n"
     "==========================================================================\n"},
    {"tnl/ports/show", "-v", 1, "Listening ports:\n"},
    {"ovs/route/show", "", 0, "Route Table:\n"},
};

Result<std::string> qos(const Context& c, CommandArgs args, std::string_view text) {
    for (auto& [name, r] : c.sw.bridges())
        if (r.bridge->members.contains(args[0])) return fmt::format(fmt::runtime(text), args[0]);
    return fail("no such interface");
}

Result<std::string> multicast(const Context& c, CommandArgs args) {
    TRY(find_bridge(c, args[0]));
    return fail("multicast snooping is disabled");
}

}  // namespace

void add_absent_commands(obs::CommandTable& table, const Context& c) {
    for (const Answer& a : empty_answers)
        table.add(a.name, a.usage, 0, a.args_max,
                  [text = a.text](CommandArgs) -> Result<std::string> { return text; });
    table.add("mdb/show", "bridge", 1, 1, [c](CommandArgs args) { return multicast(c, args); });
    table.add("mdb/flush", "[bridge]", 0, 1, [c](CommandArgs args) -> Result<std::string> {
        if (args.empty()) return "table successfully flushed";
        return multicast(c, args);
    });
    table.add("qos/show", "interface", 1, 1,
              [c](CommandArgs args) { return qos(c, args, "QoS not configured on {}\n"); });
    table.add("qos/show-types", "interface", 1, 1,
              [c](CommandArgs args) { return qos(c, args, "No QoS types supported for interface: {}\n"); });
}

}  // namespace weft::ctl
