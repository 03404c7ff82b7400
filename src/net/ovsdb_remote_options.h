// SPDX-License-Identifier: Apache-2.0
// How a database server serves one remote.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"

namespace weft::net {

/// Value type.
struct OvsdbRemoteOptions {
    Duration max_backoff = 8s;
    std::optional<Duration> probe_interval = {};  ///< unset: 5 s, and none on Unix sockets
    bool read_only = false;
    std::string role = {};             ///< of all who come by it (ovsdb::Identity)
    std::optional<uint8_t> dscp = {};  ///< of what is sent (RFC 2474); unset: the system's
    bool operator==(const OvsdbRemoteOptions&) const = default;
};

}  // namespace weft::net
