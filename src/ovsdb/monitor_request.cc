// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/monitor_request.h"

#include <algorithm>

#include "ovsdb/members.h"

namespace weft::ovsdb {
namespace {

using codec::Json;

OpResult<SelectSet> parse_select(const Json* json, const std::string& table) {
    if (!json) return select_all;
    Members m(*json, "table " + table + " select");
    SelectSet out = 0;
    const auto read = [&](const char* name, Select one) {
        const Json* wanted = m.optional(name, Kind::boolean);
        if (!wanted || *wanted->boolean()) out |= static_cast<SelectSet>(one);
    };
    read("initial", Select::initial);
    read("insert", Select::insert);
    read("delete", Select::remove);
    read("modify", Select::modify);
    TRY(m.finish());
    return out;
}

OpResult<> add_columns(const Json* names, const TableSchema& table, SelectSet select, MonitoredTable& out) {
    const auto add = [&](const ColumnSchema& column) -> OpResult<> {
        const auto same = [&](const MonitoredColumn& c) { return c.column == column.index; };
        if (std::ranges::any_of(out.columns, same)) {
            const std::string details = "column " + column.name + " mentioned more than once";
            if (names) return syntax_error(*names, details);
            return op_error("syntax error", details);
        }
        out.columns.push_back({column.index, select});
        return {};
    };
    if (!names) {
        for (const ColumnSchema& column : table.columns)
            if (column.index != uuid_column) TRY(add(column));
        return {};
    }
    for (const Json& name : *names->array()) {
        if (!name.is_string()) return syntax_error(*names, "array of column names expected");
        const ColumnSchema* column = table.find(*name.string());
        if (!column) return syntax_error(*names, *name.string() + " is not a valid column name");
        TRY(add(*column));
    }
    return {};
}

/// One <monitor-request> or <monitor-cond-request>; there may be several for a table.
OpResult<> parse_one(const Json& json, const TableSchema& table, UpdateFormat format, MonitoredTable& out) {
    Members m(json, "table " + table.name);
    const Json* where = format == UpdateFormat::update ? nullptr : m.optional("where", Kind::array);
    const Json* names = m.optional("columns", Kind::array);
    const Json* select_json = m.optional("select", Kind::object);
    TRY(m.finish());
    const SelectSet select = TRY(parse_select(select_json, table.name));
    const Condition condition = where ? TRY(Condition::parse(*where, table)) : Condition::any_row();
    out.condition = out.columns.empty() && out.select == 0 ? condition : out.condition.or_else(condition);
    out.select |= select;
    return add_columns(names, table, select, out);
}

}  // namespace

const MonitoredTable* MonitorRequest::find(TableIndex table) const {
    const auto it = std::ranges::lower_bound(tables, table, {}, &MonitoredTable::table);
    return it != tables.end() && it->table == table ? &*it : nullptr;
}

OpResult<MonitorRequest> parse_monitor_request(const Json& json, const Schema& schema, UpdateFormat format) {
    if (!json.is_object()) return syntax_error(json, "monitor-requests must be object");
    MonitorRequest out{.format = format, .tables = {}};
    for (const auto& member : *json.object()) {
        const TableSchema* table = schema.find(member.key);
        if (!table) return op_error("syntax error", "no table named " + member.key);
        MonitoredTable monitored{.table = table->index, .columns = {}, .condition = {}};
        if (const auto* several = member.value.array()) {
            for (const Json& one : *several) TRY(parse_one(one, *table, format, monitored));
        } else {
            TRY(parse_one(member.value, *table, format, monitored));
        }
        std::ranges::sort(monitored.columns, {}, &MonitoredColumn::column);
        out.tables.push_back(std::move(monitored));
    }
    return out;
}

OpResult<MonitorRequest> change_conditions(const Json& json, const Schema& schema, MonitorRequest request) {
    if (!json.is_object()) return op_error("syntax error", "monitor-cond-change-requests must be object");
    for (const auto& member : *json.object()) {
        const TableSchema* table = schema.find(member.key);
        if (!table) return op_error("syntax error", "no table named " + member.key);
        const auto it = std::ranges::find(request.tables, table->index, &MonitoredTable::table);
        if (it == request.tables.end())
            return op_error("syntax error", "no table named " + member.key + " in monitor session");
        if (!member.value.is_array())
            return op_error("syntax error", "table " + member.key + " no monitor-cond-change JSON array");
        for (const Json& one : *member.value.array()) {  // of several the last counts
            Members m(one, "table " + table->name);
            const Json* names = m.optional("columns", Kind::array);
            const Json* where = m.optional("where", Kind::array);
            TRY(m.finish());
            if (names) return syntax_error(one, "changing columns is unsupported");
            it->condition = where ? TRY(Condition::parse(*where, *table)) : Condition::any_row();
        }
    }
    return request;
}

}  // namespace weft::ovsdb
