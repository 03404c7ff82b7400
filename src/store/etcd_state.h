// SPDX-License-Identifier: Apache-2.0
// What an EtcdDatabase keeps while something is under way; for etcd_*.cc only.
#pragma once

#include "store/etcd_database.h"

namespace weft::store::etcd {

constexpr Duration retry_interval = 200ms;  ///< while etcd does not answer
constexpr Duration refused_interval = 2s;   ///< after an answer that another try hardly changes

/// Reads all keys as they were at one revision, page by page.
struct EtcdDatabase::Loading {
    Keys keys;
    std::string from;  ///< the next key
    int64_t limit;     ///< of the next page
};

/// The server's proposal on its way to the log.
struct EtcdDatabase::Pending {
    Uuid id;
    std::set<std::string> locks;
    std::string text;                ///< what stands in the log
    std::vector<std::string> parts;  ///< of a large one, uploaded before
    size_t uploaded = 0;
    bool is_sending = false;
};

struct EtcdDatabase::Compaction {
    Base base;
    int64_t revision;       ///< at which the database said what the snapshot says
    int64_t base_revision;  ///< that it replaces
    std::move_only_function<void(Result<>)> done;
};

}  // namespace weft::store::etcd
