// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/schema.h"

#include <algorithm>
#include <charconv>

#include "codec/json_text.h"
#include "ovsdb/members.h"

namespace weft::ovsdb {

const ColumnSchema* TableSchema::find(std::string_view column) const {
    if (column == columns[uuid_column].name) return &columns[uuid_column];
    if (column == columns[version_column].name) return &columns[version_column];
    const auto it = std::ranges::lower_bound(columns.begin() + first_user_column, columns.end(), column, {},
                                             &ColumnSchema::name);
    return it != columns.end() && it->name == column ? &*it : nullptr;
}

const TableSchema* Schema::find(std::string_view table) const {
    const auto it = std::ranges::lower_bound(tables, table, {}, &TableSchema::name);
    return it != tables.end() && it->name == table ? &*it : nullptr;
}

codec::Json ColumnSchema::to_json() const {
    codec::JsonObject out{{"type", type.to_json()}};
    if (!is_mutable) out.set("mutable", false);
    if (is_ephemeral) out.set("ephemeral", true);
    return out;
}

codec::Json TableSchema::to_json(bool default_is_root) const {
    codec::JsonObject cols;
    for (auto it = columns.begin() + first_user_column; it != columns.end(); ++it)
        cols.set(it->name, it->to_json());
    codec::JsonObject out{{"columns", std::move(cols)}};
    if (max_rows != unlimited) out.set("maxRows", max_rows);
    if (is_root && !default_is_root) out.set("isRoot", true);
    codec::JsonArray all;
    for (const auto& one : indexes) {
        codec::JsonArray names;
        for (const ColumnIndex c : one) names.push_back(columns[c].name);
        all.push_back(std::move(names));
    }
    if (!all.empty()) out.set("indexes", std::move(all));
    return out;
}

codec::Json Schema::to_json() const {
    codec::JsonObject all;
    for (const TableSchema& t : tables) all.set(t.name, t.to_json(!any_root));
    codec::JsonObject out{{"name", name}, {"tables", std::move(all)}};
    if (!version.empty()) out.set("version", version);
    if (!cksum.empty()) out.set("cksum", cksum);
    return out;
}

bool same_schema(const Schema& a, const Schema& b) { return a.to_json() == b.to_json(); }

Result<SchemaVersion> parse_version(std::string_view text) {
    SchemaVersion v;
    const char* p = text.data();
    const char* const end = p + text.size();
    for (uint32_t* part : {&v.x, &v.y, &v.z}) {
        if (part != &v.x && (p == end || *p++ != '.')) p = nullptr;
        const auto [next, ec] = p ? std::from_chars(p, end, *part) : std::from_chars_result{p, std::errc(1)};
        if (ec != std::errc()) return fail("\"" + std::string(text) + "\" is not of the form x.y.z");
        p = next;
    }
    if (p != end) return fail("\"" + std::string(text) + "\" is not of the form x.y.z");
    return v;
}

Result<SchemaPtr> parse_schema_text(std::string_view text, std::string_view file_name) {
    const std::string file(file_name);
    const auto json = codec::parse_json(text);
    if (!json)
        return fail("failed to read schema: \"" + file + "\" could not be read as JSON (" +
                    json.error().message + ")");
    auto schema = parse_schema(*json);
    if (schema) return *schema;
    OpError error = schema.error();
    error.details = "failed to parse \"" + file + "\" as ovsdb schema: " + error.details;
    return std::unexpected(error.to_error());
}

}  // namespace weft::ovsdb
