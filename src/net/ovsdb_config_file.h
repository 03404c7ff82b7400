// SPDX-License-Identifier: Apache-2.0
// The file of ovsdb-server's --config-file: which remotes and databases a server has, and how it serves them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "net/ovsdb_remote_options.h"

namespace weft::net {

/// Whose contents a relay or a backup has; value type.
struct OvsdbSourceConfig {
    std::string remotes;  ///< of the other server, separated by commas
    Duration max_backoff = 8s, probe_interval = 60s;
    std::optional<uint8_t> dscp = {};
    bool operator==(const OvsdbSourceConfig&) const = default;
};

/// Value type.
struct OvsdbDatabaseConfig {
    enum class Model : uint8_t { unspecified, standalone, clustered, relay, active_backup };

    Model model = Model::unspecified;              ///< unspecified: what the database is by itself
    std::optional<OvsdbSourceConfig> source = {};  ///< of every relay and every backup
    bool is_backup = false;                        ///< of active_backup: starts as the backup of `source`
    std::set<std::string> excluded = {};           ///< of active_backup: tables that are not copied
    bool operator==(const OvsdbDatabaseConfig&) const = default;
};

/// Value type.
struct OvsdbConfig {
    std::map<std::string, OvsdbRemoteOptions> remotes;
    std::map<std::string, OvsdbDatabaseConfig>
        databases;  ///< by file or etcd name; a relay's by its schema's
    bool operator==(const OvsdbConfig&) const = default;
};

/// An error names the file, the place in it, and what is known or expected there.
Result<OvsdbConfig> parse_ovsdb_config(std::string_view text, const std::string& file_name);

}  // namespace weft::net
