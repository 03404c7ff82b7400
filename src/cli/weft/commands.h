// SPDX-License-Identifier: Apache-2.0
// The commands of weft(8): help, completion and what the daemon is asked derive from this table.
#pragma once

#include <string_view>

#include "cli/db/commands.h"
#include "cli/weft/local_call.h"

namespace weft::cli::weft_tool {

/// Prints OpenFlow out of a capture file, or as it passes a network device.
Result<> ofdump(const LocalCall& call);

struct Command {
    std::string_view name;
    std::string_view usage;  ///< of the arguments, which the daemon checks
    std::string_view help;
    std::string_view asks;                        ///< the daemon's command; empty: weft does it itself
    bool formats = true;                          ///< takes --format
    Result<> (*run)(const LocalCall&) = nullptr;  ///< what does it then; null: run_doctor()
};

inline constexpr Command commands[] = {
    {"why", "{[BRIDGE] MATCH | --last [N]}", "tell why packets were dropped, and what would change it",
     "drops/why"},
    {"trace", "[BRIDGE] FLOW [-generate|PACKET]", "show the way of a packet through the tables",
     "ofproto/trace"},
    {"trace --live", "[BRIDGE] MATCH [--count N] [--wait SECONDS]", "trace the next real packets that match",
     "ofproto/trace-live"},
    {"flows log", "[BRIDGE]", "list the versions of the flow tables", "flows/log"},
    {"flows diff", "[BRIDGE] --since {VERSION|TIME}", "show what changed since a version, or 90s, 5m, 2h ago",
     "flows/diff"},
    {"flows revert", "[BRIDGE] VERSION [--expect VERSION]", "go back to a version, all at once or not at all",
     "flows/revert", false},
    {"detrace", "[DP] {UFID|FLOW}", "name the rules that made a flow of the datapath", "ofproto/detrace"},
    {"drops", "[BRIDGE|PORT]", "count dropped packets by port and reason", "drops/show"},
    {"doctor", "[DEVICE...]", "tell what keeps the switch from its fastest datapath, and what to change", ""},
    {"ofdump", "{PCAP | INTERFACE} [PORT]... [-w PCAP] [--count N]", "print OpenFlow of every version", "",
     true, ofdump},
    {"db plan", "[--database=DB] [--save=FILE] {FILE | JSON | COMMAND [ARG]...}",
     "show what a transaction, or commands of ovs-vsctl, would change, and what is wrong with them", "", true,
     db::plan},
    {"db apply", "[--database=DB] [--confirm-within=TIME] [--force] {FILE | JSON | COMMAND [ARG]...}",
     "change a database, for good or until it is not confirmed", "", true, db::apply},
    {"db confirm", "[--database=DB] TRANSACTION", "keep what db apply made", "", true, db::confirm},
    {"db history", "[--database=DB] [--count=N]", "list the transactions of a database", "", true,
     db::history},
    {"db revert", "[--database=DB] [--dry-run] [--partial] [--confirm-within=TIME] TRANSACTION",
     "take back what a transaction did", "", true, db::revert},
    {"db watch", "[--database=DB] [--all] [TABLE]...", "print changes of a database as they come", "", true,
     db::watch},
};

}  // namespace weft::cli::weft_tool
