// SPDX-License-Identifier: Apache-2.0
// The engine against a model that knows no indexes, no reference counts and no versions: the same random
// transactions have the same outcome. What clients see of it: store/server_model_test.cc.
#include <gtest/gtest.h>

#include <map>

#include "codec/json_text.h"
#include "ovsdb/convert.h"
#include "ovsdb/invariants.h"
#include "ovsdb/mutation.h"
#include "ovsdb/random_transactions.h"
#include "ovsdb/transaction.h"

namespace weft::ovsdb {
namespace {

using codec::Json;
using codec::JsonArray;
using testing::Choices;
using testing::print;
using testing::RandomTransactions;

SchemaPtr schema() { return *parse_schema_text(testing::rich_schema, "rich_schema"); }

/// Executes by scanning; a transaction works on a copy of everything.
class Model : public NamedUuids {
  public:
    using Values = std::vector<Datum>;  ///< of user columns
    using Rows = std::map<Uuid, Values>;
    using Tables = std::vector<Rows>;

    explicit Model(SchemaPtr s) : schema_(std::move(s)), tables_(schema_->tables.size()) {}

    bool run(const JsonArray& operations) {
        const Tables before = tables_;
        names_.clear();
        inserted_.clear();
        for (const Json& op : operations)
            if (!run_one(op, before)) return tables_ = before, false;
        if (finish(before)) return true;
        tables_ = before;
        return false;
    }
    const Tables& tables() const { return tables_; }

    Uuid named_uuid(std::string_view name) override {
        auto& uuid = names_[std::string(name)];
        if (uuid.is_zero()) uuid.b[15] = static_cast<uint8_t>(names_.size()), uuid.b[14] = 0xee;
        return uuid;
    }

  private:
    RowPtr as_row(const TableSchema& t, const Uuid& uuid, const Values& values) const {
        RowEdit edit(t, uuid);
        for (size_t i = 0; i < values.size(); ++i)
            edit.set(static_cast<ColumnIndex>(i + first_user_column), values[i]);
        return std::move(edit).take();
    }
    bool assign(const TableSchema& t, const Json& row, Values& values, bool inserting) {
        for (const auto& [name, value] : *row.object()) {
            const ColumnSchema* column = t.find(name);
            if (!column || (!inserting && !column->is_mutable)) return false;
            const auto datum = parse_datum(value, column->type, this);
            if (!datum) return false;
            values[column->index - first_user_column] = *datum;
        }
        return true;
    }
    bool run_one(const Json& op, const Tables& before) {
        const TableSchema& t = *schema_->find(*op.find("table")->string());
        const std::string& name = *op.find("op")->string();
        Rows& rows = tables_[t.index];
        if (name == "insert") return insert(op, t, rows, before);
        std::vector<Mutation> mutations;
        Values checked(t.columns.size() - first_user_column);
        if (name == "update" && !assign(t, *op.find("row"), checked, false)) return false;
        if (name == "mutate")
            for (const Json& m : *op.find("mutations")->array()) {
                const auto mutation = Mutation::parse(m, t, this);
                if (!mutation) return false;
                mutations.push_back(*mutation);
            }
        const auto condition = Condition::parse(*op.find("where"), t, this);
        if (!condition) return false;
        std::vector<Uuid> matching;
        for (const auto& [uuid, values] : rows)
            if (condition->matches_all(*as_row(t, uuid, values))) matching.push_back(uuid);
        for (const Uuid& uuid : matching) {
            if (name == "delete") rows.erase(uuid);
            if (name == "update") assign(t, *op.find("row"), rows[uuid], false);
            for (const Mutation& m : mutations) {
                Datum& value = rows[uuid][m.column() - first_user_column];
                const auto mutated = m.apply(value);
                if (!mutated) return false;
                value = *mutated;
            }
        }
        return true;
    }
    bool insert(const Json& op, const TableSchema& t, Rows& rows, const Tables& before) {
        const Uuid uuid = *Uuid::parse(*op.find("uuid")->string());
        if (rows.contains(uuid) || before[t.index].contains(uuid)) return false;
        if (const Json* name = op.find("uuid-name")) {
            if (!inserted_.insert(*name->string()).second) return false;
            names_[*name->string()] = uuid;
        }
        Values values;
        for (size_t i = first_user_column; i < t.columns.size(); ++i)
            values.push_back(t.columns[i].default_value);
        if (!assign(t, *op.find("row"), values, true)) return false;
        rows[uuid] = std::move(values);
        return true;
    }

    bool finish(const Tables& before) {
        if (!strong_references_exist()) return false;
        while (remove_one_garbage_row(before)) {
        }
        for (const TableSchema& t : schema_->tables)
            if (tables_[t.index].size() > t.max_rows) return false;
        return remove_dead_weak_references() && indexes_are_unique();
    }
    template <class F>
    void for_each_value(F f) {
        for (const TableSchema& t : schema_->tables)
            for (auto& [uuid, values] : tables_[t.index])
                for (size_t i = 0; i < values.size(); ++i)
                    f(t, uuid, t.columns[i + first_user_column], values[i]);
    }
    bool strong_references_exist() {
        bool exist = true;
        for_each_value([&](const TableSchema&, const Uuid&, const ColumnSchema& c, const Datum& d) {
            for_each_reference(c, RefType::strong, d,
                               [&](TableIndex to, const Uuid& u) { exist &= tables_[to].contains(u); });
        });
        return exist;
    }
    /// Rows that nobody refers to; but a circle of rows that was there before stays, as with Open vSwitch.
    bool remove_one_garbage_row(const Tables&) {
        std::map<std::pair<TableIndex, Uuid>, int> count;
        for_each_value([&](const TableSchema& t, const Uuid& from, const ColumnSchema& c, const Datum& d) {
            for_each_reference(c, RefType::strong, d, [&](TableIndex to, const Uuid& u) {
                count[{to, u}] += to != t.index || u != from;
            });
        });
        for (const TableSchema& t : schema_->tables) {
            if (schema_->is_root(t)) continue;
            for (const auto& [uuid, values] : tables_[t.index])
                if (count[{t.index, uuid}] == 0) return tables_[t.index].erase(uuid) > 0;
        }
        return false;
    }
    bool remove_dead_weak_references() {
        bool ok = true;
        for_each_value([&](const TableSchema&, const Uuid&, const ColumnSchema& c, Datum& d) {
            const auto dead = [&](const BaseType& type, TableIndex to, const Atom& a) {
                return type.is_weak_ref() && !tables_[to].contains(a.uuid());
            };
            DatumBuilder kept(c.type.is_map());
            for (size_t i = 0; i < d.size(); ++i) {
                if (dead(c.type.key, c.key_table, d.keys()[i])) continue;
                if (!c.type.is_map())
                    kept.add(d.keys()[i]);
                else if (!dead(*c.type.value, c.value_table, d.values()[i]))
                    kept.add(d.keys()[i], d.values()[i]);
            }
            if (kept.size() == d.size()) return;
            ok &= kept.size() >= c.type.min;
            d = kept.build();
        });
        return ok;
    }
    bool indexes_are_unique() {
        for (const TableSchema& t : schema_->tables)
            for (const auto& index : t.indexes) {
                std::set<std::string> seen;
                for (const auto& [uuid, values] : tables_[t.index]) {
                    std::string key;
                    for (const ColumnIndex c : index)
                        key += values[c - first_user_column].to_text(t.columns[c].type) + "\n";
                    if (!seen.insert(key).second) return false;
                }
            }
        return true;
    }

    SchemaPtr schema_;
    Tables tables_;
    std::map<std::string, Uuid> names_;
    std::set<std::string> inserted_;
};

std::string print(const Schema& schema, const Model::Tables& tables) {
    std::string out;
    for (const TableSchema& t : schema.tables)
        for (const auto& [uuid, values] : tables[t.index]) {
            out += t.name + " " + uuid.to_string();
            for (size_t i = 0; i < values.size(); ++i)
                out += " " + values[i].to_text(t.columns[i + first_user_column].type);
            out += "\n";
        }
    return out;
}

class Seeded : public ::testing::TestWithParam<uint64_t> {};

TEST_P(Seeded, transactions_do_what_the_model_does) {
    const SchemaPtr s = schema();
    Database db(s);
    Model model(s);
    RandomTransactions random(s, Choices(GetParam()));
    Prng prng(GetParam());
    Snapshot some_time_ago = db.snapshot();
    size_t done = 0, failed = 0;
    for (int step = 0; step < 500; ++step) {
        const JsonArray operations = random.transaction();
        JsonArray params = operations;
        params.insert(params.begin(), "T");
        RowSearch search(db.snapshot(), params, 0);
        search.advance(some_time_ago);
        search.advance(db.snapshot());
        if (random.choices().one_in(10)) some_time_ago = db.snapshot();
        const auto result = transact(db, operations, 0, {.prng = prng, .search = &search});
        const bool ok = result.status == TransactResult::Status::done;
        db.commit(result.changes);
        ASSERT_EQ(ok, model.run(operations)) << codec::format_json(Json(operations)) << "\n"
                                             << result.results;
        ASSERT_EQ(print(db.snapshot()), print(*s, model.tables())) << codec::format_json(Json(operations));
        ASSERT_EQ(testing::find_violation(db), "");
        ++(ok ? done : failed);
    }
    EXPECT_GT(done, 130u);  // a generator that only makes errors proves nothing
    EXPECT_GT(failed, 30u);
}

/// rich_schema, in which less keeps rows alive, and without a column.
SchemaPtr other_schema() {
    std::string text(testing::rich_schema);
    const std::string column =
        R"("st":{"type":{"key":{"type":"uuid","refTable":"C"},"min":0,"max":"unlimited"}},)";
    text.erase(text.find(column), column.size());
    return *parse_schema_text(text, "other_schema");
}

TEST_P(Seeded, a_conversion_that_follows_ends_like_one_made_at_once) {
    size_t followed = 0, anew = 0;
    for (const SchemaPtr& to : {schema(), other_schema()}) {
        Database db(schema());
        RandomTransactions random(db.snapshot().schema, Choices(GetParam()));
        Prng prng(GetParam());
        Conversion conversion(to, prng);
        Snapshot file;
        for (int step = 0; step < 300; ++step) {
            db.commit(transact(db, random.transaction(), 0, {.prng = prng}).changes);
            if (!random.choices().one_in(5)) continue;
            const auto changes = conversion.advance(db.snapshot());
            const auto at_once = convert(db.snapshot(), to, prng);
            ASSERT_EQ(changes.has_value(), at_once.has_value());
            if (!changes) continue;
            ++(*changes ? followed : anew);
            *changes ? (*changes)->apply_to(file) : void(file = conversion.database().snapshot());
            ASSERT_EQ(print(conversion.database().snapshot()), print((*at_once)->snapshot()));
            ASSERT_EQ(print(file), print((*at_once)->snapshot()));
            ASSERT_EQ(testing::find_violation(conversion.database()), "");
        }
    }
    EXPECT_GT(followed, 20u);
    EXPECT_GT(anew, 5u);
}

INSTANTIATE_TEST_SUITE_P(Model, Seeded, ::testing::Values(1, 2, 3));

}  // namespace
}  // namespace weft::ovsdb
