// SPDX-License-Identifier: Apache-2.0
#include "cli/dbctl/names.h"

#include <vector>

#include "base/spelling.h"

namespace weft::cli::dbctl {
namespace {

/// The one that is called so, or those that begin so.
template <class T>
std::vector<const T*> matches(const std::vector<const T*>& all, std::string_view name) {
    const std::string wanted = folded(name);
    std::vector<const T*> out;
    for (const T* one : all) {
        const std::string own = folded(one->name);
        if (own == wanted) return {one};
        if (!wanted.empty() && own.starts_with(wanted)) out.push_back(one);
    }
    return out;
}

template <class T>
std::string joined_names(const std::vector<const T*>& all) {
    std::string out;
    for (const T* one : all) out += (out.empty() ? "" : ", ") + one->name;
    return out;
}

template <class T>
std::vector<std::string_view> names_of(const std::vector<const T*>& all) {
    std::vector<std::string_view> out;
    for (const T* one : all) out.push_back(one->name);
    return out;
}

}  // namespace

Result<const ovsdb::TableSchema*> find_table(const ovsdb::Schema& schema, std::string_view name) {
    std::vector<const ovsdb::TableSchema*> all;
    for (const auto& table : schema.tables) all.push_back(&table);
    const auto found = matches(all, name);
    const std::string quoted = "\"" + std::string(name) + "\"";
    if (found.empty()) return fail("unknown table " + quoted + hint(name, names_of(all)));
    if (found.size() > 1) return fail(quoted + " matches multiple table names: " + joined_names(found));
    return found.front();
}

Result<const ovsdb::ColumnSchema*> find_column(const ovsdb::TableSchema& table, std::string_view name,
                                               WithUuid with_uuid) {
    std::vector<const ovsdb::ColumnSchema*> all;
    for (const auto& column : table.columns)
        if (column.index >= ovsdb::first_user_column ||
            (with_uuid == WithUuid::yes && column.index == ovsdb::uuid_column))
            all.push_back(&column);
    const auto found = matches(all, name);
    const std::string quoted = "\"" + std::string(name) + "\"";
    if (found.empty())
        return fail(table.name + " does not contain a column whose name matches " + quoted +
                    hint(name, names_of(all)));
    if (found.size() > 1)
        return fail(table.name + " contains more than one column whose name matches " + quoted + ": " +
                    joined_names(found));
    return found.front();
}

}  // namespace weft::cli::dbctl
