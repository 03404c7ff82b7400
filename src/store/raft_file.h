// SPDX-License-Identifier: Apache-2.0
// The records of Open vSwitch's clustered database files (ovsdb(5), "Clustered Format"): to be read, so that
// a cluster can move over; nothing here takes part in one.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "codec/json.h"

namespace weft::store {

/// Addresses by server id; value type.
using RaftServers = std::map<Uuid, std::string>;

/// The first record of a file; value type.
struct RaftHeader {
    Uuid server_id;
    std::string local_address, name;
    Uuid cluster_id = {};  ///< zero: not known yet
    std::vector<std::string> remote_addresses =
        {};                                  ///< some: has joined no cluster yet; what follows is empty
    uint64_t prev_term = 0, prev_index = 0;  ///< up to where the snapshot goes
    RaftServers prev_servers = {};
    std::optional<uint64_t> prev_election_timer = {};  ///< ms
    codec::Json prev_data = {};                        ///< [schema, transaction]
    Uuid prev_eid = {};

    bool has_joined() const { return remote_addresses.empty(); }
};

struct RaftEntry {
    uint64_t term, index;
    std::optional<RaftServers> servers = {};
    std::optional<uint64_t> election_timer = {};  ///< ms
    std::optional<codec::Json> data = {};         ///< [schema or null, transaction or null]
    Uuid eid = {};                                ///< of the data
    bool operator==(const RaftEntry&) const = default;
};
struct RaftTerm {
    uint64_t term;
};
struct RaftVote {
    uint64_t term;
    Uuid server;
};
struct RaftLeader {
    uint64_t term;
    Uuid server;
};
struct RaftCommit {
    uint64_t index;
};
struct RaftNote {
    std::string text;
};

/// Any other record; value type.
struct RaftRecord {
    std::string comment;
    std::variant<RaftEntry, RaftTerm, RaftVote, RaftLeader, RaftCommit, RaftNote> what;
};

/// An error tells which member is wrong.
Result<RaftHeader> parse_raft_header(const codec::Json& json);
Result<RaftRecord> parse_raft_record(const codec::Json& json);

/// Whether a file that is a database is one of a cluster.
Result<bool> is_raft_file(std::string_view contents, const std::string& path);
/// The first record of a clustered database file.
Result<RaftHeader> read_raft_header(std::string_view contents, const std::string& path);

/// A whole file; value type.
struct RaftFile {
    std::string path;
    RaftHeader header;
    std::vector<RaftRecord> records;
    std::string warning = {};  ///< why the rest of the file was not read; empty: all of it was
};
/// Refused if it is no clustered database, or its first record is not well-formed.
Result<RaftFile> parse_raft_file(std::string_view contents, const std::string& path);

/// Entries by index, those that the snapshot holds and those that a new leader replaced left out.
using RaftLog = std::map<uint64_t, const RaftEntry*>;
RaftLog raft_log(const RaftFile& file);

}  // namespace weft::store
