// SPDX-License-Identifier: Apache-2.0
#include "cli/ofctl/tool.h"

namespace weft::cli::ofctl {
namespace {

constexpr std::string_view switches = "For OpenFlow switches", flows = "For flows", groups = "For groups",
                           meters = "For meters (OpenFlow 1.3 and newer)", watching = "For watching a switch",
                           peers = "For OpenFlow switches and controllers", other = "Other commands",
                           hidden = "";

constexpr Command all[] = {
    {switches, "show", "!SWITCH", "show OpenFlow information", false, show},
    {switches, "dump-desc", "!SWITCH", "print switch description", false, dump_desc},
    {switches, "dump-tables", "!SWITCH", "print table statistics", false, dump_tables},
    {switches, "dump-table-features", "!SWITCH", "print what tables can do", false, dump_table_features},
    {switches, "dump-table-desc", "!SWITCH", "print tables' configuration (1.4 and newer)", false,
     dump_table_desc},
    {switches, "mod-table", "!SWITCH !TABLE !SETTING", "change how a table behaves", true, mod_table},
    {switches, "dump-ports", "!SWITCH ?PORT", "print port statistics", false, dump_ports},
    {switches, "dump-ports-desc", "!SWITCH ?PORT", "print port descriptions", false, dump_ports_desc},
    {switches, "mod-port", "!SWITCH !PORT !ACTION", "change how a port behaves", true, mod_port},
    {switches, "get-frags", "!SWITCH", "print how fragments are handled", false, get_frags},
    {switches, "set-frags", "!SWITCH !MODE", "set how fragments are handled", true, set_frags},
    {switches, "add-tlv-map", "!SWITCH !MAP", "name options of tunnels tun_metadataN", true, add_tlv_map},
    {switches, "del-tlv-map", "!SWITCH ?MAP", "forget names of tunnels' options", true, del_tlv_map},
    {switches, "dump-tlv-map", "!SWITCH", "print names of tunnels' options", false, dump_tlv_map},
    {switches, "ct-flush", "!SWITCH ?zone=N ?CT-ORIG-TUPLE ?CT-REPLY-TUPLE", "forget tracked connections",
     true, ct_flush},
    {switches, "ct-flush-zone", "!SWITCH !ZONE", "forget all tracked connections of a zone", true,
     ct_flush_zone},
    {switches, "dump-ipfix-bridge", "!SWITCH", "print counters of the bridge's IPFIX exporter", false,
     dump_ipfix_bridge},
    {switches, "dump-ipfix-flow", "!SWITCH", "print counters of IPFIX exporters of flows", false,
     dump_ipfix_flow},
    {switches, "queue-stats", "!SWITCH ?PORT ?QUEUE", "print queue statistics", false, queue_stats},
    {switches, "queue-get-config", "!SWITCH ?PORT ?QUEUE", "print queue configuration", false,
     queue_get_config},

    {flows, "dump-flows", "!SWITCH ?FLOW", "print flows", false, dump_flows},
    {flows, "dump-aggregate", "!SWITCH ?FLOW", "print statistics of flows together", false, dump_aggregate},
    {flows, "add-flow", "!SWITCH !FLOW", "add a flow", true, add_flow},
    {flows, "add-flows", "!SWITCH !FILE", "add flows from FILE", true, add_flows},
    {flows, "mod-flows", "!SWITCH !FLOW", "change the actions of flows", true, mod_flows},
    {flows, "del-flows", "!SWITCH ?FLOW", "delete flows", true, del_flows},
    {flows, "replace-flows", "!SWITCH !FILE", "make the flows those of FILE", true, replace_flows},
    {flows, "diff-flows", "!SOURCE !SOURCE", "compare the flows of two switches or files", false, diff_flows},
    {flows, "packet-out", "!SWITCH !PACKET-OUT *WORD", "send a packet with actions", true, packet_out},
    {flows, "bundle", "!SWITCH !FILE", "flows, groups and packets from FILE, all or nothing", true, bundle},

    {groups, "add-group", "!SWITCH !GROUP", "add a group", true, add_group},
    {groups, "add-groups", "!SWITCH !FILE", "add groups from FILE", true, add_groups},
    {groups, "mod-group", "!SWITCH !GROUP", "change a group (--may-create: or add it)", true, mod_group},
    {groups, "del-groups", "!SWITCH ?GROUP", "delete groups", true, del_groups},
    {groups, "insert-buckets", "!SWITCH !GROUP", "add buckets to a group", true, insert_buckets},
    {groups, "remove-buckets", "!SWITCH !GROUP", "remove buckets from a group", true, remove_buckets},
    {groups, "dump-groups", "!SWITCH ?GROUP", "print groups", false, dump_groups},
    {groups, "dump-group-stats", "!SWITCH ?GROUP", "print group statistics", false, dump_group_stats},
    {groups, "dump-group-features", "!SWITCH", "print what groups can do", false, dump_group_features},

    {meters, "add-meter", "!SWITCH !METER", "add a meter", true, add_meter},
    {meters, "mod-meter", "!SWITCH !METER", "change a meter", true, mod_meter},
    {meters, "del-meters", "!SWITCH ?METER", "delete meters", true, del_meters},
    {hidden, "del-meter", "!SWITCH ?METER", "delete meters", true, del_meters},
    {meters, "dump-meters", "!SWITCH ?METER", "print meters", false, dump_meters},
    {hidden, "dump-meter", "!SWITCH ?METER", "print meters", false, dump_meters},
    {meters, "meter-stats", "!SWITCH ?METER", "print meter statistics", false, meter_stats},
    {meters, "meter-features", "!SWITCH", "print what meters can do", false, meter_features},

    {watching, "monitor", "!SWITCH ?MISSLEN ?invalid_ttl ?watch:SPEC", "print messages from SWITCH", false,
     monitor, true},
    {watching, "snoop", "!SWITCH", "print what SWITCH and its controller say", false, snoop, true},

    {peers, "probe", "!TARGET", "ask whether TARGET is up", false, probe},
    {peers, "ping", "!TARGET ?N", "time echoes of N bytes", false, ping},
    {peers, "benchmark", "!TARGET !N !COUNT", "time COUNT echoes of N bytes", false, benchmark},

    {other, "ofp-parse", "!FILE", "print messages read from FILE", false, ofp_parse},
    {other, "ofp-parse-pcap", "!PCAP *PORT", "print OpenFlow read from PCAP", false, ofp_parse_pcap},
    {other, "ofp-print", "!HEX ?VERBOSITY", "print a message given in hex", false, ofp_print},
    {other, "parse-pcap", "+PCAP", "print packets of PCAP as flows", false, parse_pcap},
    {other, "parse-packet", "", "print the packet on standard input as a flow", false, parse_packet},
    {other, "compose-packet", "!FLOW ?PAYLOAD", "print a packet that FLOW describes in hex", false,
     compose_packet},
    {hidden, "parse-nx-match", "", "", false, parse_nxm},
    {hidden, "parse-nxm", "", "", false, parse_nxm},
    {hidden, "parse-oxm", "!VERSION", "", false, parse_oxm},
    {hidden, "parse-actions", "!VERSION", "", false, parse_actions},
    {hidden, "parse-instructions", "!VERSION", "", false, parse_instructions},
    {hidden, "parse-ofp10-match", "", "", false, parse_match10},
    {hidden, "parse-ofp11-match", "", "", false, parse_match11},
    {hidden, "parse-flow", "!FLOW", "", false, parse_flow},
    {hidden, "parse-flows", "!FILE", "", false, parse_flows},
    {hidden, "parse-group", "!GROUP", "", false, parse_group},
    {hidden, "parse-key-value", "*TEXT", "", false, parse_key_value},
    {hidden, "print-error", "!ERROR", "", false, print_error},
    {hidden, "encode-error-reply", "!ERROR !REQUEST", "", false, encode_error_reply},
    {hidden, "encode-hello", "!BITMAP", "", false, encode_hello},
    {hidden, "list-commands", "*ARG", "", false, list_commands},
};

}  // namespace

std::span<const Command> commands() { return all; }

}  // namespace weft::cli::ofctl
