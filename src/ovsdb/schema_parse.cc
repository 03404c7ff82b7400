// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "ovsdb/members.h"
#include "ovsdb/schema.h"

namespace weft::ovsdb {
namespace {

using codec::Json;

OpResult<> check_name(const Json& json, std::string_view name) {
    if (!is_id(name)) return syntax_error(json, "name must be a valid id");
    if (name.starts_with('_')) return syntax_error(json, "names beginning with \"_\" are reserved");
    return {};
}

OpResult<ColumnSchema> parse_column(const std::string& name, const Json& json) {
    Members m(json, "schema for column " + name);
    const auto* is_mutable = m.optional("mutable", Kind::boolean);
    const auto* is_ephemeral = m.optional("ephemeral", Kind::boolean);
    const auto* type = m.required("type", Kind::string | Kind::object);
    TRY(m.finish());
    ColumnSchema out;
    out.name = name;
    out.type = TRY(parse_type(*type));
    // A weak reference goes when its row goes, so such a column changes whatever the schema says.
    out.is_mutable = !is_mutable || *is_mutable->boolean() || out.type.has_weak_ref();
    out.is_ephemeral = is_ephemeral && *is_ephemeral->boolean();
    out.default_value = out.type.default_datum();
    out.has_bad_default = !out.type.check(out.default_value);
    return out;
}

void add_builtin_columns(TableSchema& table) {
    for (const char* name : {"_uuid", "_version"}) {
        ColumnSchema column;
        column.name = name;
        column.type = ColumnType::scalar_of(AtomType::uuid);
        column.is_mutable = false;
        column.is_ephemeral = column.name == "_version";
        column.default_value = column.type.default_datum();
        table.columns.push_back(std::move(column));
    }
}

OpResult<> parse_index(const Json& table_json, const Json& json, TableSchema& table) {
    std::vector<ColumnIndex> columns;
    if (!json.is_array()) return syntax_error(json, "array of distinct column names expected");
    for (const Json& item : *json.array()) {
        if (!item.is_string()) return syntax_error(json, "array of distinct column names expected");
        const ColumnSchema* column = table.find(*item.string());
        if (!column) return syntax_error(json, *item.string() + " is not a valid column name");
        if (std::ranges::find(columns, column->index) != columns.end())
            return syntax_error(json, "array of distinct column names expected");
        columns.push_back(column->index);
    }
    if (columns.empty()) return syntax_error(table_json, "index must have at least one column");
    for (const ColumnIndex c : columns)
        if (table.columns[c].is_ephemeral)
            return syntax_error(
                table_json, "ephemeral columns (such as " + table.columns[c].name + ") may not be indexed");
    table.indexes.push_back(std::move(columns));
    return {};
}

OpResult<TableSchema> parse_table(const std::string& name, const Json& json) {
    Members m(json, "table schema for table " + name);
    const auto* columns = m.required("columns", Kind::object);
    const auto* max_rows = m.optional("maxRows", Kind::integer);
    const auto* is_root = m.optional("isRoot", Kind::boolean);
    const auto* indexes = m.optional("indexes", Kind::array);
    TRY(m.finish());

    TableSchema out;
    out.name = name;
    if (max_rows) {
        if (*max_rows->integer() <= 0) return syntax_error(json, "maxRows must be at least 1");
        out.max_rows = static_cast<uint32_t>(std::min(*max_rows->integer(), int64_t{unlimited}));
    }
    out.is_root = is_root && *is_root->boolean();
    if (columns->object()->empty()) return syntax_error(json, "table must have at least one column");
    add_builtin_columns(out);
    for (const auto& member : *columns->object()) {
        TRY(check_name(json, member.key));
        out.columns.push_back(TRY(parse_column(member.key, member.value)));
    }
    for (ColumnIndex i = 0; i < out.columns.size(); ++i) out.columns[i].index = i;
    if (indexes)
        for (const Json& index : *indexes->array()) TRY(parse_index(json, index, out));
    return out;
}

OpResult<TableIndex> resolve(const Schema& schema, const ColumnSchema& column, const BaseType& base,
                             std::string_view role) {
    if (!base.is_ref()) return no_table;
    if (const TableSchema* table = schema.find(base.ref_table)) return table->index;
    return op_error("syntax error", "column " + column.name + " " + std::string(role) +
                                        " refers to undefined table " + base.ref_table);
}

OpResult<> resolve_references(Schema& schema) {
    for (TableSchema& table : schema.tables)
        for (ColumnSchema& column : table.columns) {
            table.has_strong_ref |= column.type.has_strong_ref();
            table.has_weak_ref |= column.type.has_weak_ref();
            column.key_table = TRY(resolve(schema, column, column.type.key, "key"));
            if (column.type.value)
                column.value_table = TRY(resolve(schema, column, *column.type.value, "value"));
        }
    return {};
}

}  // namespace

OpResult<SchemaPtr> parse_schema(const Json& json) {
    Members m(json, "database schema");
    const auto* name = m.required("name", Kind::id);
    const auto* version = m.optional("version", Kind::string);
    const auto* cksum = m.optional("cksum", Kind::string);
    const auto* tables = m.required("tables", Kind::object);
    TRY(m.finish());

    auto out = std::make_shared<Schema>();
    out->name = *name->string();
    if (version) {
        out->version = *version->string();
        if (!parse_version(out->version))
            return syntax_error(json, "schema version \"" + out->version + "\" not in format x.y.z");
    }
    if (cksum) out->cksum = *cksum->string();
    for (const auto& member : *tables->object()) {
        TRY(check_name(json, member.key));
        out->tables.push_back(TRY(parse_table(member.key, member.value)));
        out->tables.back().index = static_cast<TableIndex>(out->tables.size() - 1);
        out->any_root |= out->tables.back().is_root;
    }
    TRY(resolve_references(*out));
    return SchemaPtr(std::move(out));
}

}  // namespace weft::ovsdb
