// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/mutation.h"

#include <algorithm>
#include <cmath>

namespace weft::ovsdb {
namespace {

using codec::Json;

enum class Fault { range, division };

std::expected<int64_t, Fault> calculate_integer(char op, int64_t a, int64_t b) {
    int64_t out = 0;
    if ((op == '/' || op == '%') && b == 0) return std::unexpected(Fault::division);
    if ((op == '/' || op == '%') && a == INT64_MIN && b == -1) return std::unexpected(Fault::range);
    const bool overflow = op == '+'   ? __builtin_add_overflow(a, b, &out)
                          : op == '-' ? __builtin_sub_overflow(a, b, &out)
                          : op == '*' ? __builtin_mul_overflow(a, b, &out)
                                      : false;
    if (overflow) return std::unexpected(Fault::range);
    if (op == '/') return a / b;
    if (op == '%') return a % b;
    return out;
}

std::expected<double, Fault> calculate_real(char op, double a, double b) {
    if (op == '/' && b == 0) return std::unexpected(Fault::division);
    const double out = op == '+' ? a + b : op == '-' ? a - b : op == '*' ? a * b : a / b;
    if (!std::isfinite(out)) return std::unexpected(Fault::range);
    return out;
}

}  // namespace

const Mutation::Name Mutation::names_[7] = {
    {"+=", Mutator::add}, {"-=", Mutator::sub},        {"*=", Mutator::mul},        {"/=", Mutator::div},
    {"%=", Mutator::mod}, {"insert", Mutator::insert}, {"delete", Mutator::remove},
};

OpResult<Mutation> Mutation::parse(const Json& json, const TableSchema& table, NamedUuids* names) {
    const auto* parts = json.array();
    if (!parts || parts->size() != 3 || !(*parts)[0].is_string() || !(*parts)[1].is_string())
        return syntax_error(json, "Parse error in mutation.");
    const std::string& column_name = *(*parts)[0].string();
    const ColumnSchema* column = table.find(column_name);
    if (!column)
        return syntax_error(json, "unknown column",
                            "No column " + column_name + " in table " + table.name + ".");
    if (!column->is_mutable)
        return syntax_error(
            json, "constraint violation",
            "Cannot mutate immutable column " + column_name + " in table " + table.name + ".");
    const std::string& mutator = *(*parts)[1].string();
    const auto* name = std::ranges::find(names_, std::string_view(mutator), &Name::text);
    if (name == std::end(names_)) return op_error("unknown mutator", "No mutator named " + mutator + ".");
    Mutation out(*column, *name);
    out.arg_ = TRY(out.parse_arg(json, names));
    return out;
}

OpResult<Datum> Mutation::parse_arg(const Json& mutation, NamedUuids* names) const {
    const Json& json = (*mutation.array())[2];
    ColumnType type = column_->type;
    const auto mismatch = [&] {
        return syntax_error(mutation, "Type mismatch: \"" + std::string(name_->text) +
                                          "\" operator may not be applied to column " + column_->name +
                                          " of type " + type.to_english() + ".");
    };
    const AtomType key = type.key.type;
    switch (name_->mutator) {
        case Mutator::insert:
            if (type.is_scalar()) return mismatch();
            type.min = 0;
            return parse_datum(json, type, names);
        case Mutator::remove:
            if (type.is_scalar()) return mismatch();
            type.min = 0;
            type.max = unlimited;
            if (type.is_map()) {  // pairs, or just the keys
                if (auto pairs = parse_datum(json, type, names)) return *pairs;
                type.value.reset();
            }
            return parse_datum(json, type, names);
        default:
            if (type.is_map() ||
                !(key == AtomType::integer || (key == AtomType::real && name_->mutator != Mutator::mod)))
                return mismatch();
            return parse_datum(json, ColumnType::scalar_of(key), names);
    }
}

OpResult<Atom> Mutation::calculate(const Atom& a, const Atom& b) const {
    const char op = name_->text[0];
    Fault fault;
    if (a.type() == AtomType::integer) {
        if (const auto out = calculate_integer(op, a.integer(), b.integer()))
            return Atom(*out);
        else
            fault = out.error();
    } else {
        if (const auto out = calculate_real(op, a.real(), b.real()))
            return Atom(*out);
        else
            fault = out.error();
    }
    if (fault == Fault::division) return op_error("domain error", "Division by zero.");
    return op_error("range error",
                    "Result of \"" + std::string(name_->text) + "\" operation is out of range.");
}

OpResult<Datum> Mutation::arithmetic(const Datum& value) const {
    DatumBuilder out(false);
    for (const Atom& atom : value.keys()) {
        Atom result = TRY(calculate(atom, arg_.scalar()));
        TRY(column_->type.key.check(result));
        out.add(std::move(result));
    }
    bool duplicates = false;
    Datum datum = out.build(&duplicates);
    if (duplicates)
        return constraint_violation("Result of \"" + std::string(name_->text) +
                                    "\" operation contains duplicates.");
    return datum;
}

OpResult<Datum> Mutation::apply(const Datum& value) const {
    if (name_->mutator != Mutator::insert && name_->mutator != Mutator::remove) return arithmetic(value);
    Datum out = name_->mutator == Mutator::insert ? set_union(value, arg_) : set_minus(value, arg_);
    if (out.size() < column_->type.min || out.size() > column_->type.max)
        return constraint_violation("Attempted to store " + std::to_string(out.size()) + " elements in " +
                                    column_->type.to_english() + ".");
    return out;
}

}  // namespace weft::ovsdb
