// SPDX-License-Identifier: Apache-2.0
// The commands of ovs-dpctl(8).
#pragma once

#include <string_view>

namespace weft::cli::dpctl {

/// Value type.
struct Command {
    std::string_view name, arguments, help;
    bool changes;             ///< refused with --read-only
    bool names_file = false;  ///< the last argument is a file
};

inline constexpr Command commands[] = {
    {"add-dp", "!DP *IFACE", "add a datapath (with IFACEs)", true},
    {"del-dp", "!DP", "delete datapath DP", true},
    {"add-if", "!DP +IFACE", "add each IFACE as a port of DP", true},
    {"set-if", "!DP +IFACE", "reconfigure each IFACE within DP", true},
    {"del-if", "!DP +IFACE", "delete each IFACE from DP", true},
    {"dump-dps", "", "print the names of all datapaths", false},
    {"show", "*DP", "show basic info on datapaths", false},
    {"dump-flows", "?DP ?filter=FILTER ?type=TYPE ?pmd=PMD ?MORE", "print flows of DP", false},
    {"add-flow", "?DP !FLOW !ACTIONS", "add FLOW with ACTIONS to DP", true},
    {"add-flows", "?DP !FILE", "add flows from FILE", true, true},
    {"mod-flow", "?DP !FLOW !ACTIONS", "change the actions of FLOW", true},
    {"mod-flows", "?DP !FILE", "change flows from FILE", true, true},
    {"get-flow", "?DP !UFID", "print the flow with that UFID", false},
    {"del-flow", "?DP !FLOW", "delete FLOW from DP", true},
    {"del-flows", "?DP ?FILE", "delete all flows, or those of FILE, from DP", true, true},
    {"offload-stats-show", "?DP", "print statistics of offloaded flows", false},
    {"cache-get-size", "?DP", "print the sizes of all caches", false},
    {"cache-set-size", "!DP !CACHE !SIZE", "set the size of a cache", true},
    {"dump-conntrack", "?DP ?zone=ZONE", "print conntrack entries", false},
    {"flush-conntrack", "?DP ?zone=ZONE ?CT-ORIGIN-TUPLE ?CT-REPLY-TUPLE", "delete conntrack entries", true},
    {"ct-stats-show", "?DP ?zone=ZONE", "print connections by protocol", false},
    {"ct-bkts", "?DP ?gt=THRESHOLD", "print connections by bucket", false},
    {"ct-set-maxconns", "?DP !MAXCONNS", "limit the number of connections", true},
    {"ct-get-maxconns", "?DP", "print the limit of connections", false},
    {"ct-get-nconns", "?DP", "print the number of connections", false},
    {"ct-enable-tcp-seq-chk", "?DP", "check sequence numbers of TCP", true},
    {"ct-disable-tcp-seq-chk", "?DP", "do not check sequence numbers of TCP", true},
    {"ct-get-tcp-seq-chk", "?DP", "print whether they are checked", false},
    {"ct-set-limits", "?DP ?default=LIMIT *zone=ZONE,limit=LIMIT", "limit connections by zone", true},
    {"ct-del-limits", "?DP !zone=ZONE[,ZONE]", "delete limits of zones", true},
    {"ct-get-limits", "?DP ?zone=ZONE[,ZONE]", "print limits of zones", false},
    {"ipf-set-enabled", "?DP !v4|v6", "reassemble fragments", true},
    {"ipf-set-disabled", "?DP !v4|v6", "do not reassemble fragments", true},
    {"ipf-set-min-frag", "?DP !v4|v6 !SIZE", "set the least size of a fragment", true},
    {"ipf-set-max-nfrags", "?DP !NUMBER", "limit the number of fragments", true},
    {"ipf-get-status", "?DP", "print the state of reassembly", false},
    {"parse-actions", "+ACTIONS", "print actions as they are understood", false},
    {"normalize-actions", "!FLOW !ACTIONS", "print actions in normal form", false},
};

}  // namespace weft::cli::dpctl
