// SPDX-License-Identifier: Apache-2.0
// What the commands of ovsdb-client share.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/completion.h"
#include "cli/daemon.h"
#include "cli/ovsdb_rpc.h"
#include "cli/table.h"
#include "cli/tls_options.h"
#include "ovsdb/schema.h"

namespace weft::cli::ovsdb_client {

/// One run of the tool. Resource type.
struct Tool {
    Daemon& daemon;
    TableStyle style = {};
    net::TlsFiles tls = {};
    bool timestamp = false, force = false, leader_only = true;

    // What the command line named, or what it left to defaults.
    std::string command = {}, server = {}, database = {};
    std::vector<std::string> args = {};  ///< the command's own
    std::unique_ptr<OvsdbRpc> rpc = {};
    bool printed_table = false;

    void print(const std::string& text);
    void print_json(const codec::Json& value) { print(codec::format_json(value, style.json) + "\n"); }
    /// Separated from the one before.
    void print_table(Table table);
    Result<ovsdb::SchemaPtr> fetch_schema();
};

/// What a command needs before it runs.
enum class Needs : uint8_t { nothing, server, database };

struct Command {
    std::string_view name;
    Needs needs;
    size_t args_min, args_max;
    Result<> (*run)(Tool&);
    bool is_daemon = false;  ///< may go to the background, and has a control socket
};

// schema_commands.cc
Result<> list_dbs(Tool&);
Result<> get_schema(Tool&);
Result<> get_schema_version(Tool&);
Result<> get_schema_cksum(Tool&);
Result<> list_tables(Tool&);
Result<> list_columns(Tool&);
Result<> convert(Tool&);
Result<> needs_conversion(Tool&);
// data_commands.cc
Result<> transact(Tool&);
Result<> query(Tool&);
Result<> dump(Tool&);
// monitor.cc
Result<> monitor(Tool&);
Result<> monitor_cond(Tool&);
Result<> monitor_cond_since(Tool&);
// backup.cc
Result<> backup(Tool&);
Result<> restore(Tool&);
// lock.cc
Result<> lock(Tool&);
// wait.cc
Result<> wait(Tool&);

std::string usage(const Paths& paths);

/// Parses the command line and runs the command; the program's exit code.
int run(int argc, char** argv);

}  // namespace weft::cli::ovsdb_client
