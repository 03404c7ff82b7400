// SPDX-License-Identifier: Apache-2.0
#include "cli/db/doubtful_keys.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/spelling.h"
#include "ovsdb/change_json.h"

namespace weft::cli::db {
namespace {

using ovsdb::ColumnSchema;
using ovsdb::KnownKey;

class Checker {
  public:
    Checker(const ovsdb::TableSchema& table, const ColumnSchema& column, const std::vector<KnownKey>& keys)
        : column_(column) {
        for (const auto& key : keys)
            if (key.table == table.name && key.column == column.name) known_.push_back(&key);
    }

    bool knows_column() const { return !known_.empty(); }

    /// Empty if nothing is odd.
    std::string doubt(std::string_view key, std::string_view value) const {
        const std::string name = column_.name + ":" + std::string(key);
        for (const KnownKey* known : known_) {
            if (!known->covers(key)) continue;
            const std::string wanted = ovsdb::fault_of(*known, value);
            return wanted.empty() ? "" : fmt::format("{}={}: expected {}", name, value, wanted);
        }
        std::vector<std::string_view> names;
        names.reserve(known_.size());
        for (const KnownKey* known : known_) names.push_back(known->key);
        const std::string guess = hint(key, names);
        if (column_.name == "external_ids")
            return is_slip(key, names) ? name + " is no key that is known" + guess : "";
        return name + " is no key that is known" + guess;
    }

  private:
    /// Equal to a known one but for case and dashes, or nearly so.
    static bool is_slip(std::string_view key, const std::vector<std::string_view>& names) {
        return std::ranges::any_of(names, [&](std::string_view known) {
            return folded(known) == folded(key) ||
                   (key.size() == known.size() && differences(key, known) <= 2);
        });
    }
    static size_t differences(std::string_view a, std::string_view b) {
        size_t out = 0;
        for (size_t i = 0; i < a.size(); ++i) out += a[i] != b[i];
        return out;
    }

    const ColumnSchema& column_;
    std::vector<const KnownKey*> known_;
};

bool is_map_of_strings(const ColumnSchema& column) {
    return column.index >= ovsdb::first_user_column && column.type.is_map() &&
           column.type.key.type == ovsdb::AtomType::string &&
           column.type.value->type == ovsdb::AtomType::string;
}

}  // namespace

std::vector<std::string> doubtful_keys(const ovsdb::Changes& changes, const ovsdb::Schema& schema,
                                       const std::vector<KnownKey>& keys) {
    std::vector<std::string> out;
    for (const auto& change : changes.rows) {
        if (!change.after) continue;
        const auto& table = schema.tables[change.table];
        for (const ColumnSchema& column : table.columns) {
            if (!is_map_of_strings(column)) continue;
            const Checker checker(table, column, keys);
            if (!checker.knows_column()) continue;
            const ovsdb::Datum& now = (*change.after)[column.index];
            for (size_t i = 0; i < now.size(); ++i) {
                const ovsdb::Atom* before =
                    change.before ? (*change.before)[column.index].find(now.keys()[i]) : nullptr;
                if (before && *before == now.values()[i]) continue;
                const std::string doubt = checker.doubt(now.keys()[i].string(), now.values()[i].string());
                const std::string name = row_name(table, *change.after);
                if (!doubt.empty())
                    out.push_back(
                        fmt::format("{}{}{}: {}", table.name, name.empty() ? "" : " ", name, doubt));
            }
        }
    }
    return out;
}

}  // namespace weft::cli::db
