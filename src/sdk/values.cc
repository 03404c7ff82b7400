// SPDX-License-Identifier: Apache-2.0
#include "sdk/values.h"

#include <cmath>
#include <cstring>
#include <optional>

namespace weft::sdk {
namespace {

using ovsdb::Atom;
using ovsdb::AtomType;
using ovsdb::BaseType;
using ovsdb::ColumnType;
using ovsdb::Datum;

int32_t type_in_c(AtomType type) {
    switch (type) {
        case AtomType::integer:
            return WEFT_OVSDB_INTEGER;
        case AtomType::real:
            return WEFT_OVSDB_REAL;
        case AtomType::boolean:
            return WEFT_OVSDB_BOOLEAN;
        case AtomType::string:
            return WEFT_OVSDB_STRING;
        case AtomType::uuid:
            return WEFT_OVSDB_UUID;
    }
    CHECK(false);
}

std::string type_name(int32_t type) {
    for (const auto known :
         {AtomType::integer, AtomType::real, AtomType::boolean, AtomType::string, AtomType::uuid})
        if (type_in_c(known) == type) return std::string(to_string(known));
    return "of no type";
}

/// Keys, with values if the elements have any, of the types that the column has; how many is not looked at.
Checked<Datum> collect(const NamedColumn& column, const Elements& elements) {
    const auto& type = column.schema.type;
    ovsdb::DatumBuilder builder(!elements.values.empty());
    for (size_t i = 0; i < elements.keys.size(); ++i) {
        const std::string what = column.name + ", element " + std::to_string(i);
        Atom key = TRY(atom_of(elements.keys[i], type.key, what));
        if (elements.values.empty())
            builder.add(std::move(key));
        else
            builder.add(std::move(key), TRY(atom_of(elements.values[i], *type.value, what + ", value")));
    }
    bool duplicates = false;
    Datum out = builder.build(&duplicates);
    if (duplicates) return refuse(WEFT_OVSDB_BAD_VALUE, column.name + ": the same element twice");
    return out;
}

bool is_arithmetic(std::string_view mutator) {
    return mutator.size() == 2 && mutator[1] == '=' &&
           std::string_view("+-*/%").find(mutator[0]) != std::string_view::npos;
}

}  // namespace

weft_ovsdb_uuid to_c(const Uuid& uuid) {
    weft_ovsdb_uuid out;
    std::memcpy(out.bytes, uuid.b.data(), sizeof out.bytes);
    return out;
}

Uuid from_c(const weft_ovsdb_uuid& uuid) {
    Uuid out;
    std::memcpy(out.b.data(), uuid.bytes, sizeof uuid.bytes);
    return out;
}

weft_ovsdb_atom to_c(const Atom& atom) {
    switch (atom.type()) {
        case AtomType::integer:
            return weft_ovsdb_of_integer(atom.integer());
        case AtomType::real:
            return weft_ovsdb_of_real(atom.real());
        case AtomType::boolean:
            return weft_ovsdb_of_boolean(atom.boolean());
        case AtomType::string: {
            auto out = weft_ovsdb_of_string("");
            out.string = atom.string().data();  // a Text: a NUL byte follows
            out.length = atom.string().size();
            return out;
        }
        case AtomType::uuid:
            return weft_ovsdb_of_uuid(to_c(atom.uuid()));
    }
    CHECK(false);
}

weft_ovsdb_value to_c(const ColumnType& type, const Datum& datum) {
    return {.size = datum.size(),
            .key_type = type_in_c(type.key.type),
            .value_type = type.value ? type_in_c(type.value->type) : int32_t{WEFT_OVSDB_NONE},
            .held = &datum};
}

Checked<Elements> Elements::of(const weft_ovsdb_atom* keys, const weft_ovsdb_atom* values, size_t n) {
    if (n == 0) return Elements{};
    TRY(not_null(keys, "keys"));
    return Elements{{keys, n}, values ? std::span(values, n) : std::span<const weft_ovsdb_atom>{}};
}

Checked<Atom> atom_of(const weft_ovsdb_atom& atom, const BaseType& type, const std::string& what) {
    if (atom.type != type_in_c(type.type))
        return refuse(WEFT_OVSDB_BAD_VALUE, what + ": expected " + std::string(to_string(type.type)) +
                                                ", the atom is " + type_name(atom.type));
    switch (type.type) {
        case AtomType::integer:
            return Atom(atom.integer);
        case AtomType::real:
            if (!std::isfinite(atom.real))
                return refuse(WEFT_OVSDB_BAD_VALUE, what + ": a real must be finite");
            return Atom(atom.real);
        case AtomType::boolean:
            return Atom(atom.boolean);
        case AtomType::string:
            return Atom(TRY(text_of(atom.string, atom.length, what)));
        case AtomType::uuid:
            return Atom(from_c(atom.uuid));
    }
    CHECK(false);
}

Checked<Datum> datum_of(const NamedColumn& column, const Elements& elements) {
    const auto& type = column.schema.type;
    if (!elements.keys.empty() && type.is_map() == elements.values.empty())
        return refuse(WEFT_OVSDB_BAD_VALUE, column.name + " is a " + type.to_english() +
                                                (type.is_map() ? ": values are needed beside the keys"
                                                               : ": it takes keys without values"));
    Datum out = TRY(collect(column, elements));
    if (const auto fits = type.check(out); !fits)
        return refuse(WEFT_OVSDB_BAD_VALUE, column.name + ": " + fits.error().details);
    return out;
}

Checked<Datum> operand_of(const NamedColumn& column, std::string_view mutator, const Elements& elements) {
    const auto& type = column.schema.type;
    const auto no = [&](const std::string& why) {
        return refuse(WEFT_OVSDB_BAD_VALUE, column.name + " is a " + type.to_english() + ": \"" +
                                                std::string(mutator) + "\" " + why);
    };
    if (is_arithmetic(mutator)) {
        const bool number =
            type.key.type == AtomType::integer || (type.key.type == AtomType::real && mutator != "%=");
        if (!number || type.is_map()) return no("is not for it");
        if (elements.keys.size() != 1 || !elements.values.empty()) return no("takes one number");
    } else if (mutator == "insert" || mutator == "delete") {
        if (type.is_scalar()) return no("is for sets and maps");
        if (!elements.values.empty() && !type.is_map()) return no("takes keys without values");
        if (!elements.keys.empty() && elements.values.empty() && type.is_map() && mutator == "insert")
            return no("takes values beside the keys");
    } else {
        return refuse(WEFT_OVSDB_BAD_ARGUMENT, "there is no mutator \"" + std::string(mutator) +
                                                   "\": insert, delete, +=, -=, *=, /= and %= there are");
    }
    return collect(column, elements);
}

}  // namespace weft::sdk
