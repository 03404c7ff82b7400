// SPDX-License-Identifier: Apache-2.0
// How a database lies in etcd: the names of its keys and what stands under them. Pure.
//
//   PREFIX/base             Base: the newest snapshot
//   PREFIX/snapshot/ID/N    the chunks of a snapshot: schema, line end, record of all rows; if there are any,
//                           line end, array of the notes of the log's entries that still matter
//   PREFIX/log/INDEX        the entries after it, JSON; a large one is {"parts": N} instead, and lies in
//   PREFIX/part/INDEX/ID/N  its parts, which were written before
//   PREFIX/head             the index of the newest entry; whoever appends compares its revision
//   PREFIX/writer           who uploads parts: nobody else may append meanwhile
//   PREFIX/leader, PREFIX/lock/NAME, PREFIX/server/SID   bound to the lease of a server
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ovsdb/cluster.h"
#include "ovsdb/database.h"

namespace weft::store::etcd {

/// "etcd://HOST[:PORT][,HOST[:PORT]...]/PREFIX"
struct Address {
    std::vector<std::string> endpoints;  ///< host:port
    std::string prefix;                  ///< ends with a slash
};
bool is_address(std::string_view text);
Result<Address> parse_address(std::string_view text);

/// More than this is split: etcd takes requests of 1.5 MB.
constexpr size_t part_size = 1u << 20;
std::vector<std::string> split(std::string_view text);

struct Base {
    Uuid cid;
    Uuid snapshot;       ///< its id
    size_t chunks = 0;   ///< of the snapshot
    uint64_t index = 0;  ///< of the last entry that is in it
    Uuid last;           ///< the id of that entry
};
std::string format_base(const Base& base);
Result<Base> parse_base(std::string_view text);

std::string snapshot_text(const ovsdb::Snapshot& contents, const std::vector<codec::Json>& notes);
Result<ovsdb::ClusterContents> parse_snapshot(std::string_view text);

std::string format_entry(const ovsdb::ClusterProposal& proposal);
/// In place of an entry that is in parts.
std::string format_parts(const Uuid& id, size_t count);
struct LogValue {
    ovsdb::ClusterEntry entry;  ///< of one in parts: the id alone
    size_t parts = 0;
};
Result<LogValue> parse_log_value(std::string_view text);

/// The index or number at the end of a key, or just before the next slash, as the keys below write it.
std::string hex(uint64_t number);
std::optional<uint64_t> parse_hex(std::string_view digits);
std::string log_key(uint64_t index);
std::string part_key(uint64_t index, const Uuid& id, size_t number);
std::string snapshot_key(const Uuid& id, size_t number);
/// The end of the range of all keys that begin with `prefix`, which ends with a slash.
std::string end_of(std::string prefix);

}  // namespace weft::store::etcd
