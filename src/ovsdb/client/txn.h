// SPDX-License-Identifier: Apache-2.0
// Writing by a replica: a transaction is built against a view, sent, and has an outcome.
//
//     Txn txn(view);
//     txn.set(iface, "ofport", 5);
//     txn.set(iface, "statistics", std::map<std::string, int64_t>{{"rx_bytes", 7}});
//     const Uuid port = txn.insert("Port");
//     txn.set("Port", port, "name", "p1");
//     client.commit(std::move(txn), [](const Outcome& outcome) { ... });
#pragma once

#include <concepts>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/prng.h"
#include "ovsdb/client/view.h"

namespace weft::ovsdb::client {

// Datums of plain values.
template <std::integral I>
Datum datum_of(I value) {
    return Datum(Atom(value));
}
inline Datum datum_of(double value) { return Datum(Atom(value)); }
inline Datum datum_of(std::string_view value) { return Datum(Atom(value)); }
inline Datum datum_of(const char* value) { return Datum(Atom(value)); }
inline Datum datum_of(const std::string& value) { return Datum(Atom(std::string_view(value))); }
inline Datum datum_of(const Uuid& value) { return Datum(Atom(value)); }
inline Datum datum_of(Datum value) { return value; }
template <class T>
Datum datum_of(const std::optional<T>& value) {
    return value ? datum_of(*value) : Datum();
}
template <class T>
Datum datum_of(const std::vector<T>& values) {
    std::vector<Atom> atoms;
    for (const auto& v : values) atoms.push_back(datum_of(v).scalar());
    return Datum::set(std::move(atoms));
}
template <class K, class V>
Datum datum_of(const std::map<K, V>& values) {
    std::vector<std::pair<Atom, Atom>> pairs;
    for (const auto& [k, v] : values) pairs.emplace_back(datum_of(k).scalar(), datum_of(v).scalar());
    return Datum::map(std::move(pairs));
}

/// The RFC's <id> that names a row that a transaction inserts, made of a uuid that stands for it.
std::string new_row_name(const Uuid& uuid);
/// A value of a column of uuids, with ["named-uuid", ...] in the place of each of `new_rows`.
codec::Json name_new_rows(const codec::Json& value, const std::set<Uuid>& new_rows);

/// How a transaction ended.
struct Outcome {
    enum class Status : uint8_t {
        unchanged,  ///< there was nothing to do
        success,
        try_again,   ///< the database had changed, or the connection was lost: build it anew from the newest
                     ///< view
        not_locked,  ///< another client holds the lock
        error,       ///< the server refused; trying the same again will not help
    };
    Status status = Status::unchanged;
    std::string error = {};                   ///< as the server words it
    codec::Json error_json = {};              ///< its <error> as it came, if it sent one
    std::map<Uuid, Uuid> inserted = {};       ///< what Txn::insert() returned -> the row's real uuid
    std::optional<int64_t> incremented = {};  ///< the new value of Txn::increment()'s column

    bool ok() const { return status == Status::unchanged || status == Status::success; }
};

/// Value type, moves only where it is committed. Writing what the view already says is dropped. A column that
/// the schema lacks, or that cannot hold the value, is passed over: set() is then false.
class Txn {
  public:
    /// The view is copied: it is what verify() refers to.
    explicit Txn(const View& view, uint64_t seed = 1);

    template <class T>
    bool set(const RowView& row, std::string_view column, const T& value) {
        return set_datum(row.table(), row.uuid(), column, datum_of(value));
    }
    /// Of a row that this transaction inserted.
    template <class T>
    bool set(std::string_view table, const Uuid& row, std::string_view column, const T& value) {
        const auto* schema = view_.schema() ? view_.schema()->find(table) : nullptr;
        return schema && set_datum(*schema, row, column, datum_of(value));
    }

    /// A new row; the uuid stands for it within this transaction (in references, too).
    Uuid insert(std::string_view table);
    /// As insert(), under a uuid of the caller's, which the row will keep if the server knows how to.
    void insert_as(std::string_view table, const Uuid& uuid, bool keep_uuid = false);
    void erase(const RowView& row) { erase(row.table().name, row.uuid()); }
    /// Of a row of the view or of this transaction.
    void erase(std::string_view table, const Uuid& row);

    /// Adds to a set or map, or removes from it, whatever else it holds by then. Keys that are there keep
    /// their value.
    bool add(const RowView& row, std::string_view column, Datum elements);
    bool remove(const RowView& row, std::string_view column, Datum elements);
    /// Any mutation of RFC 7047 5.1.
    bool mutate(const RowView& row, std::string_view column, std::string_view mutator, const Datum& operand);
    /// Adds one to an integer; the new value is in the outcome. One per transaction.
    bool increment(const RowView& row, std::string_view column);

    /// The transaction fails (try_again) unless the column still has the value of the view.
    void verify(const RowView& row, std::string_view column);

    void comment(std::string text);
    bool empty() const;
    const View& view() const { return view_; }

    /// The operations for "transact", without the database's name. `lock` is asserted if not empty.
    codec::JsonArray operations(std::string_view lock = {}) const;
    /// Reads the results of exactly these operations.
    Outcome read_results(const codec::JsonArray& results, std::string_view lock = {}) const;

  private:
    struct RowWrites {
        bool is_new = false, erased = false, keeps_uuid = false;
        std::map<std::string, Datum> columns;
        std::vector<codec::Json> mutations;
    };
    struct Increment {
        std::string table, column;
        Uuid row;
    };
    using Key = std::pair<std::string, Uuid>;  ///< table, row

    bool set_datum(const TableSchema& table, const Uuid& row, std::string_view column, Datum value);
    codec::Json to_wire(const codec::Json& value) const { return name_new_rows(value, new_rows_); }
    void append_row(codec::JsonArray& out, const Key& key, const RowWrites& writes) const;
    codec::Json named(const Uuid& uuid) const;

    View view_;
    Prng prng_;
    std::map<Key, RowWrites> rows_;
    std::set<Uuid> new_rows_;
    std::vector<codec::Json> waits_;
    std::optional<Increment> increment_;
    std::string comment_;
};

}  // namespace weft::ovsdb::client
