// SPDX-License-Identifier: Apache-2.0
#include "cli/dbctl/column_args.h"

#include <algorithm>

namespace weft::cli::dbctl {
namespace {

using ovsdb::ColumnType;
using ovsdb::Datum;
using ovsdb::TableSchema;

struct RelationText {
    std::string_view text;
    Relation relation;
};
constexpr RelationText assignment_only[] = {{"=", Relation::eq}};
// In the order of the error message; of several that match, the longest counts.
constexpr RelationText all_relations[] = {
    {"=", Relation::eq},         {"!=", Relation::ne},           {"<", Relation::lt},
    {">", Relation::gt},         {"<=", Relation::le},           {">=", Relation::ge},
    {"{=}", Relation::set_eq},   {"{!=}", Relation::set_ne},     {"{<}", Relation::subset},
    {"{>}", Relation::superset}, {"{<=}", Relation::subset_eq},  {"{>=}", Relation::superset_eq},
    {"{in}", Relation::in},      {"{not-in}", Relation::not_in},
};

std::unexpected<Error> no_relation(std::string_view arg, std::span<const RelationText> relations) {
    std::string list;
    for (const auto& one : relations) {
        if (!list.empty()) list += &one == &relations.back() ? ", or " : ", ";
        list += "\"" + std::string(one.text) + "\"";
    }
    return fail(std::string(arg) + ": argument does not end in " + list + " followed by a value.");
}

/// COLUMN[:KEY] off the front of `rest`.
Result<ColumnArg> take_column(const TableSchema& table, std::string_view arg, std::string_view& rest,
                              WithUuid with_uuid) {
    rest = arg;
    const std::string name = TRY(ovsdb::take_word(rest));
    if (name.empty()) return fail(std::string(arg) + ": missing column name");
    ColumnArg out{.column = TRY(find_column(table, name, with_uuid)), .key = {}, .value = {}};
    if (rest.starts_with(':')) {
        rest.remove_prefix(1);
        out.key = TRY(ovsdb::take_word(rest));
    }
    return out;
}

Result<ColumnArg> parse_related(const TableSchema& table, std::string_view arg,
                                std::span<const RelationText> relations) {
    std::string_view rest;
    ColumnArg out = TRY(take_column(table, arg, rest, WithUuid::no));
    const RelationText* found = nullptr;
    for (const auto& one : relations)
        if (rest.starts_with(one.text) && (!found || one.text.size() > found->text.size())) found = &one;
    if (!found || found->text.size() == rest.size()) return no_relation(arg, relations);
    out.relation = found->relation;
    out.value = rest.substr(found->text.size());
    return out;
}

bool is_of_sets(Relation relation) { return relation >= Relation::set_eq; }

bool compare(const Datum& a, Relation relation, const Datum& b) {
    const int c = Datum::compare(a, b);
    switch (relation) {
        case Relation::eq:
        case Relation::set_eq:
            return c == 0;
        case Relation::ne:
        case Relation::set_ne:
            return c != 0;
        case Relation::lt:
            return c < 0;
        case Relation::gt:
            return c > 0;
        case Relation::le:
            return c <= 0;
        case Relation::ge:
            return c >= 0;
        case Relation::subset:
            return c != 0 && ovsdb::includes_all(b, a);
        case Relation::superset:
            return c != 0 && ovsdb::includes_all(a, b);
        case Relation::subset_eq:
        case Relation::in:
            return ovsdb::includes_all(b, a);
        case Relation::superset_eq:
            return ovsdb::includes_all(a, b);
        case Relation::not_in:
            return ovsdb::excludes_all(b, a);
    }
    std::unreachable();
}

std::unexpected<Error> no_map(const ovsdb::ColumnSchema& column, std::string_view purpose) {
    return fail("cannot specify key to " + std::string(purpose) + " for non-map column " + column.name);
}

}  // namespace

Result<ColumnArg> parse_column_key(const TableSchema& table, std::string_view arg) {
    std::string_view rest;
    ColumnArg out = TRY(take_column(table, arg, rest, WithUuid::yes));
    if (!rest.empty())
        return fail(std::string(arg) + ": trailing garbage \"" + std::string(rest) + "\" in argument");
    return out;
}

Result<ColumnArg> parse_assignment(const TableSchema& table, std::string_view arg) {
    return parse_related(table, arg, assignment_only);
}

Result<ColumnArg> parse_condition(const TableSchema& table, std::string_view arg) {
    return parse_related(table, arg, all_relations);
}

Result<std::vector<const ovsdb::ColumnSchema*>> parse_columns(const TableSchema& table,
                                                              const std::string* list) {
    std::vector<const ovsdb::ColumnSchema*> out;
    if (!list) {
        for (const auto& column : table.columns)
            if (column.index != ovsdb::version_column) out.push_back(&column);
        return out;
    }
    constexpr std::string_view separators = ", ";
    for (size_t at = 0; at < list->size();) {
        const size_t end = std::min(list->find_first_of(separators, at), list->size());
        if (end > at) out.push_back(TRY(find_column(table, list->substr(at, end - at), WithUuid::yes)));
        at = end + 1;
    }
    if (out.empty()) return fail("must specify at least one column name");
    return out;
}

Result<> need_argument_columns(const TableSchema& table, std::span<const std::string> args, Needs& needs) {
    for (const auto& arg : args) {
        std::string_view rest = arg;
        const auto word = TRY(ovsdb::take_word(rest));
        if (word.empty()) return fail(arg + ": missing column name");
        needs.column(table.name, TRY(find_column(table, word))->name);
    }
    return {};
}

Result<bool> holds(const RowView& row, const ColumnArg& condition, ovsdb::RowSymbols* symbols) {
    const auto& type = condition.column->type;
    const Datum& value = row.datum(condition.column->name);
    if (!condition.key)
        return compare(value, condition.relation,
                       TRY(ovsdb::parse_datum_text(condition.value, type, symbols)));

    if (!type.is_map()) return no_map(*condition.column, "check");
    const auto key = TRY(ovsdb::parse_atom_text(*condition.key, type.key, symbols));
    const ColumnType set_of_values{.key = *type.value, .min = 0, .max = ovsdb::unlimited};
    const Datum wanted = TRY(ovsdb::parse_datum_text(condition.value, set_of_values, symbols));
    const auto* found = value.find(key);
    if (!found && !is_of_sets(condition.relation)) return false;
    return compare(found ? Datum(*found) : Datum(), condition.relation, wanted);
}

Result<> assign(Workspace& db, const RowView& row, const ColumnArg& assignment, ovsdb::RowSymbols* symbols) {
    const auto& column = *assignment.column;
    const auto& type = column.type;
    if (!assignment.key) {
        db.set(row, column.name, TRY(ovsdb::parse_datum_text(assignment.value, type, symbols)));
        return {};
    }
    if (!type.is_map()) return no_map(column, "set");
    auto key = TRY(ovsdb::parse_atom_text(*assignment.key, type.key, symbols));
    auto value = TRY(ovsdb::parse_atom_text(assignment.value, *type.value, symbols));
    db.add(row, column.name, Datum::map({{std::move(key), std::move(value)}}));
    return {};
}

}  // namespace weft::cli::dbctl
