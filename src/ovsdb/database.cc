// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/database.h"

#include "base/hash.h"
#include "ovsdb/sharded_map.h"

namespace weft::ovsdb {
namespace {

struct WeakReferrer {
    TableIndex table;
    Uuid uuid;
    bool operator==(const WeakReferrer&) const = default;
};

struct UuidHash {
    using is_avalanching = void;  // std::hash<Uuid> mixes well
    size_t operator()(const Uuid& u) const noexcept { return std::hash<Uuid>{}(u); }
};

struct IndexHash {  // of an index_hash()
    using is_avalanching = void;
    size_t operator()(uint64_t h) const noexcept { return h; }
};

/// The rows whose indexed columns have one hash: almost always one.
struct Indexed {
    Uuid first;
    std::unique_ptr<std::vector<Uuid>> more;
};

class Index {
  public:
    void add(uint64_t hash, const Uuid& uuid) {
        Indexed* there = rows_.find(hash);
        if (!there) {
            rows_[hash].first = uuid;
            return;
        }
        if (!there->more) there->more = std::make_unique<std::vector<Uuid>>();
        there->more->push_back(uuid);
    }
    /// It must be there.
    void remove(uint64_t hash, const Uuid& uuid) {
        Indexed* there = rows_.find(hash);
        CHECK(there);
        if (!there->more) {
            CHECK(there->first == uuid);
            return rows_.erase(hash);
        }
        auto& more = *there->more;
        if (there->first != uuid) {
            const auto it = std::ranges::find(more, uuid);
            CHECK(it != more.end());
            std::swap(*it, there->first);
        }
        there->first = more.back();
        more.pop_back();
        if (more.empty()) there->more.reset();
    }
    void for_each(uint64_t hash, const std::function<void(const Uuid&)>& on_row) const {
        const Indexed* there = rows_.find(hash);
        if (!there) return;
        on_row(there->first);
        if (!there->more) return;
        for (const Uuid& uuid : *there->more) on_row(uuid);
    }

  private:
    ShardedMap<uint64_t, Indexed, IndexHash> rows_;
};

}  // namespace

/// Per table, by table index.
struct Database::References {
    struct Table {
        ShardedMap<Uuid, size_t, UuidHash> strong;  ///< only counts that are not 0
        ShardedMap<Uuid, std::vector<WeakReferrer>, UuidHash> weak;
        std::vector<Index> indexes;
    };
    std::vector<Table> tables;
};

void for_each_reference(const ColumnSchema& column, RefType strength, const Datum& value,
                        const OnReference& on_reference) {
    const auto visit = [&](const BaseType& type, TableIndex table, const Datum::Atoms& atoms) {
        if (!type.is_ref() || type.ref_type != strength) return;
        for (const Atom& atom : atoms) on_reference(table, atom.uuid());
    };
    visit(column.type.key, column.key_table, value.keys());
    if (column.type.value) visit(*column.type.value, column.value_table, value.values());
}

uint64_t index_hash(const Row& row, const std::vector<ColumnIndex>& columns) {
    uint64_t hash = 0;
    for (const ColumnIndex c : columns) hash = hash_mix(hash, row.get(c).hash());
    return hash;
}

uint64_t index_hash(std::span<const Datum> values) {
    uint64_t hash = 0;
    for (const Datum& value : values) hash = hash_mix(hash, value.hash());
    return hash;
}

Database::Database(SchemaPtr schema)
    : snapshot_(std::move(schema)), references_(std::make_unique<References>()) {
    references_->tables.resize(snapshot_.tables.size());
    for (const TableSchema& t : this->schema().tables)
        references_->tables[t.index].indexes.resize(t.indexes.size());
}

Database::Database(Snapshot rows) : snapshot_(std::move(rows)) {}

Database::~Database() = default;

size_t Database::strong_references(TableIndex table, const Uuid& uuid) const {
    const size_t* count = references_->tables[table].strong.find(uuid);
    return count ? *count : 0;
}

void Database::for_each_weak_referrer(TableIndex table, const Uuid& uuid, const OnRow& on_row) const {
    const auto* referrers = references_->tables[table].weak.find(uuid);
    if (!referrers) return;
    for (const WeakReferrer& r : *referrers) on_row(r.table, r.uuid);
}

void Database::for_each_indexed(TableIndex table, size_t index, uint64_t hash,
                                const std::function<void(const Uuid&)>& on_row) const {
    references_->tables[table].indexes[index].for_each(hash, on_row);
}

void Database::update_references(const RowChange& change) {
    const auto count = [&](TableIndex t, const Uuid& to, int by) {
        if (t == change.table && to == change.uuid) return;  // a row does not keep itself alive
        auto& counts = references_->tables[t].strong;
        if ((counts[to] += static_cast<size_t>(by)) == 0) counts.erase(to);
    };
    const auto refer = [&](TableIndex t, const Uuid& to, bool add) {
        auto& weak = references_->tables[t].weak;
        auto& referrers = weak[to];
        const WeakReferrer me{change.table, change.uuid};
        weak_references_ += add ? 1 : static_cast<size_t>(-1);
        if (add) return referrers.push_back(me);
        referrers.erase(std::ranges::find(referrers, me));
        if (referrers.empty()) weak.erase(to);
    };
    for (const ColumnSchema& column : schema().tables[change.table].columns) {
        if (column.key_table == no_table && column.value_table == no_table) continue;
        const Datum before = change.before ? change.before->get(column.index) : Datum();
        const Datum after = change.after ? change.after->get(column.index) : Datum();
        if (before.same(after)) continue;
        const Datum gone = set_minus(before, after), come = set_minus(after, before);
        for_each_reference(column, RefType::strong, gone, [&](auto t, auto& to) { count(t, to, -1); });
        for_each_reference(column, RefType::strong, come, [&](auto t, auto& to) { count(t, to, 1); });
        for_each_reference(column, RefType::weak, gone, [&](auto t, auto& to) { refer(t, to, false); });
        for_each_reference(column, RefType::weak, come, [&](auto t, auto& to) { refer(t, to, true); });
    }
}

void Database::update_indexes(const RowChange& change) {
    const TableSchema& table = schema().tables[change.table];
    for (size_t i = 0; i < table.indexes.size(); ++i) {
        auto& index = references_->tables[change.table].indexes[i];
        const auto hash = [&](const RowPtr& row) { return index_hash(*row, table.indexes[i]); };
        if (change.before && change.after && hash(change.before) == hash(change.after)) continue;
        if (change.before) index.remove(hash(change.before), change.uuid);
        if (change.after) index.add(hash(change.after), change.uuid);
    }
}

void Database::update_counts(const RowChange& change) {
    const auto atoms = [](const Datum& d) { return d.is_map() ? 2 * d.size() : d.size(); };
    const Row *before = change.before.get(), *after = change.after.get();
    const size_t n = schema().tables[change.table].columns.size() - first_user_column;
    for (size_t i = 0; i < n; ++i) {
        if (before && after && before->datums()[i].same(after->datums()[i])) continue;
        if (before) atoms_ -= atoms(before->datums()[i]);
        if (after) atoms_ += atoms(after->datums()[i]);
    }
}

void Database::commit(const Changes& changes) {
    changes.apply_to(snapshot_);
    for (const RowChange& change : changes.rows) {
        update_references(change);
        update_indexes(change);
        update_counts(change);
    }
}

}  // namespace weft::ovsdb
