// SPDX-License-Identifier: Apache-2.0
// The operations of a transaction (RFC 7047 5.2), one function each.
#pragma once

#include <map>
#include <string>

#include "ovsdb/access.h"
#include "ovsdb/members.h"
#include "ovsdb/transaction.h"
#include "ovsdb/working_set.h"

namespace weft::ovsdb {

/// Resource type: one transaction while it runs.
class Operations : public NamedUuids {
  public:
    Operations(const Database& db, const TransactOptions& options)
        : options_(options), work_(db, options.search), access_(work_, options.identity) {}

    /// What an operation that cannot go on means.
    struct Stop {
        std::optional<OpError> error;           ///< the transaction fails; if not, a "wait" waits ...
        std::optional<Duration> blocked_until;  ///< ... until then since the request came in, or for ever
    };
    template <class T = void>
    using StopResult = std::expected<T, Stop>;

    /// Runs one operation and appends its result, an object, to `results`. `m` has read nothing but "op".
    StopResult<> run(std::string_view op, const codec::Json& json, Members& m, std::string& results);

    WorkingSet& work() { return work_; }
    const std::string& comment() const { return comment_; }
    bool durable() const { return durable_; }
    Uuid named_uuid(std::string_view name) override;

  private:
    OpResult<> insert(Members& m, std::string& results);
    OpResult<> select(Members& m, std::string& results);
    OpResult<> update(const codec::Json& json, Members& m, std::string& results);
    OpResult<> mutate(Members& m, std::string& results);
    OpResult<> erase(Members& m, std::string& results);
    StopResult<> wait(Members& m, std::string& results);
    OpResult<bool> wait_is_over(Members& m, const codec::Json*& timeout);
    OpResult<> commit(Members& m, std::string& results);
    OpResult<> abort(Members& m);
    OpResult<> comment(Members& m, std::string& results);
    OpResult<> assert_lock(Members& m, std::string& results);

    const TableSchema* table(Members& m);
    OpResult<Condition> where(const TableSchema& table, const codec::Json& json);
    OpResult<std::vector<std::pair<ColumnIndex, Datum>>> row(const TableSchema& table,
                                                             const codec::Json& json);
    OpResult<Uuid> new_row_uuid(const TableSchema& table, const codec::Json* uuid, const codec::Json* name);

    struct Name {
        Uuid uuid;
        bool inserted = false;
    };
    const TransactOptions& options_;
    WorkingSet work_;
    Access access_;
    std::map<std::string, Name, std::less<>> names_;
    std::string comment_;
    bool durable_ = false;
};

}  // namespace weft::ovsdb
