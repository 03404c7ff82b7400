// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/change_json.h"

#include <algorithm>

#include "ovsdb/members.h"

namespace weft::ovsdb {
namespace {

using codec::Json;
using codec::JsonObject;

/// Stored columns that ovs-vswitchd and OVN's daemons write: ovs-vswitchd.conf.db(5), ovn-nb(5), ovn-sb(5).
struct StateColumn {
    std::string_view database, table, column;
};
constexpr StateColumn state_columns[] = {
    {"Open_vSwitch", "Bridge", "datapath_version"},
    {"Open_vSwitch", "Datapath", "capabilities"},
    {"Open_vSwitch", "Datapath", "datapath_version"},
    {"Open_vSwitch", "Interface", "cfm_flap_count"},
    {"Open_vSwitch", "Interface", "error"},
    {"Open_vSwitch", "Interface", "ofport"},
    {"Open_vSwitch", "Open_vSwitch", "cur_cfg"},
    {"Open_vSwitch", "Open_vSwitch", "datapath_types"},
    {"Open_vSwitch", "Open_vSwitch", "dpdk_initialized"},
    {"Open_vSwitch", "Open_vSwitch", "dpdk_version"},
    {"Open_vSwitch", "Open_vSwitch", "iface_types"},
    {"Open_vSwitch", "Open_vSwitch", "next_cfg"},
    {"Open_vSwitch", "Port", "bond_active_slave"},
    {"OVN_Northbound", "Logical_Switch_Port", "dynamic_addresses"},
    {"OVN_Northbound", "Logical_Switch_Port", "up"},
    {"OVN_Northbound", "NB_Global", "hv_cfg"},
    {"OVN_Northbound", "NB_Global", "hv_cfg_timestamp"},
    {"OVN_Northbound", "NB_Global", "nb_cfg"},
    {"OVN_Northbound", "NB_Global", "nb_cfg_timestamp"},
    {"OVN_Northbound", "NB_Global", "sb_cfg"},
    {"OVN_Northbound", "NB_Global", "sb_cfg_timestamp"},
    {"OVN_Southbound", "Chassis", "nb_cfg"},
    {"OVN_Southbound", "Chassis_Private", "nb_cfg"},
    {"OVN_Southbound", "Chassis_Private", "nb_cfg_timestamp"},
    {"OVN_Southbound", "SB_Global", "nb_cfg"},
};

bool is_default(const Row& row, const ColumnSchema& column) {
    return row[column.index] == column.default_value;
}

OpResult<RowPtr> parse_row(const Json& json, const TableSchema& table, const Uuid& uuid) {
    RowEdit edit(table, uuid);
    for (const auto& [name, value] : *json.object()) {
        const ColumnSchema* column = table.find(name);
        if (!column || column->index < first_user_column)
            return syntax_error(json, "unknown column",
                                "No column " + name + " in table " + table.name + ".");
        edit.set(column->index, TRY(parse_datum(value, column->type)));
    }
    return std::move(edit).take();
}

OpResult<RowChange> parse_row_change(const codec::JsonMember& member, const TableSchema& table) {
    const auto uuid = Uuid::parse(member.key);
    if (!uuid) return syntax_error(Json(member.key), "\"" + member.key + "\" is not a valid UUID");
    Members m(member.value, "change of row " + member.key);
    const Json* old_json = m.optional("old", Kind::object);
    const Json* new_json = m.optional("new", Kind::object);
    if (!old_json && !new_json) m.complain("neither \"old\" nor \"new\" is there");
    TRY(m.finish());
    RowChange out{table.index, *uuid, nullptr, nullptr};
    if (old_json) out.before = TRY(parse_row(*old_json, table, *uuid));
    if (new_json) out.after = TRY(parse_row(*new_json, table, *uuid));
    return out;
}

}  // namespace

bool is_state(const Schema& schema, const TableSchema& table, const ColumnSchema& column) {
    return column.is_ephemeral || std::ranges::any_of(state_columns, [&](const StateColumn& s) {
               return s.column == column.name && s.table == table.name && s.database == schema.name;
           });
}

bool changes_configuration(const RowChange& change, const Schema& schema) {
    if (!change.before || !change.after) return true;
    const TableSchema& table = schema.tables[change.table];
    for (const ColumnSchema& column : table.columns) {
        if (column.index < first_user_column) continue;
        const Datum &before = (*change.before)[column.index], &after = (*change.after)[column.index];
        if (!before.same(after) && before != after && !is_state(schema, table, column)) return true;
    }
    return false;
}

Json change_json(const Changes& changes, const Schema& schema, ChangeJsonOptions options) {
    JsonObject out;
    for (const RowChange& change : changes.rows) {
        const TableSchema& table = schema.tables[change.table];
        JsonObject old_json, new_json;
        for (const ColumnSchema& column : table.columns) {
            if (column.index < first_user_column) continue;
            if (!options.with_state && is_state(schema, table, column)) continue;
            const bool differs = change.before && change.after &&
                                 (*change.before)[column.index] != (*change.after)[column.index];
            if (change.before && (change.after ? differs : !is_default(*change.before, column)))
                old_json.set(column.name, (*change.before)[column.index].to_json(column.type));
            if (change.after && (change.before ? differs : !is_default(*change.after, column)))
                new_json.set(column.name, (*change.after)[column.index].to_json(column.type));
        }
        if (change.before && change.after && new_json.empty()) continue;
        JsonObject row;
        if (change.before) row.set("old", std::move(old_json));
        if (change.after) row.set("new", std::move(new_json));
        Json& rows = out[table.name];
        if (rows.is_null()) rows = JsonObject();
        rows.object()->set(change.uuid.to_string(), std::move(row));
    }
    return out;
}

OpResult<Changes> parse_change_json(const Json& json, const Schema& schema) {
    if (!json.is_object()) return syntax_error(json, "object expected");
    Changes out;
    for (const auto& member : *json.object()) {
        const TableSchema* table = schema.find(member.key);
        if (!table) return syntax_error(json, "unknown table", "No table named " + member.key + ".");
        if (!member.value.is_object()) return syntax_error(member.value, "object expected");
        for (const auto& row : *member.value.object()) out.rows.push_back(TRY(parse_row_change(row, *table)));
    }
    return out;
}

std::string row_name(const TableSchema& table, const Row& row) {
    const auto value_of = [&](const ColumnSchema* column) -> std::string {
        if (!column || column->type.is_map() || column->type.max != 1) return {};
        const Datum& value = row[column->index];
        return value.empty() || value.scalar().type() == AtomType::uuid ? std::string() : value.to_bare();
    };
    if (!table.indexes.empty() && table.indexes[0].size() == 1)
        if (auto name = value_of(&table.columns[table.indexes[0][0]]); !name.empty()) return name;
    for (const char* column : {"name", "target"})
        if (auto name = value_of(table.find(column)); !name.empty()) return name;
    return table.max_rows == 1 ? std::string() : row.uuid().to_string().substr(0, 8);
}

}  // namespace weft::ovsdb
