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
    const char* error = nullptr;  ///< if an object is named: there is none; null: it does not matter
    const char* json = nullptr;   ///< the text in JSON; null: it shows nothing
};

constexpr const char* no_neighbors =
    "IP                                            MAC                 Bridge\n"
    "==========================================================================\n";
constexpr const char* none = "[]\n";

constexpr Answer answers[] = {
    {"autoattach/show-isid", "[bridge]", 1, "", nullptr, none},
    {"autoattach/statistics", "[bridge]", 1, "", nullptr, none},
    {"autoattach/status", "[bridge]", 1, "", nullptr, none},
    {"bfd/show", "[interface]", 1, "", "no such bfd object", none},
    {"bond/disable-member", "port member", 2, "", "no such bond"},
    {"bond/enable-member", "port member", 2, "", "no such bond"},
    {"bond/list", "", 0, "bond\ttype\trecircID\tmembers\n", nullptr, none},
    {"bond/migrate", "port hash member", 3, "", "no such bond"},
    {"bond/set-active-member", "port member", 2, "", "no such bond"},
    {"bond/show", "[port]", 1, "", "no such bond", none},
    {"cfm/show", "[interface]", 1, "", "no such CFM object", none},
    {"dpctl/ct-get-nconns", "[dp]", 1, "0\n", nullptr, "0\n"},
    {"dpctl/ct-stats-show", "[dp] [zone=N]", 3, "Connections Stats:\n    Total: 0\n", nullptr,
     "{\"total\":0}\n"},
    {"dpctl/dump-conntrack", "[-m] [-s] [dp] [zone=N]", 4, "", nullptr, none},
    {"dpctl/flush-conntrack", "[dp] [zone=N] [ct-orig-tuple] [ct-reply-tuple]", 4, ""},
    {"lacp/show", "[port]", 1, "", "no such lacp object", none},
    {"lacp/show-stats", "[port]", 1, "", "no such lacp object", none},
    {"ofproto/list-tunnels", "", 0, "", nullptr, none},
    {"ovs/route/del", "ip_addr/prefix_len [pkt_mark=mark]", 2, "", "Not found"},
    {"ovs/route/lookup", "ip_addr [pkt_mark=mark]", 2, "", "Not found", none},
    {"ovs/route/show", "", 0, "Route Table:\n", nullptr, none},
    {"rstp/show", "[bridge]", 1, "", "No such RSTP object", none},
    {"rstp/tcn", "[bridge]", 1, "OK", "No such RSTP object"},
    {"stp/show", "[bridge]", 1, "", "no such stp object", none},
    {"stp/tcn", "[bridge]", 1, "OK", "no such stp object"},
    {"tnl/arp/flush", "", 0, "OK"},
    {"tnl/arp/show", "", 0, no_neighbors, nullptr, none},
    {"tnl/neigh/flush", "", 0, "OK"},
    {"tnl/neigh/show", "", 0, no_neighbors, nullptr, none},
    {"tnl/ports/show", "-v", 1, "Listening ports:\n", nullptr, none},
};

/// What cannot be done without the feature.
struct Refusal {
    const char* name;
    const char* usage;
    const char* feature;
};

constexpr Refusal refusals[] = {
    {"bond/hash", "mac [vlan] [basis]", "bonds"},
    {"dpctl/ct-bkts", "[dp] [gt=N]", "connection tracking"},
    {"dpctl/ct-del-limits", "[dp] zone=N1[,N2]...", "connection tracking"},
    {"dpctl/ct-disable-tcp-seq-chk", "[dp]", "connection tracking"},
    {"dpctl/ct-enable-tcp-seq-chk", "[dp]", "connection tracking"},
    {"dpctl/ct-get-tcp-seq-chk", "[dp]", "connection tracking"},
    {"dpctl/ct-get-limits", "[dp] [zone=N1[,N2]...]", "connection tracking"},
    {"dpctl/ct-get-maxconns", "[dp]", "connection tracking"},
    {"dpctl/ct-set-limits", "[dp] [default=L] [zone=N,limit=L]...", "connection tracking"},
    {"dpctl/ct-set-maxconns", "[dp] maxconns", "connection tracking"},
    {"dpctl/ipf-get-status", "[dp]", "reassembly of fragments"},
    {"dpctl/ipf-set-disabled", "[dp] v4|v6", "reassembly of fragments"},
    {"dpctl/ipf-set-enabled", "[dp] v4|v6", "reassembly of fragments"},
    {"dpctl/ipf-set-max-nfrags", "[dp] maxfrags", "reassembly of fragments"},
    {"dpctl/ipf-set-min-frag", "[dp] v4|v6 minfragment", "reassembly of fragments"},
    {"ovs/route/add", "ip_addr/prefix_len out_br_name [gw] [pkt_mark=mark]", "routing for tunnels"},
    {"tnl/arp/aging", "[SECS]", "tunnels"},
    {"tnl/arp/set", "BRIDGE IP MAC", "tunnels"},
    {"tnl/egress_port_range", "min max", "tunnels"},
    {"tnl/neigh/aging", "[SECS]", "tunnels"},
    {"tnl/neigh/set", "BRIDGE IP MAC", "tunnels"},
};

/// `json`: what there is instead of a member of that name.
Result<obs::Shown> qos(const Context& c, CommandArgs args, std::string_view text,
                       std::optional<std::pair<std::string_view, codec::Json>> json) {
    for (auto& [name, r] : c.sw.bridges()) {
        if (!r.bridge->members.contains(args[0])) continue;
        if (!json) return fmt::format(fmt::runtime(text), args[0]);
        return codec::Json::object({{"interface", args[0]}, {json->first, json->second}});
    }
    return fail("no such interface");
}

/// bfd/set-forwarding and cfm/set-fault, when there is nothing to set.
Result<std::string> set_fault(CommandArgs args, const char* no_object) {
    const std::string& state = args.back();
    if (state != "normal" && state != "true" && state != "false") return fail("unknown fault string");
    if (args.size() > 1) return fail(no_object);
    return "OK";
}

Result<std::string> multicast(const Context& c, CommandArgs args) {
    TRY(find_bridge(c, args[0]));
    return fail("multicast snooping is disabled");
}

}  // namespace

void add_absent_commands(obs::CommandTable& table, const Context& c) {
    for (const Answer& a : answers) {
        const bool all_needed = std::string_view(a.name).starts_with("bond/") && a.args_max > 1;
        const size_t least = all_needed ? a.args_max : a.error && !*a.text && a.usage[0] != '[' ? 1 : 0;
        const auto answer = [&a](CommandArgs args, bool json) -> Result<obs::Shown> {
            if (a.error && !args.empty()) return fail(a.error);
            return json ? a.json : a.text;
        };
        if (a.json)
            table.add_show(a.name, a.usage, least, a.args_max, answer);
        else
            table.add(a.name, a.usage, least, a.args_max, [answer](CommandArgs args) -> Result<std::string> {
                return TRY(answer(args, false)).text;
            });
    }
    table.add("bfd/set-forwarding", "[interface] normal|false|true", 1, 2,
              [](CommandArgs args) { return set_fault(args, "no such BFD object"); });
    table.add("cfm/set-fault", "[interface] normal|false|true", 1, 2,
              [](CommandArgs args) { return set_fault(args, "no such CFM object"); });
    for (const Refusal& r : refusals)
        table.add(r.name, r.usage, 0, obs::CommandTable::any,
                  [feature = r.feature](CommandArgs) -> Result<std::string> {
                      return fail(fmt::format("{} not supported yet (see doc/compatibility.md)", feature));
                  });
    table.add_show("mdb/show", "bridge", 1, 1,
                   [c](CommandArgs args, bool) -> Result<obs::Shown> { return TRY(multicast(c, args)); });
    table.add("mdb/flush", "[bridge]", 0, 1, [c](CommandArgs args) -> Result<std::string> {
        if (args.empty()) return "table successfully flushed";
        return multicast(c, args);
    });
    using Member = std::pair<std::string_view, codec::Json>;
    table.add_show("qos/show", "interface", 1, 1, [c](CommandArgs args, bool json) {
        return qos(c, args, "QoS not configured on {}\n",
                   json ? std::optional(Member("type", nullptr)) : std::nullopt);
    });
    table.add_show("qos/show-types", "interface", 1, 1, [c](CommandArgs args, bool json) {
        return qos(c, args, "No QoS types supported for interface: {}\n",
                   json ? std::optional(Member("types", codec::JsonArray())) : std::nullopt);
    });
}

}  // namespace weft::ctl
