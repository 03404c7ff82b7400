// SPDX-License-Identifier: Apache-2.0
#include "cli/connection_usage.h"
#include "cli/ovsdb_client/tool.h"

namespace weft::cli::ovsdb_client {
namespace {

constexpr std::string_view commands_text =
    "ovsdb-client: Open vSwitch database JSON-RPC client\n"
    "usage: ovsdb-client [OPTIONS] COMMAND [ARG...]\n"
    "\n"
    "Valid commands are:\n"
    "\n"
    "  list-dbs [SERVER]\n"
    "    list databases available on SERVER\n"
    "\n"
    "  get-schema [SERVER] [DATABASE]\n"
    "    retrieve schema for DATABASE from SERVER\n"
    "\n"
    "  get-schema-version [SERVER] [DATABASE]\n"
    "    retrieve schema for DATABASE from SERVER and report only its\n"
    "    version number on stdout\n"
    "\n"
    "  get-schema-cksum [SERVER] [DATABASE]\n"
    "    retrieve schema for DATABASE from SERVER and report only its\n"
    "    checksum on stdout\n"
    "\n"
    "  list-tables [SERVER] [DATABASE]\n"
    "    list tables for DATABASE on SERVER\n"
    "\n"
    "  list-columns [SERVER] [DATABASE] [TABLE]\n"
    "    list columns in TABLE (or all tables) in DATABASE on SERVER\n"
    "\n"
    "  transact [SERVER] TRANSACTION\n"
    "    run TRANSACTION (params for \"transact\" request) on SERVER\n"
    "    and print the results as JSON on stdout\n"
    "\n"
    "  query [SERVER] TRANSACTION\n"
    "    run TRANSACTION (params for \"transact\" request) on SERVER,\n"
    "    as read-only, and print the results as JSON on stdout\n"
    "\n"
    "  monitor [SERVER] [DATABASE] TABLE [COLUMN,...]...\n"
    "    monitor contents of COLUMNs in TABLE in DATABASE on SERVER.\n"
    "    COLUMNs may include !initial, !insert, !delete, !modify\n"
    "    to avoid seeing the specified kinds of changes.\n"
    "\n"
    "  monitor-cond [SERVER] [DATABASE] CONDITION TABLE [COLUMN,...]...\n"
    "    monitor contents that match CONDITION of COLUMNs in TABLE in\n"
    "    DATABASE on SERVER.\n"
    "    COLUMNs may include !initial, !insert, !delete, !modify\n"
    "    to avoid seeing the specified kinds of changes.\n"
    "\n"
    "  monitor-cond-since [SERVER] [DATABASE] [LASTID] CONDITION TABLE [COLUMN,...]...\n"
    "    monitor contents that match CONDITION of COLUMNs in TABLE in\n"
    "    DATABASE on SERVER, since change after LASTID.\n"
    "    LASTID specifies transaction ID after which the monitoring\n"
    "    starts, which works only for cluster mode. If ignored, it\n"
    "    defaults to an all-zero uuid.\n"
    "    Other arguments are the same as in monitor-cond.\n"
    "\n"
    "  convert [SERVER] SCHEMA\n"
    "    convert database on SERVER named in SCHEMA to SCHEMA.\n"
    "\n"
    "  needs-conversion [SERVER] SCHEMA\n"
    "    tests whether SCHEMA's db on SERVER needs conversion.\n"
    "\n"
    "  monitor [SERVER] [DATABASE] ALL\n"
    "    monitor all changes to all columns in all tables\n"
    "\n"
    "  wait [SERVER] DATABASE STATE\n"
    "    wait until DATABASE reaches STATE (\"added\" or \"connected\" or \"removed\")\n"
    "    in DATBASE on SERVER.\n"
    "\n"
    "  dump [SERVER] [DATABASE]\n"
    "    dump contents of DATABASE on SERVER to stdout\n"
    "\n"
    "  backup [SERVER] [DATABASE] > SNAPSHOT\n"
    "    dump database contents in the form of a database file\n"
    "\n"
    "  [--force] restore [SERVER] [DATABASE] < SNAPSHOT\n"
    "    restore database contents from a database file\n"
    "\n"
    "  lock [SERVER] LOCK\n"
    "    create or wait for LOCK in SERVER\n"
    "\n"
    "  steal [SERVER] LOCK\n"
    "    steal LOCK from SERVER\n"
    "\n"
    "  unlock [SERVER] LOCK\n"
    "    unlock LOCK from SERVER\n"
    "\n";

constexpr std::string_view other_text =
    "\n"
    "Other options:\n"
    "  -h, --help                  display this help message\n"
    "  -V, --version               display version information\n";

}  // namespace

std::string usage(const Paths& paths) {
    const std::string program = "ovsdb-client";
    return std::string(commands_text) + "The default SERVER is " + paths.default_database() +
           ".\nThe default DATABASE is Open_vSwitch.\n\n" + connection_usage("SERVER") + table_usage() +
           "  --timestamp                 timestamp \"monitor\" output\n" +
           daemon_usage(paths, program).substr(1) + log_usage(paths, program) + std::string(other_text);
}

}  // namespace weft::cli::ovsdb_client
