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

/// What cannot be done without the feature.
struct Refusal {
    const char* name;
    const char* usage;
    const char* feature;
};

constexpr Refusal refusals[] = {
    {"bfd/set-forwarding", "[interface] normal|false|true", "BFD"},
    {"bond/disable-member", "port member", "bonds"},
    {"bond/enable-member", "port member", "bonds"},
    {"bond/hash", "mac [vlan] [basis]", "bonds"},
    {"bond/migrate", "port hash member", "bonds"},
    {"bond/set-active-member", "port member", "bonds"},
    {"cfm/set-fault", "[interface] normal|false|true", "CFM"},
    {"dpctl/ct-bkts", "[dp] [gt=N]", "connection tracking"},
    {"dpctl/ct-del-limits", "[dp] zone=N1[,N2]...", "connection tracking"},
    {"dpctl/ct-get-limits", "[dp] [zone=N1[,N2]...]", "connection tracking"},
    {"dpctl/ct-get-maxconns", "[dp]", "connection tracking"},
    {"dpctl/ct-get-nconns", "[dp]", "connection tracking"},
    {"dpctl/ct-set-limits", "[dp] [default=L] [zone=N,limit=L]...", "connection tracking"},
    {"dpctl/ct-set-maxconns", "[dp] maxconns", "connection tracking"},
    {"dpctl/ct-stats-show", "[dp] [zone=N]", "connection tracking"},
    {"dpctl/dump-conntrack", "[-m] [-s] [dp] [zone=N]", "connection tracking"},
    {"dpctl/flush-conntrack", "[dp] [zone=N] [ct-orig-tuple] [ct-reply-tuple]", "connection tracking"},
    {"dpctl/ipf-get-status", "[dp]", "reassembly of fragments"},
    {"ovs/route/add", "ip_addr/prefix_len out_br_name [gw] [pkt_mark=mark]", "routing for tunnels"},
    {"ovs/route/del", "ip_addr/prefix_len [pkt_mark=mark]", "routing for tunnels"},
    {"ovs/route/lookup", "ip_addr [pkt_mark=mark]", "routing for tunnels"},
    {"rstp/tcn", "[bridge]", "RSTP"},
    {"stp/tcn", "[bridge]", "STP"},
    {"tnl/neigh/set", "BRIDGE IP MAC", "tunnels"},
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
    for (const Refusal& r : refusals)
        table.add(r.name, r.usage, 0, obs::CommandTable::any,
                  [feature = r.feature](CommandArgs) -> Result<std::string> {
                      return fail(fmt::format("{} not supported yet (see doc/compatibility.md)", feature));
                  });
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
