// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/client/txn.h"

#include <algorithm>

namespace weft::ovsdb::client {
namespace {

using codec::Json;
using codec::JsonArray;
using codec::JsonObject;

Json uuid_json(const Uuid& uuid) { return Json::array({"uuid", uuid.to_string()}); }
Json where_uuid(Json uuid) { return Json::array({Json::array({"_uuid", "==", std::move(uuid)})}); }

/// The column can hold the value; one of a newer schema than the server's may not.
bool fits(const ColumnType& type, const Datum& value) {
    const auto all_of_type = [](const Datum::Atoms& atoms, AtomType wanted) {
        return std::ranges::all_of(atoms, [&](const Atom& atom) { return atom.type() == wanted; });
    };
    if (!value.empty() && value.is_map() != type.is_map()) return false;
    return all_of_type(value.keys(), type.key.type) &&
           all_of_type(value.values(), type.value ? type.value->type : AtomType::integer) &&
           type.check(value).has_value();
}

bool holds_uuids(const ColumnType& type) {
    return type.key.type == AtomType::uuid || (type.value && type.value->type == AtomType::uuid);
}

const std::string* string_member(const Json& json, std::string_view name) {
    const auto* member = json.find(name);
    return member ? member->string() : nullptr;
}

/// The uuid of an insert's result.
std::optional<Uuid> inserted_uuid(const Json& result) {
    const auto* pair = result.find("uuid") ? result.find("uuid")->array() : nullptr;
    const auto* text = pair && pair->size() == 2 ? (*pair)[1].string() : nullptr;
    if (!text) return std::nullopt;
    const auto uuid = Uuid::parse(*text);
    return uuid ? std::optional(*uuid) : std::nullopt;
}

/// Whether `operations()` stops here with this error.
Outcome failure(const Json& result) {
    Outcome out{.error_json = result};
    const auto* error = string_member(result, "error");
    const auto* details = string_member(result, "details");
    out.error = (error ? *error : "malformed result") + (details ? ": " + *details : "");
    out.status = error && *error == "timed out"   ? Outcome::Status::try_again
                 : error && *error == "not owner" ? Outcome::Status::not_locked
                                                  : Outcome::Status::error;
    return out;
}

}  // namespace

std::string new_row_name(const Uuid& uuid) {
    std::string name = "row" + uuid.to_string();
    std::ranges::replace(name, '-', '_');
    return name;
}

Json name_new_rows(const Json& value, const std::set<Uuid>& new_rows) {
    const auto* items = value.array();
    if (!items) return value;
    if (items->size() == 2 && (*items)[0] == Json("uuid") && (*items)[1].string())
        if (const auto uuid = Uuid::parse(*(*items)[1].string()); uuid && new_rows.contains(*uuid))
            return Json::array({"named-uuid", new_row_name(*uuid)});
    JsonArray out;
    for (const auto& item : *items) out.push_back(name_new_rows(item, new_rows));
    return out;
}

Txn::Txn(const View& view, uint64_t seed) : view_(view), prng_(seed) {}

bool Txn::set_datum(const TableSchema& table, const Uuid& row, std::string_view column, Datum value) {
    const auto* schema = table.find(column);
    if (!schema || schema->index < first_user_column || !fits(schema->type, value)) return false;
    auto& writes = rows_[{table.name, row}];
    const auto current = writes.is_new ? RowView{} : view_.find(table.index, row);
    if (writes.is_new ? value == schema->default_value : current && current.datum(column) == value) {
        writes.columns.erase(std::string(column));
        return true;
    }
    writes.columns.insert_or_assign(std::string(column), std::move(value));
    return true;
}

Uuid Txn::insert(std::string_view table) {
    const Uuid uuid = Uuid::random(prng_);
    insert_as(table, uuid);
    return uuid;
}

void Txn::insert_as(std::string_view table, const Uuid& uuid, bool keep_uuid) {
    auto& writes = rows_[{std::string(table), uuid}];
    writes.is_new = true;
    writes.keeps_uuid = keep_uuid;
    new_rows_.insert(uuid);
}

void Txn::erase(std::string_view table, const Uuid& row) { rows_[{std::string(table), row}].erased = true; }

bool Txn::mutate(const RowView& row, std::string_view column, std::string_view mutator,
                 const Datum& operand) {
    const auto* schema = row.table().find(column);
    if (!schema || schema->index < first_user_column) return false;
    if (operand.empty()) return true;
    // What is removed from a map by its keys alone is a set.
    ColumnType type = schema->type;
    if (!operand.is_map()) type.value.reset();
    const Json value = holds_uuids(type) ? to_wire(operand.to_json(type)) : operand.to_json(type);
    rows_[{row.table().name, row.uuid()}].mutations.push_back(Json::array({column, mutator, value}));
    return true;
}

bool Txn::add(const RowView& row, std::string_view column, Datum elements) {
    return mutate(row, column, "insert", elements);
}
bool Txn::remove(const RowView& row, std::string_view column, Datum elements) {
    return mutate(row, column, "delete", elements);
}

bool Txn::increment(const RowView& row, std::string_view column) {
    CHECK(!increment_);
    if (!row.has(column)) return false;
    increment_ = {row.table().name, std::string(column), row.uuid()};
    return true;
}

void Txn::verify(const RowView& row, std::string_view column) {
    const auto* schema = row.table().find(column);
    if (!schema) return;
    waits_.push_back(Json::object(
        {{"op", "wait"},
         {"table", row.table().name},
         {"timeout", 0},
         {"until", "=="},
         {"where", where_uuid(uuid_json(row.uuid()))},
         {"columns", Json::array({column})},
         {"rows",
          Json::array({Json::object({{column, row.row()->get(schema->index).to_json(schema->type)}})})}}));
}

void Txn::comment(std::string text) {
    if (!comment_.empty()) comment_ += '\n';
    comment_ += text;
}

bool Txn::empty() const {
    return !increment_ && std::ranges::all_of(rows_, [](const auto& entry) {
        const auto& writes = entry.second;
        return !writes.is_new && !writes.erased && writes.columns.empty() && writes.mutations.empty();
    });
}

Json Txn::named(const Uuid& uuid) const {
    return new_rows_.contains(uuid) ? Json::array({"named-uuid", new_row_name(uuid)}) : uuid_json(uuid);
}

void Txn::append_row(JsonArray& out, const Key& key, const RowWrites& writes) const {
    const auto& [table, uuid] = key;
    if (writes.erased) {
        if (!writes.is_new)
            out.push_back(
                Json::object({{"op", "delete"}, {"table", table}, {"where", where_uuid(uuid_json(uuid))}}));
        return;
    }
    JsonObject row;
    for (const auto& [column, value] : writes.columns) {
        const auto& type = view_.schema()->find(table)->find(column)->type;
        row.set(column, holds_uuids(type) ? to_wire(value.to_json(type)) : value.to_json(type));
    }
    if (writes.is_new) {
        JsonObject insert{{"op", "insert"}, {"table", table}, {"uuid-name", new_row_name(uuid)}};
        if (writes.keeps_uuid) insert.set("uuid", uuid.to_string());
        insert.set("row", std::move(row));
        out.emplace_back(std::move(insert));
    } else if (!row.empty())
        out.push_back(Json::object({{"op", "update"},
                                    {"table", table},
                                    {"where", where_uuid(uuid_json(uuid))},
                                    {"row", std::move(row)}}));
    if (!writes.mutations.empty())
        out.push_back(Json::object({{"op", "mutate"},
                                    {"table", table},
                                    {"where", where_uuid(named(uuid))},
                                    {"mutations", writes.mutations}}));
}

JsonArray Txn::operations(std::string_view lock) const {
    JsonArray out;
    if (!lock.empty()) out.push_back(Json::object({{"op", "assert"}, {"lock", lock}}));
    out.insert(out.end(), waits_.begin(), waits_.end());
    for (const auto& [key, writes] : rows_) append_row(out, key, writes);
    if (increment_) {
        const Json where = where_uuid(uuid_json(increment_->row));
        out.push_back(
            Json::object({{"op", "mutate"},
                          {"table", increment_->table},
                          {"where", where},
                          {"mutations", Json::array({Json::array({increment_->column, "+=", 1})})}}));
        out.push_back(Json::object({{"op", "select"},
                                    {"table", increment_->table},
                                    {"where", where},
                                    {"columns", Json::array({increment_->column})}}));
    }
    if (!comment_.empty()) out.push_back(Json::object({{"op", "comment"}, {"comment", comment_}}));
    return out;
}

Outcome Txn::read_results(const JsonArray& results, std::string_view lock) const {
    for (const auto& result : results)
        if (result.find("error")) return failure(result);
    const JsonArray operations = this->operations(lock);
    if (results.size() < operations.size())
        return {.status = Outcome::Status::error, .error = "too few results"};

    Outcome out{.status = Outcome::Status::success};
    std::map<std::string, Uuid> names;
    for (const auto& uuid : new_rows_) names.emplace(new_row_name(uuid), uuid);
    for (size_t i = 0; i < operations.size(); ++i) {
        const auto& op = *string_member(operations[i], "op");
        if (op == "insert") {
            const auto uuid = inserted_uuid(results[i]);
            if (!uuid) return failure(results[i]);
            out.inserted.emplace(names.at(*string_member(operations[i], "uuid-name")), *uuid);
        } else if (op == "select") {
            const auto* rows = results[i].find("rows") ? results[i].find("rows")->array() : nullptr;
            const auto* value = rows && rows->size() == 1 ? rows->front().find(increment_->column) : nullptr;
            if (value && value->integer()) out.incremented = *value->integer();
        }
    }
    return out;
}

}  // namespace weft::ovsdb::client
