// SPDX-License-Identifier: Apache-2.0
// The log of a clustered database, as the server sees it: several servers append to it, and all of them make
// the same transactions of it in the same order. store/ implements it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "codec/json.h"
#include "ovsdb/change_log.h"
#include "ovsdb/database.h"

namespace weft::ovsdb {

/// One place in the log: transactions that one server made at once, or a conversion.
struct ClusterEntry {
    Uuid id;                            ///< the same on all servers
    std::vector<codec::Json> records;   ///< format_record()'s; of a conversion, all rows as one
    std::optional<codec::Json> schema;  ///< of a conversion: the database is only that and `records` now
    std::vector<codec::Json> notes;     ///< record_of()'s: what waits for a confirmation, and how that ended
};

/// What the log says as a whole.
struct ClusterContents {
    std::unique_ptr<Database> db;
    Uuid last;                       ///< the id of the last entry that is in it
    std::vector<codec::Json> notes;  ///< of all entries
    RecentTransactions past;
};

/// Makes of `contents` what they are after the entry. After an error they are of no use.
Result<> apply_entry(const ClusterEntry& entry, ClusterContents& contents);

/// What a server would append.
struct ClusterProposal {
    Uuid id;
    std::vector<std::string> records;     ///< JSON texts
    std::string schema = {};              ///< JSON text; empty: no conversion
    std::set<std::string> locks = {};     ///< that must be held when it is appended
    std::vector<std::string> notes = {};  ///< JSON texts
};

/// Belongs to the shell; one thread, the server's. Answers come later, never from within a call, by
/// Server::cluster_entry() and the like; after any number of them comes Server::cluster_changed().
class Cluster {
  public:
    struct State {
        bool connected = false;
        bool leader = false;
        Uuid cid, sid;
        uint64_t index = 0;  ///< of the last entry the server was told of
    };

    virtual ~Cluster() = default;
    virtual State state() const = 0;
    /// Now, since 1970.
    virtual int64_t date_ms() const = 0;
    /// Why the cluster is not connected.
    virtual std::string complaint() const = 0;
    /// Makes it the entry after state().index, unless another server's comes first: then the proposal is
    /// void.
    virtual void propose(ClusterProposal proposal) = 0;
    /// Server::cluster_caught_up() comes after all entries that are in the log at the time of the call.
    virtual void catch_up() = 0;

    // Locks are held by servers; which of its clients has it is each server's own affair.

    virtual bool holds(const std::string& lock) const = 0;
    /// From now on the lock is taken whenever it is free. May be repeated.
    virtual void want(const std::string& lock) = 0;
    /// Takes the lock from whoever has it; implies want().
    virtual void steal(const std::string& lock) = 0;
    /// The end of want(); holds() is false from now on.
    virtual void release(const std::string& lock) = 0;
};

}  // namespace weft::ovsdb
