// SPDX-License-Identifier: Apache-2.0
// Where a database lives, as the server sees it; store/ implements it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

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

/// Contents, maybe of another schema, that are to take the place of what is stored. Resource type: what has
/// not taken its place goes. Whoever has it may write from any thread while the storage takes appends.
class Replacement {
  public:
    virtual ~Replacement() = default;
    /// All; in the place of what was written before.
    virtual Result<> write(const Snapshot& snapshot, const std::string& comment) = 0;
    /// What has changed since.
    virtual Result<> append(const Changes& changes) = 0;
    /// On the storage's thread, while the storage is there; durable when it returns.
    virtual Result<> take_place() = 0;
};

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
    virtual std::unique_ptr<Replacement> replacement() = 0;
    /// All at once.
    Result<> replace(const Snapshot& snapshot, const std::string& comment) {
        const auto instead = replacement();
        TRY(instead->write(snapshot, comment));
        return instead->take_place();
    }
};

}  // namespace weft::ovsdb
