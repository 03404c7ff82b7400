// SPDX-License-Identifier: Apache-2.0
// What a server knows of the keys of its database in etcd, and how it learns of changes.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "store/etcd_client.h"
#include "store/etcd_format.h"

namespace weft::store::etcd {

/// A key that one server has by its lease.
struct Holder {
    std::string value;  ///< which server and lease
    int64_t revision = 0;
};

/// Value type. Names are without the prefix.
struct Keys {
    int64_t revision = 0;  ///< of etcd's store: all up to this is known
    Base base;
    int64_t base_revision = 0, head_revision = 0;  ///< 0: not there
    std::map<uint64_t, std::string> log;           ///< entries that are not taken yet
    std::map<std::string, std::string> parts;      ///< of those and of entries to come
    std::map<std::string, Holder> holders;         ///< of leader, writer, lock/NAME
    std::map<std::string, std::string> servers;    ///< by the name below server/
    std::map<std::string, std::string> snapshot;   ///< chunks, while the database is loaded
    uint64_t log_size = 0;                         ///< bytes of all entries since the snapshot

    /// Takes in what one key says now.
    void set(std::string name, KeyValue kv);
    void erase(const std::string& name);
    /// The entry of that index as it is to be taken, its parts put together; nullopt: not there yet.
    Result<std::optional<ovsdb::ClusterEntry>> entry(uint64_t index) const;
    /// It has been taken.
    void forget_entry(uint64_t index);
    /// What the base's snapshot says; the chunks are gone after it.
    Result<ovsdb::ClusterContents> load_snapshot();
};

}  // namespace weft::store::etcd
