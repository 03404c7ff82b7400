// SPDX-License-Identifier: Apache-2.0
// What happened to a database: its newest transactions, and those that are to be taken back unless they are
// confirmed.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "ovsdb/snapshot.h"

namespace weft::ovsdb {

/// Where the records of a ChangeLog live; store/ implements it. Resource type.
class ChangeLogStore {
  public:
    virtual ~ChangeLogStore() = default;
    /// One line of JSON; durable when it returns.
    virtual Result<> append(const std::string& record) = 0;
};

/// The newest transactions that changed more than state. Resource type.
class RecentTransactions {
  public:
    /// Beyond these, older ones are forgotten.
    static constexpr size_t max_transactions = 1000, max_bytes = 12 << 20;

    struct Transaction {
        Changes changes;
        int64_t date_ms = 0;          ///< since 1970
        size_t bytes = 0;             ///< of memory, about
        mutable std::string id = {};  ///< found out when it is first asked for
    };
    void add(const Schema& schema, const Changes& changes, int64_t date_ms);
    void clear();
    const std::deque<Transaction>& all() const { return all_; }

  private:
    std::deque<Transaction> all_;
    size_t bytes_ = 0;
};

/// Resource type, one thread; pure. A transaction that needs a confirmation is recorded before it is made
/// (begin()), and once more when its fate is known (end()), so that after a restart at any moment each that
/// is neither confirmed nor taken back is pending, maybe one that was never made: taking that back does
/// nothing.
class ChangeLog {
  public:
    using Transaction = RecentTransactions::Transaction;
    static constexpr size_t max_ended = 200;
    static constexpr int64_t max_within_ms = int64_t{7} * 24 * 3600 * 1000;

    struct Options {
        std::function<int64_t()> date_ms;            ///< now, in ms since 1970
        std::unique_ptr<ChangeLogStore> store = {};  ///< null: nothing can be made that needs a confirmation
        std::vector<codec::Json> records = {};       ///< what the store has
        RecentTransactions past = {};                ///< of earlier runs
    };
    struct Pending {
        std::string id, comment;
        int64_t date_ms = 0, deadline_ms = 0, within_ms = 0;
        codec::Json changes;  ///< change_json()
        Time due{};
        bool in_hand = false;                     ///< taken back, but not on the disk yet
        std::vector<std::string> conflicts = {};  ///< of that
    };
    /// How one that needed a confirmation ended.
    struct Ended {
        std::string id;
        std::string how;  ///< "confirmed", "rolled back", "failed" (details say why) or "not made"
        int64_t date_ms = 0;
        std::vector<std::string> details = {};
    };

    ChangeLog(Options options, Time now);

    int64_t date_ms() const { return options_.date_ms(); }
    bool can_wait() const { return options_.store != nullptr; }

    /// Of the transaction that is made next; stays the same up to add() or forget_date().
    int64_t next_date_ms() { return next_date_ms_ ? next_date_ms_ : next_date_ms_ = date_ms(); }
    void forget_date() { next_date_ms_ = 0; }
    void set_next_date_ms(int64_t date_ms) { next_date_ms_ = date_ms; }
    /// What was committed.
    void add(const Schema& schema, const Changes& changes) {
        options_.past.add(schema, changes, next_date_ms());
        forget_date();
    }
    /// The schema is another one from now on. What is pending stays.
    void forget_transactions() { options_.past.clear(); }
    const std::deque<Transaction>& transactions() const { return options_.past.all(); }
    /// 12 hex digits that name the transaction, in this run and in later ones.
    static std::string id_of(const Changes& changes, const Schema& schema, int64_t date_ms);
    const std::string& id_of(const Transaction& transaction, const Schema& schema) const;
    /// By the beginning of its id (at least 4 digits). Errors name the remedy.
    Result<const Transaction*> find(std::string_view id, const Schema& schema) const;

    /// Pending ones, by when they were made.
    const std::list<Pending>& pending() const { return pending_; }
    const std::deque<Ended>& ended() const { return ended_; }
    const Ended* end_of(std::string_view id) const;
    Pending* find_pending(std::string_view id);
    /// The first not in hand, or never.
    Time deadline() const;
    /// One whose changes and these overlap(); null if there is none.
    const Pending* overlapping(const codec::Json& changes, std::string_view but_for = {}) const;

    /// Durable when it returns.
    Result<> begin(Pending pending);
    Result<> end(Ended ended);
    /// An end as of now; it is not made by this.
    Ended ending(std::string id, std::string how, std::vector<std::string> details = {}) const {
        return {std::move(id), std::move(how), date_ms(), std::move(details)};
    }
    /// What a record says that is durable elsewhere.
    void take(const codec::Json& record, Time now);
    /// What makes another of this kind: of what is pending, and of how the newest ended.
    std::vector<codec::Json> records() const;

  private:
    Options options_;
    int64_t next_date_ms_ = 0;  ///< 0: not asked for yet
    std::list<Pending> pending_;
    std::deque<Ended> ended_;
};

codec::Json record_of(const ChangeLog::Pending& pending);
codec::Json record_of(const ChangeLog::Ended& ended);

/// Whether both, of change_json(), change the same column of a row, or of a set or map in it the same element
/// or key.
bool overlap(const codec::Json& a, const codec::Json& b);

/// The records that say what `records` says of what is pending and of how the newest ended, without the rest.
std::vector<codec::Json> condense(const std::vector<codec::Json>& records);

}  // namespace weft::ovsdb
