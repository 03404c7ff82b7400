// SPDX-License-Identifier: Apache-2.0
// Where a database lives, as the server sees it; store/ implements it.
#pragma once

#include <cstdint>
#include <functional>

#include "ovsdb/snapshot.h"

namespace weft::ovsdb {

/// Runs `work` somewhere, maybe on another thread, and after it `done` on the caller's thread; never before
/// the call returns unless the work is run at once.
using RunAside =
    std::function<void(std::move_only_function<void()> work, std::move_only_function<void()> done)>;
/// Both at once: for tools and tests.
inline RunAside run_at_once() {
    return [](auto work, auto done) {
        work();
        done();
    };
}

/// Resource type.
class Storage {
  public:
    virtual ~Storage() = default;

    /// Called before the changes become visible; an error keeps them from being made. When it returns the
    /// changes survive a crash of the process, but maybe not one of the machine.
    virtual Result<> append(const Changes& changes) = 0;
    /// The date of the next append(), in ms since 1970, for a storage that keeps dates.
    virtual void set_date(int64_t) {}
    /// Makes durable what was appended so far. The server is told by Server::synced(ticket, ...), at once or
    /// later; of several tickets under way each is told.
    virtual void sync(uint64_t ticket) = 0;
    /// Puts a database of another schema in the place of what is stored; durable when it returns.
    virtual Result<> replace(const Snapshot& snapshot, const std::string& comment) = 0;
};

}  // namespace weft::ovsdb
