// SPDX-License-Identifier: Apache-2.0
// The transact method (RFC 7047 4.1.3 and 5.2): operations in, results and changes out; nothing is changed.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/prng.h"
#include "base/time.h"
#include "ovsdb/access.h"
#include "ovsdb/row_search.h"

namespace weft::ovsdb {

struct TransactOptions {
    Prng& prng;  ///< for the uuids of new rows and versions
    bool read_only = false;
    Identity identity = {};
    /// Time since the request came in: decides whether a "wait" has waited long enough.
    Duration elapsed{};
    /// Whether the client owns the lock, for "assert".
    std::function<bool(const std::string& lock)> owns_lock = [](const std::string&) { return false; };
    const RowSearch* search = nullptr;  ///< what was found already, of the same version
};

/// Value type.
struct TransactResult {
    enum class Status {
        done,     ///< commit `changes` (they may be empty), then reply
        failed,   ///< reply; there are no changes
        blocked,  ///< a "wait" waits: run the whole again when the database changes or at `deadline`
    };
    Status status = Status::done;
    std::string results;  ///< JSON text of the array of results
    Changes changes;
    bool durable = false;                   ///< reply only after the changes are on the disk
    std::optional<Duration> deadline = {};  ///< since the request came in; nullopt: wait for ever
};

/// `operations` are the request's params from element `first` on.
TransactResult transact(const Database& db, const codec::JsonArray& operations, size_t first,
                        const TransactOptions& options);

}  // namespace weft::ovsdb
