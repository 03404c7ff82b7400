// SPDX-License-Identifier: Apache-2.0
#include "cli/dbctl/show.h"

#include <algorithm>

#include "cli/dbctl/command.h"

namespace weft::cli::dbctl {
namespace {

using codec::Json;

const ShowTable* find_shown(std::span<const ShowTable> tables, std::string_view name) {
    const auto it = std::ranges::find(tables, name, &ShowTable::table);
    return it == tables.end() ? nullptr : &*it;
}

/// One walk down the tree. A record within itself is not shown again.
class Walk {
  public:
    Walk(const ovsdb::client::View& view, std::span<const ShowTable> tables, bool colours)
        : view_(view), tables_(tables), colours_(colours) {}

    /// The table that a column's records are shown of; null if it holds plain values.
    const ShowTable* shown_by(const ovsdb::ColumnSchema& column) const {
        if (column.key_table == ovsdb::no_table) return nullptr;
        return find_shown(tables_, view_.schema()->tables[column.key_table].name);
    }

    void append_text(std::string& out, const ShowTable& shown, const RowView& row, size_t depth) {
        const std::string margin(depth * indent, ' ');
        const std::string title = shown.name_column.empty()
                                      ? row.uuid().to_string()
                                      : std::string(shown.table) + " " + name_text(shown, row);
        out += margin + in_colour(bold, title) + "\n";
        if (!enter(row)) return;
        for (const auto name : words_of(shown.columns)) {
            const auto* column = row.table().find(name);
            if (!column) continue;
            if (const auto* child = shown_by(*column)) {
                for (const auto& each : row.refs(name)) append_text(out, *child, each, depth + 1);
            } else if (!column->type.is_default(row.datum(name))) {
                const std::string text = column->name + ": " + row.datum(name).to_text(column->type);
                out += margin + std::string(indent, ' ') +
                       (column->name == "error" ? in_colour(red, text) : text) + "\n";
            }
        }
        inside_.pop_back();
    }

    Json to_json(const ShowTable& shown, const RowView& row) {
        codec::JsonObject out{{"_uuid", row.uuid().to_string()}};
        if (const auto* name = row.table().find(shown.name_column); name && !shown.name_column.empty())
            out.set("name", plain_json(row.datum(shown.name_column), name->type));
        if (!enter(row)) return out;
        for (const auto name : words_of(shown.columns)) {
            const auto* column = row.table().find(name);
            if (!column) continue;
            const auto* child = shown_by(*column);
            if (!child) {
                out.set(name, plain_json(row.datum(name), column->type));
                continue;
            }
            codec::JsonArray children;
            for (const auto& each : row.refs(name)) children.push_back(to_json(*child, each));
            out.set(name, std::move(children));
        }
        inside_.pop_back();
        return out;
    }

  private:
    static constexpr size_t indent = 4;
    static constexpr std::string_view bold = "1", red = "31";

    /// Select Graphic Rendition of ECMA-48.
    std::string in_colour(std::string_view code, std::string text) const {
        return colours_ ? "\x1b[" + std::string(code) + "m" + text + "\x1b[0m" : text;
    }

    bool enter(const RowView& row) {
        if (std::ranges::count(inside_, row.uuid()) > 0) return false;
        inside_.push_back(row.uuid());
        return true;
    }
    static std::string name_text(const ShowTable& shown, const RowView& row) {
        const auto* column = row.table().find(shown.name_column);
        return column ? row.datum(shown.name_column).to_text(column->type) : row.uuid().to_string();
    }

    const ovsdb::client::View& view_;
    std::span<const ShowTable> tables_;
    bool colours_;
    std::vector<Uuid> inside_;
};

Json atom_json(const ovsdb::Atom& atom) {
    return atom.type() == ovsdb::AtomType::uuid ? Json(atom.uuid().to_string()) : atom.to_json();
}

}  // namespace

Json plain_json(const ovsdb::Datum& value, const ovsdb::ColumnType& type) {
    if (type.is_map()) {
        codec::JsonObject out;
        for (size_t i = 0; i < value.size(); ++i)
            out.set(value.keys()[i].to_bare(), atom_json(value.values()[i]));
        return out;
    }
    if (type.max <= 1) return value.empty() ? Json() : atom_json(value.keys()[0]);
    codec::JsonArray out;
    for (const auto& atom : value.keys()) out.push_back(atom_json(atom));
    return out;
}

void need_show(std::span<const ShowTable> tables, Needs& needs) {
    for (const auto& shown : tables) {
        needs.table(shown.table);
        if (!shown.name_column.empty()) needs.column(shown.table, shown.name_column);
        for (const auto column : words_of(shown.columns)) needs.column(shown.table, column);
    }
}

std::string show_text(const ovsdb::client::View& view, std::span<const ShowTable> tables, bool colours) {
    std::string out;
    Walk walk(view, tables, colours);
    for (const auto& row : view.table(tables.front().table)) walk.append_text(out, tables.front(), row, 0);
    return out;
}

Json show_json(const ovsdb::client::View& view, std::span<const ShowTable> tables) {
    codec::JsonArray out;
    Walk walk(view, tables, false);
    for (const auto& row : view.table(tables.front().table)) out.push_back(walk.to_json(tables.front(), row));
    return out;
}

}  // namespace weft::cli::dbctl
