// SPDX-License-Identifier: Apache-2.0
// weft/ovsdb_cpp.h: follow a database of an OVSDB server, and write to it, from C++17 or newer. Link with
// -lweft-ovsdb (pkg-config weft-ovsdb).
//
//     weft::db::Database db("unix:/run/openvswitch/db.sock,tcp:10.0.0.2", "Open_vSwitch", {{"Bridge"}});
//     for (weft::db::View seen;;) {
//         const weft::db::View view = db.wait(seen);
//         for (const weft::db::Change& change : view.changes(seen, "Bridge")) ...
//         seen = view;
//     }
//     db.transact([](weft::db::Transaction& txn) {
//         const auto bridge = txn.view().find("Bridge", "name", "br0").front();
//         txn.set(bridge, "fail_mode", std::optional<std::string>("secure"));
//     });
//
// It is all in this header, over the functions of weft/ovsdb.h: what a program is linked with is C, so that
// programs and libraries of different compilers and standard libraries fit. What that header says of views,
// transactions and fork() holds here.
//
// Threads: one Database, and one View, Row or Change, may be used by any number of threads at once, while
// none assigns to it or ends it; a Transaction belongs to one thread at a time. Copies of a View share what
// they say, each copy may be another thread's. A Database must outlive the calls made on it, not its views.
//
// Errors are exceptions: Error, its code a weft_ovsdb_code; NotDone of transact().
//
// Values: integers are int64_t, reals double, besides bool, std::string and Uuid (of references, too).
// Optional ones are std::optional of these, sets std::set or std::vector, maps std::map. std::string_view may
// stand for std::string; what is read so is good as long as some copy of the View is.
#pragma once

#include <weft/ovsdb_cpp_values.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weft::db {

/// How a transaction ended.
enum class Status {
    unchanged = WEFT_OVSDB_UNCHANGED,
    success = WEFT_OVSDB_SUCCESS,
    incomplete = WEFT_OVSDB_INCOMPLETE,
    try_again = WEFT_OVSDB_TRY_AGAIN,
    not_locked = WEFT_OVSDB_NOT_LOCKED,
    uncertain = WEFT_OVSDB_UNCERTAIN,
    refused = WEFT_OVSDB_REFUSED
};

/// A transaction that did not succeed.
class NotDone : public Error {
  public:
    NotDone(Status status, const std::string& text) : Error(WEFT_OVSDB_OK, text), status_(status) {}
    Status status() const { return status_; }

  private:
    Status status_;
};

/// Of waits; negative: as long as it takes.
using Timeout = std::chrono::milliseconds;
inline constexpr Timeout forever{-1};

namespace detail {

inline int milliseconds(Timeout timeout) {
    constexpr Timeout most{1'000'000'000};
    return static_cast<int>((timeout < most ? timeout : most).count());
}

}  // namespace detail

/// Value type; keeps its version alive. Made by View and Change.
class Row {
  public:
    Row() = default;
    Row(std::shared_ptr<const void> owner, weft_ovsdb_row row) : owner_(std::move(owner)), row_(row) {}
    explicit operator bool() const { return row_.held != nullptr; }

    Uuid uuid() const { return weft_ovsdb_row_uuid(row_); }
    std::string table() const { return weft_ovsdb_row_table(row_); }
    template <class T>
    T get(const char* column) const {
        weft_ovsdb_value value;
        detail::checked(weft_ovsdb_row_get(row_, column, &value));
        return detail::Column<T>::read(value, table() + ":" + column);
    }
    /// As weft/ovsdb.h has it, for whatever get() does not do.
    const weft_ovsdb_row& raw() const { return row_; }

  private:
    std::shared_ptr<const void> owner_;
    weft_ovsdb_row row_{};
};

enum class ChangeKind {
    inserted = WEFT_OVSDB_INSERTED,
    modified = WEFT_OVSDB_MODIFIED,
    deleted = WEFT_OVSDB_DELETED
};

/// Value type.
struct Change {
    ChangeKind kind;
    Row before, after;  ///< none before it is inserted, none after it is deleted

    const Row& row() const { return after ? after : before; }
    /// The column differs; of an inserted or deleted row any does that is not at its default.
    bool touches(const char* column) const {
        const weft_ovsdb_change change{static_cast<int32_t>(kind), before.raw(), after.raw()};
        return weft_ovsdb_change_touches(&change, column);
    }
};

/// One version of a database; value type, copies are cheap. Without contents before it is assigned to.
class View {
  public:
    View() = default;
    explicit View(weft_ovsdb_view* made) : view_(made, weft_ovsdb_view_free) {}
    explicit operator bool() const { return view_ != nullptr; }

    bool is_current() const { return weft_ovsdb_view_is_current(raw()); }
    bool has_lock() const { return weft_ovsdb_view_has_lock(raw()); }
    bool lock_is_contended() const { return weft_ovsdb_view_lock_is_contended(raw()); }
    std::string schema() const { return weft_ovsdb_view_schema(raw()); }  ///< JSON

    /// All rows of a followed table, in the order of their uuids.
    std::vector<Row> rows(const char* table) const {
        const weft_ovsdb_row* found = nullptr;
        size_t count = 0;
        detail::checked(weft_ovsdb_view_rows(raw(), table, &found, &count));
        return owned(found, count);
    }
    /// Those of which the column has the value, by an index.
    template <class T>
    std::vector<Row> find(const char* table, const char* column, const T& value) const {
        const weft_ovsdb_atom atom = detail::Scalar<T>::to(value);
        const weft_ovsdb_row* found = nullptr;
        size_t count = 0;
        detail::checked(weft_ovsdb_view_find(raw(), table, &column, &atom, 1, &found, &count));
        return owned(found, count);
    }
    /// The row of a uuid; an error if there is none.
    Row row(const char* table, const Uuid& uuid) const {
        weft_ovsdb_row found;
        detail::checked(weft_ovsdb_view_row(raw(), table, uuid, &found));
        return {view_, found};
    }
    /// The rows that differ from an older version; from none, all are inserted. `table` null: of all tables.
    std::vector<Change> changes(const View& before, const char* table = nullptr) const;

    const weft_ovsdb_view* raw() const { return view_.get(); }

  private:
    std::vector<Row> owned(const weft_ovsdb_row* rows, size_t count) const {
        std::vector<Row> out;
        out.reserve(count);
        for (size_t i = 0; i < count; ++i) out.emplace_back(view_, rows[i]);
        return out;
    }

    std::shared_ptr<const weft_ovsdb_view> view_;
};

inline std::vector<Change> View::changes(const View& before, const char* table) const {
    weft_ovsdb_changes* made = nullptr;
    detail::checked(weft_ovsdb_changes_between(before.raw(), raw(), table, &made));
    const std::shared_ptr<const weft_ovsdb_changes> owner(made, weft_ovsdb_changes_free);
    std::vector<Change> out;
    out.reserve(weft_ovsdb_changes_count(made));
    for (size_t i = 0; i < weft_ovsdb_changes_count(made); ++i) {
        const weft_ovsdb_change one = weft_ovsdb_changes_at(made, i);
        const auto row = [&](const weft_ovsdb_row& side) { return side.held ? Row(owner, side) : Row(); };
        out.push_back({static_cast<ChangeKind>(one.kind), row(one.before), row(one.after)});
    }
    return out;
}

/// A table to follow.
struct Table {
    std::string name;
    std::vector<std::string> columns = {};  ///< empty: all
    std::string where = {};                 ///< conditions as JSON (RFC 7047 5.1); empty: all rows
};

/// Files in PEM for ssl: remotes; `ca_cert` "none": the server is not checked.
struct Tls {
    std::string private_key, certificate, ca_cert;
};

struct Options {
    bool leader_only = true;  ///< in a cluster, any member will do if not
    std::chrono::milliseconds probe_interval{5000};
    std::string lock = {};  ///< empty: none
    std::optional<Tls> tls = {};
};

class Transaction;

/// A replica of a database. Resource type: it is where it was made.
class Database {
  public:
    /// `tables` empty: all. It connects from now on.
    Database(const std::string& remotes, const std::string& database, const std::vector<Table>& tables = {},
             const Options& options = {});
    ~Database() { weft_ovsdb_free(db_); }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// The newest version, once it is another than `seen`; an Error of code WEFT_OVSDB_TIMED_OUT else.
    View wait(const View& seen = {}, Timeout timeout = forever) {
        weft_ovsdb_view* view = nullptr;
        detail::checked(weft_ovsdb_wait(db_, seen.raw(), detail::milliseconds(timeout), &view));
        return View(view);
    }
    /// As wait(), without waiting.
    std::optional<View> newer(const View& seen) {
        weft_ovsdb_view* view = nullptr;
        const int code = weft_ovsdb_wait(db_, seen.raw(), 0, &view);
        if (code == WEFT_OVSDB_TIMED_OUT) return std::nullopt;
        detail::checked(code);
        return View(view);
    }
    /// For poll(): readable when newer() may have something.
    int fd() const { return weft_ovsdb_fd(db_); }

    /// Has `build` write to a transaction, and commits it: anew, on a newer version, as long as what it
    /// verified changes meanwhile. NotDone if it does not succeed. `timeout` is of each wait.
    void transact(const std::function<void(Transaction&)>& build, Timeout timeout = forever);

    /// `where` empty: all rows.
    void set_condition(const char* table, const std::string& where) {
        detail::checked(weft_ovsdb_set_condition(db_, table, where.empty() ? nullptr : where.c_str()));
    }
    /// Empty: none.
    void set_lock(const std::string& name) {
        detail::checked(weft_ovsdb_set_lock(db_, name.empty() ? nullptr : name.c_str()));
    }
    void reconnect() { detail::checked(weft_ovsdb_reconnect(db_)); }

    weft_ovsdb* raw() { return db_; }

  private:
    void follow(const Table& table);

    weft_ovsdb* db_ = nullptr;
};

/// Operations on the rows of a version. Resource type.
class Transaction {
  public:
    Transaction(Database& db, View view) : view_(std::move(view)) {
        detail::checked(weft_ovsdb_txn_new(db.raw(), view_.raw(), &txn_));
    }
    ~Transaction() { weft_ovsdb_txn_free(txn_); }
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    const View& view() const { return view_; }
    /// A new row; the uuid stands for it in this transaction, as a reference, too.
    Uuid insert(const char* table) {
        Uuid out;
        detail::checked(weft_ovsdb_txn_insert(txn_, table, &out));
        return out;
    }
    template <class T>
    void set(const char* table, const Uuid& row, const char* column, const T& value) {
        const detail::Elements e = detail::Column<T>::write(value);
        detail::checked(
            weft_ovsdb_txn_set(txn_, table, row, column, e.keys.data(), e.mapped(), e.keys.size()));
    }
    template <class T>
    void set(const Row& row, const char* column, const T& value) {
        set(row.table().c_str(), row.uuid(), column, value);
    }
    /// Whatever the column holds by then: "insert" and "delete" elements (of a map also by keys), "+=", "-=",
    /// "*=", "/=", "%=".
    template <class T>
    void mutate(const Row& row, const char* column, const char* mutator, const T& value) {
        const detail::Elements e = detail::Column<T>::write(value);
        detail::checked(weft_ovsdb_txn_mutate(txn_, row.table().c_str(), row.uuid(), column, mutator,
                                              e.keys.data(), e.mapped(), e.keys.size()));
    }
    void erase(const Row& row) {
        detail::checked(weft_ovsdb_txn_delete(txn_, row.table().c_str(), row.uuid()));
    }
    /// It is not done (Status::try_again) unless the column still holds what it has in the version.
    void verify(const Row& row, const char* column) {
        detail::checked(weft_ovsdb_txn_verify(txn_, row.table().c_str(), row.uuid(), column));
    }
    /// For the server's log.
    void comment(const std::string& text) { detail::checked(weft_ovsdb_txn_comment(txn_, text.c_str())); }

    /// Sends it and waits for the outcome; error() explains it.
    Status commit(Timeout timeout = forever) {
        const int code = detail::checked(weft_ovsdb_txn_commit(txn_, detail::milliseconds(timeout)));
        error_ = code == WEFT_OVSDB_SUCCESS || code == WEFT_OVSDB_UNCHANGED ? "" : weft_ovsdb_error();
        return static_cast<Status>(code);
    }
    const std::string& error() const { return error_; }
    /// After success: the row's own uuid, of what insert() gave.
    Uuid inserted(const Uuid& uuid) const {
        Uuid out;
        detail::checked(weft_ovsdb_txn_inserted(txn_, uuid, &out));
        return out;
    }

  private:
    View view_;
    weft_ovsdb_txn* txn_ = nullptr;
    std::string error_;
};

inline Database::Database(const std::string& remotes, const std::string& database,
                          const std::vector<Table>& tables, const Options& options) {
    detail::checked(weft_ovsdb_new(remotes.c_str(), database.c_str(), &db_));
    try {
        for (const Table& table : tables) follow(table);
        if (const auto& tls = options.tls)
            detail::checked(weft_ovsdb_set_tls(db_, tls->private_key.c_str(), tls->certificate.c_str(),
                                               tls->ca_cert.c_str()));
        detail::checked(weft_ovsdb_set_leader_only(db_, options.leader_only));
        detail::checked(
            weft_ovsdb_set_probe_interval(db_, static_cast<unsigned>(options.probe_interval.count())));
        if (!options.lock.empty()) set_lock(options.lock);
        detail::checked(weft_ovsdb_start(db_));
    } catch (...) {
        weft_ovsdb_free(db_);
        throw;
    }
}

inline void Database::follow(const Table& table) {
    std::vector<const char*> columns;
    for (const std::string& column : table.columns) columns.push_back(column.c_str());
    columns.push_back(nullptr);
    detail::checked(weft_ovsdb_follow(db_, table.name.c_str(),
                                      table.columns.empty() ? nullptr : columns.data(),
                                      table.where.empty() ? nullptr : table.where.c_str()));
}

inline void Database::transact(const std::function<void(Transaction&)>& build, Timeout timeout) {
    for (View view = wait({}, timeout);; view = wait(view, timeout)) {
        Transaction txn(*this, view);
        build(txn);
        const Status status = txn.commit(timeout);
        if (status == Status::success || status == Status::unchanged) return;
        if (status != Status::try_again) throw NotDone(status, txn.error());
    }
}

}  // namespace weft::db
