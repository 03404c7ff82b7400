// SPDX-License-Identifier: Apache-2.0
#include "cli/db/change_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "ovsdb/change_json.h"

namespace weft::cli::db {
namespace {

using ovsdb::Atom;
using ovsdb::BaseType;
using ovsdb::ColumnSchema;
using ovsdb::Datum;
using ovsdb::Row;
using ovsdb::RowChange;
using ovsdb::TableIndex;
using ovsdb::TableSchema;

class Printer {
  public:
    Printer(const ovsdb::Changes& changes, const ovsdb::Schema& schema, const ChangeTextOptions& options)
        : schema_(schema), options_(options) {
        for (const RowChange& change : changes.rows) rows_[{change.table, change.uuid}] = &change;
    }

    std::string print() const {
        std::vector<std::pair<std::string, std::string>> blocks;  // to sort by, text
        for (const auto& [key, change] : rows_) {
            const std::string lines = columns_of(*change);
            if (change->before && change->after && lines.empty()) continue;
            const TableSchema& table = schema_.tables[change->table];
            const std::string name = name_of(change->table, change->uuid);
            const char sign = !change->before ? '+' : !change->after ? '-' : '~';
            const std::string head = table.name + (name.empty() ? "" : " " + name);
            blocks.emplace_back(head + sign, fmt::format("{}{} {}\n{}", options_.indent, sign, head, lines));
        }
        std::ranges::sort(blocks);
        std::string out;
        for (const auto& [key, text] : blocks) out += text;
        return out;
    }

  private:
    std::string name_of(TableIndex table, const Uuid& uuid) const {
        const auto name = [&](const Row* row) {
            return row ? row_name(schema_.tables[table], *row) : std::string();
        };
        std::string digits = uuid.to_string().substr(0, 8);
        std::string best;
        for (const ovsdb::Snapshot* s : options_.names)
            if (const Row* row = s->tables[table].find(uuid)) {
                best = name(row);
                if (best != digits) return best;
            }
        const auto it = rows_.find({table, uuid});
        if (it == rows_.end()) return digits;
        const RowChange& change = *it->second;
        for (const Row* row : {change.after.get(), change.before.get()}) {
            if (!row) continue;
            best = name(row);
            if (best != digits) return best;
        }
        return change.before ? best : "(new)";
    }

    std::string atom_text(const BaseType& type, TableIndex table, const Atom& atom) const {
        return type.is_ref() ? name_of(table, atom.uuid()) : atom.to_text();
    }
    std::string key_text(const ColumnSchema& c, const Atom& key) const {
        return atom_text(c.type.key, c.key_table, key);
    }
    std::string value_text(const ColumnSchema& c, const Atom& value) const {
        return atom_text(*c.type.value, c.value_table, value);
    }

    std::string whole_text(const ColumnSchema& column, const Datum& datum) const {
        if (datum.empty()) return "none";
        std::vector<std::string> texts;
        texts.reserve(datum.size());
        for (size_t i = 0; i < datum.size(); ++i)
            texts.push_back(key_text(column, datum.keys()[i]) +
                            (column.type.is_map() ? "=" + value_text(column, datum.values()[i]) : ""));
        std::ranges::sort(texts);
        std::string out;
        for (const auto& text : texts) out += (out.empty() ? "" : ", ") + text;
        return out;
    }

    std::string columns_of(const RowChange& change) const {
        const TableSchema& table = schema_.tables[change.table];
        std::string out;
        for (const ColumnSchema& column : table.columns) {
            if (column.index < ovsdb::first_user_column) continue;
            if (!options_.with_state && is_state(schema_, table, column)) continue;
            if (!change.after) continue;
            const Datum& now = (*change.after)[column.index];
            if (change.before)
                append_difference(out, column, (*change.before)[column.index], now);
            else if (now != column.default_value && column.name != "name")
                append_line(out, column.name, whole_text(column, now));
        }
        return out;
    }

    void append_line(std::string& out, std::string_view name, const std::string& text) const {
        ((((out += options_.indent) += "    ") += name) += ": ") += text + "\n";
    }

    void append_difference(std::string& out, const ColumnSchema& column, const Datum& before,
                           const Datum& now) const {
        if (before == now) return;
        if (column.type.is_map()) return append_pairs(out, column, before, now);
        if (column.type.max == 1)
            return append_line(out, column.name,
                               whole_text(column, before) + " -> " + whole_text(column, now));
        std::vector<std::string> elements;
        for (const Atom& key : before.keys())
            if (!now.contains(key)) elements.push_back("-" + key_text(column, key));
        for (const Atom& key : now.keys())
            if (!before.contains(key)) elements.push_back("+" + key_text(column, key));
        std::ranges::sort(elements);
        std::string text;
        for (const auto& one : elements) text += (text.empty() ? "" : " ") + one;
        append_line(out, column.name, text);
    }

    void append_pairs(std::string& out, const ColumnSchema& column, const Datum& before,
                      const Datum& now) const {
        std::map<std::string, std::string> lines;
        const auto text = [&](const Atom* value) {
            return value ? value_text(column, *value) : std::string("none");
        };
        const auto add = [&](const Atom& key) {
            const Atom *was = before.find(key), *is = now.find(key);
            if (was && is && *was == *is) return;
            lines[column.name + ":" + key_text(column, key)] = text(was) + " -> " + text(is);
        };
        for (const Atom& key : before.keys()) add(key);
        for (const Atom& key : now.keys()) add(key);
        for (const auto& [name, line] : lines) append_line(out, name, line);
    }

    const ovsdb::Schema& schema_;
    const ChangeTextOptions& options_;
    std::map<std::pair<TableIndex, Uuid>, const RowChange*> rows_;
};

}  // namespace

std::string change_text(const ovsdb::Changes& changes, const ovsdb::Schema& schema,
                        const ChangeTextOptions& options) {
    return Printer(changes, schema, options).print();
}

}  // namespace weft::cli::db
