// SPDX-License-Identifier: Apache-2.0
#include "sdk/transaction.h"

#include <atomic>

namespace weft::sdk {

using ovsdb::client::Outcome;
using ovsdb::client::RowView;
using ovsdb::client::Txn;

namespace {

/// The uuids that stand for new rows differ from transaction to transaction.
uint64_t next_seed() {
    static std::atomic<uint64_t> seed{0};
    return ++seed;
}

int explain(int status, std::string text) {
    report(WEFT_OVSDB_OK, std::move(text));
    return status;
}

}  // namespace

Transaction::Transaction(std::shared_ptr<Replica> replica, VersionPtr version)
    : replica_(std::move(replica)),
      version_(std::move(version)),
      commit_(std::make_shared<Commit>(Txn(version_->view(), next_seed()))) {}

Transaction::~Transaction() {
    if (submitted_) replica_->forget(*commit_);
}

Checked<const FollowedTable*> Transaction::open_table(const char* name) const {
    if (submitted_) return refuse(WEFT_OVSDB_BAD_ARGUMENT, "the transaction was committed already");
    return version_->layout()->table(name);
}

Checked<RowView> Transaction::old_row(const FollowedTable& table, const Uuid& row) const {
    if (is_new(table, row))
        return refuse(
            WEFT_OVSDB_BAD_ARGUMENT,
            "row " + row.to_string() + " of table " + table.schema->name +
                " is inserted by this transaction: weft_ovsdb_txn_set() and _delete() alone are for it");
    if (auto found = version_->row(table, row)) return found;
    return refuse(WEFT_OVSDB_NOT_FOUND,
                  "table " + table.schema->name + " has no row " + row.to_string() + " in this view");
}

Checked<Uuid> Transaction::insert(const char* table) {
    const auto* followed = TRY(open_table(table));
    const Uuid uuid = commit_->txn.insert(followed->schema->name);
    new_.emplace(followed->schema->name, uuid);
    return uuid;
}

Checked<> Transaction::set(const Cell& cell, const Elements& elements) {
    const auto* table = TRY(open_table(cell.table));
    const auto column = TRY(table->column(cell.column));
    const auto datum = TRY(datum_of(column, elements));
    if (!is_new(*table, cell.row)) TRY(old_row(*table, cell.row));
    if (!commit_->txn.set(table->schema->name, cell.row, column.schema.name, datum))
        return refuse(WEFT_OVSDB_BAD_VALUE, column.name + " cannot hold the value");
    return {};
}

Checked<> Transaction::mutate(const Cell& cell, const char* mutator, const Elements& elements) {
    const auto* table = TRY(open_table(cell.table));
    const auto column = TRY(table->column(cell.column));
    const auto operation = TRY(text_of(mutator, "mutator"));
    const auto operand = TRY(operand_of(column, operation, elements));
    const auto row = TRY(old_row(*table, cell.row));
    commit_->txn.mutate(row, column.schema.name, operation, operand);
    return {};
}

Checked<> Transaction::erase(const char* table, const Uuid& row) {
    const auto* followed = TRY(open_table(table));
    if (!is_new(*followed, row)) TRY(old_row(*followed, row));
    commit_->txn.erase(followed->schema->name, row);
    return {};
}

Checked<> Transaction::verify(const Cell& cell) {
    const auto* table = TRY(open_table(cell.table));
    const auto column = TRY(table->column(cell.column));
    commit_->txn.verify(TRY(old_row(*table, cell.row)), column.schema.name);
    return {};
}

Checked<> Transaction::comment(const char* text) {
    if (submitted_) return refuse(WEFT_OVSDB_BAD_ARGUMENT, "the transaction was committed already");
    commit_->txn.comment(std::string(TRY(text_of(text, "comment"))));
    return {};
}

int Transaction::commit(int timeout_ms) {
    if (!submitted_) replica_->submit(commit_);
    submitted_ = true;
    outcome_ = replica_->wait(*commit_, timeout_ms);
    if (!outcome_) return explain(WEFT_OVSDB_INCOMPLETE, "there is no answer yet");
    switch (outcome_->status) {
        case Outcome::Status::unchanged:
            return WEFT_OVSDB_UNCHANGED;
        case Outcome::Status::success:
            return WEFT_OVSDB_SUCCESS;
        case Outcome::Status::not_locked:
            return explain(WEFT_OVSDB_NOT_LOCKED, "the lock is not held");
        case Outcome::Status::error:
            return explain(WEFT_OVSDB_REFUSED, outcome_->error);
        case Outcome::Status::try_again:
            // What a server said is in error_json; without a word of it, what was sent may have arrived.
            return explain(
                commit_->sent && outcome_->error_json.is_null() ? WEFT_OVSDB_UNCERTAIN : WEFT_OVSDB_TRY_AGAIN,
                outcome_->error);
    }
    CHECK(false);
}

Checked<Uuid> Transaction::inserted(const Uuid& uuid) const {
    if (!outcome_ || outcome_->status != Outcome::Status::success)
        return refuse(WEFT_OVSDB_BAD_ARGUMENT, "the transaction has not succeeded");
    const auto found = outcome_->inserted.find(uuid);
    if (found == outcome_->inserted.end())
        return refuse(WEFT_OVSDB_NOT_FOUND, "the transaction inserted no row " + uuid.to_string());
    return found->second;
}

}  // namespace weft::sdk
