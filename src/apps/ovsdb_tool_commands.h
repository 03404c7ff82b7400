// SPDX-License-Identifier: Apache-2.0
// The commands of ovsdb-tool.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "cli/etcd_options.h"
#include "cli/paths.h"
#include "store/disk.h"
#include "store/raft_file.h"

namespace weft::apps::ovsdb_tool {

struct Context {
    store::Disk disk;
    std::string default_database, default_schema;
    int64_t date_ms = 0;  ///< now
    int more = 0;         ///< how often --more was given
    std::string rbac_role;
    cli::EtcdOptions etcd;
};

/// Output for standard output and the exit status.
struct Done {
    std::string text = {};
    int status = 0;
};
using Args = std::span<const std::string>;

struct Command {
    const char* name;
    const char* args;  ///< for list-commands
    const char* usage;
    size_t args_min, args_max;
    Result<Done> (*run)(Context&, Args);
};
std::span<const Command> commands();

// In ovsdb_tool_log.cc, ovsdb_tool_check_cluster.cc and ovsdb_tool_cluster.cc.
Result<Done> show_log(Context& context, Args args);
Result<Done> check_cluster(Context& context, Args args);
Result<Done> cluster_to_standalone(Context& context, Args args);
Result<Done> is_clustered(Context& context, Args args);
Result<Done> is_standalone(Context& context, Args args);
Result<Done> cluster_id(Context& context, Args args);
Result<Done> server_id(Context& context, Args args);
Result<Done> local_address(Context& context, Args args);
Result<Done> create_cluster(Context& context, Args args);
Result<Done> join_cluster(Context& context, Args args);
/// Of a file that must be there.
Result<std::string> contents_of(Context& context, const std::string& path);
/// A clustered file.
Result<store::RaftFile> read_raft(Context& context, const std::string& path);
/// In ovsdb_tool_etcd.cc: makes a database at an etcd:// address.
Result<> create_in_etcd(Context& context, const std::string& address, const ovsdb::Snapshot& contents);
/// Name of a clustered database; nullopt if the file is standalone.
Result<std::optional<std::string>> clustered_name(Context& context, const std::string& path);

}  // namespace weft::apps::ovsdb_tool
