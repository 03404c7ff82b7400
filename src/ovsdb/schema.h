// SPDX-License-Identifier: Apache-2.0
// <database-schema> of RFC 7047 3.2: tables and their columns.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ovsdb/type.h"

namespace weft::ovsdb {

using TableIndex = uint32_t;
using ColumnIndex = uint32_t;

/// Every table starts with these two columns, which are not part of the schema's text (RFC 7047 3.2).
inline constexpr ColumnIndex uuid_column = 0, version_column = 1, first_user_column = 2;
inline constexpr TableIndex no_table = ~TableIndex{0};

/// Value type.
struct ColumnSchema {
    std::string name;
    ColumnType type;
    bool is_mutable = true;
    bool is_ephemeral = false;
    ColumnIndex index = 0;                                    ///< own place in TableSchema::columns
    TableIndex key_table = no_table, value_table = no_table;  ///< what keys and values refer to
    Datum default_value;                                      ///< type.default_datum(), shared by all rows
    bool has_bad_default = false;                             ///< the default violates the type's constraints

    codec::Json to_json() const;
};

/// Value type.
struct TableSchema {
    std::string name;
    std::vector<ColumnSchema> columns;  ///< _uuid, _version, then the others sorted by name
    uint32_t max_rows = unlimited;
    bool is_root = false;  ///< as the schema says; see Schema::is_root() for what it means
    bool has_strong_ref = false, has_weak_ref = false;  ///< some column
    std::vector<std::vector<ColumnIndex>> indexes;
    TableIndex index = 0;  ///< own place in Schema::tables

    /// Null if there is no such column; finds _uuid and _version too.
    const ColumnSchema* find(std::string_view column) const;
    codec::Json to_json(bool default_is_root) const;
};

/// Value type, immutable once it is parsed: shared as SchemaPtr by databases, replicas and monitors.
struct Schema {
    std::string name;
    std::string version;  ///< "x.y.z", or empty in very old schemas
    std::string cksum;
    std::vector<TableSchema> tables;  ///< sorted by name
    bool any_root = false;            ///< some table has isRoot

    const TableSchema* find(std::string_view table) const;
    /// Rows of a root table live without being referred to. A schema without isRoot has only root tables.
    bool is_root(const TableSchema& table) const { return table.is_root || !any_root; }
    codec::Json to_json() const;
};
using SchemaPtr = std::shared_ptr<const Schema>;

OpResult<SchemaPtr> parse_schema(const codec::Json& json);
/// Of a file's contents; errors name `file_name`.
Result<SchemaPtr> parse_schema_text(std::string_view text, std::string_view file_name);
/// Same tables, columns and types: a database of one schema needs no conversion to the other (version and
/// cksum count, comments and the order of members do not).
bool same_schema(const Schema& a, const Schema& b);

/// "x.y.z" as numbers.
struct SchemaVersion {
    uint32_t x = 0, y = 0, z = 0;
    auto operator<=>(const SchemaVersion&) const = default;
};
Result<SchemaVersion> parse_version(std::string_view text);

}  // namespace weft::ovsdb
