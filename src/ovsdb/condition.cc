// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/condition.h"

#include <algorithm>
#include <string>

namespace weft::ovsdb {
namespace {

using codec::Json;

bool is_number(AtomType type) { return type == AtomType::integer || type == AtomType::real; }

}  // namespace

OpResult<Condition::Clause> Condition::parse_clause(const Json& json, const TableSchema& table,
                                                    NamedUuids* names) {
    if (const bool* b = json.boolean())
        return Clause{*b ? Function::always_true : Function::always_false, 0, {}};
    const auto* parts = json.array();
    if (!parts || parts->size() != 3 || !(*parts)[0].is_string() || !(*parts)[1].is_string())
        return syntax_error(json, "Parse error in condition.");
    const std::string& column_name = *(*parts)[0].string();
    const ColumnSchema* column = table.find(column_name);
    if (!column)
        return syntax_error(json, "unknown column",
                            "No column " + column_name + " in table " + table.name + ".");

    constexpr std::pair<std::string_view, Function> functions[] = {
        {"==", Function::eq},
        {"!=", Function::ne},
        {"<", Function::lt},
        {"<=", Function::le},
        {">=", Function::ge},
        {">", Function::gt},
        {"includes", Function::includes},
        {"excludes", Function::excludes},
    };
    const std::string& name = *(*parts)[1].string();
    const auto* found =
        std::ranges::find(functions, std::string_view(name), &std::pair<std::string_view, Function>::first);
    if (found == std::end(functions)) return op_error("unknown function", "No function named " + name + ".");

    ColumnType type = column->type;
    switch (found->second) {
        case Function::lt:
        case Function::le:
        case Function::ge:
        case Function::gt:
            if (!is_number(type.key.type) || !(type.is_scalar() || type.is_optional_scalar()))
                return syntax_error(json, "Type mismatch: \"" + name +
                                              "\" operator may not be applied to column " + column_name +
                                              " of type " + type.to_english() + ".");
            type.min = 1;
            break;
        case Function::includes:
            if (!type.is_scalar()) type.min = 0;
            break;
        case Function::excludes:
            if (!type.is_scalar()) type.min = 0, type.max = unlimited;
            break;
        default:
            break;
    }
    return Clause{found->second, column->index, TRY(parse_datum((*parts)[2], type, names))};
}

OpResult<Condition> Condition::parse(const Json& json, const TableSchema& table, NamedUuids* names) {
    Condition out;
    for (const Json& clause : *json.array()) out.clauses_.push_back(TRY(parse_clause(clause, table, names)));
    return out;
}

Condition Condition::or_else(const Condition& other) const {
    if (is_any_true() || other.is_any_true()) return any_row();
    Condition out = *this;
    out.clauses_.insert(out.clauses_.end(), other.clauses_.begin(), other.clauses_.end());
    return out;
}

bool Condition::holds(const Clause& clause, const Row& row) {
    if (clause.function == Function::always_true) return true;
    if (clause.function == Function::always_false) return false;
    const Datum value = row.get(clause.column);
    switch (clause.function) {
        case Function::eq:
            return value == clause.arg;
        case Function::ne:
            return value != clause.arg;
        case Function::includes:
            return includes_all(value, clause.arg);
        case Function::excludes:
            return excludes_all(value, clause.arg);
        default:
            break;
    }
    if (value.empty()) return false;  // an optional number that is not there is neither less nor more
    const int c = Atom::compare(value.scalar(), clause.arg.scalar());
    switch (clause.function) {
        case Function::lt:
            return c < 0;
        case Function::le:
            return c <= 0;
        case Function::ge:
            return c >= 0;
        case Function::gt:
            return c > 0;
        default:
            CHECK(false);
    }
}

bool Condition::matches_all(const Row& row) const {
    return std::ranges::all_of(clauses_, [&](const Clause& c) { return holds(c, row); });
}

bool Condition::matches_any(const Row& row) const {
    return clauses_.empty() || std::ranges::any_of(clauses_, [&](const Clause& c) { return holds(c, row); });
}

bool Condition::is_any_true() const {
    return clauses_.empty() ||
           std::ranges::any_of(clauses_, [](const Clause& c) { return c.function == Function::always_true; });
}

const Datum* Condition::equals(ColumnIndex column) const {
    for (const Clause& c : clauses_)
        if (c.function == Function::eq && c.column == column) return &c.arg;
    return nullptr;
}

std::optional<Uuid> Condition::only_uuid() const {
    const Datum* uuid = equals(uuid_column);
    return uuid ? std::optional(uuid->scalar().uuid()) : std::nullopt;
}

bool Condition::uses(ColumnIndex column) const {
    return std::ranges::any_of(clauses_, [&](const Clause& c) {
        return c.function != Function::always_true && c.function != Function::always_false &&
               c.column == column;
    });
}

}  // namespace weft::ovsdb
