// SPDX-License-Identifier: Apache-2.0
// Monitors of one database. Equal ones share the encoding of each update.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ovsdb/lock_table.h"
#include "ovsdb/monitor_update.h"

namespace weft::ovsdb {

using SharedText = std::shared_ptr<const std::string>;

struct MonitorGroup;

/// What a client was told last.
struct Seen {
    Snapshot version;
    Uuid transaction;   ///< that made it
    uint64_t position;  ///< of the server (see Server::position_) at that time
};

/// One client's monitor. Owned by its session, known to its group.
struct Monitor {
    SessionId session;
    std::string id;  ///< JSON text of the id that the client gave it
    MonitorGroup* group = nullptr;
    /// Set while the client is not told of each change: it takes updates too slowly, or is told aside.
    std::optional<Seen> behind = {};
};

/// All monitors with one request.
struct MonitorGroup {
    MonitorRequest request;
    std::vector<Monitor*> members;
};

/// Resource type.
class MonitorGroups {
  public:
    void add(Monitor& monitor, MonitorRequest request);
    void remove(Monitor& monitor);
    /// Calls with each group that is told of the changes and the text to tell.
    template <class F>
    void for_each_told(const Schema& schema, const Changes& changes, F f) const {
        for (const auto& group : groups_) {
            std::string text = format_changes(group->request, schema, changes.rows);
            if (!text.empty()) f(*group, std::make_shared<const std::string>(std::move(text)));
        }
    }
    bool empty() const { return groups_.empty(); }
    size_t size() const { return groups_.size(); }

  private:
    std::vector<std::unique_ptr<MonitorGroup>> groups_;
};

/// Value type: changes one after the other. A copy costs little.
struct Missed {
    std::vector<std::shared_ptr<const Changes>> transactions = {};
    size_t rows = 0;

    /// All in one, each row once.
    Changes merged() const;
};

/// The newest transactions, so that a client that comes back gets only what it missed. Resource type.
class History {
  public:
    static constexpr size_t max_transactions = 100;
    /// Of more rows than this, and than the database has, it keeps none: to send all is less then.
    static constexpr size_t min_rows = 1000;

    /// `now`: the version that the changes made.
    void add(const Uuid& transaction, Changes changes, const Snapshot& now);
    void clear();
    /// What happened after `transaction`; nullopt if it is too long ago or never was.
    std::optional<Missed> since(const Uuid& transaction) const;

  private:
    struct Entry {
        Uuid transaction;
        std::shared_ptr<const Changes> changes;  ///< null in the first: they are of no use
    };
    std::deque<Entry> entries_;
    size_t rows_ = 0;
};

}  // namespace weft::ovsdb
