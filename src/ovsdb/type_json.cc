// SPDX-License-Identifier: Apache-2.0
// Types from and to the JSON of schemas.
#include "ovsdb/members.h"
#include "ovsdb/type.h"

namespace weft::ovsdb {
namespace {

using codec::Json;
using codec::JsonObject;

OpResult<AtomType> parse_atom_type(const Json& json) {
    if (const auto* name = json.string()) {
        for (const AtomType t :
             {AtomType::integer, AtomType::real, AtomType::boolean, AtomType::string, AtomType::uuid})
            if (*name == to_string(t)) return t;
        return syntax_error(json, "\"" + *name + "\" is not an atomic-type");
    }
    return syntax_error(json, "atomic-type expected");
}

OpResult<uint32_t> parse_length(const Json* json, std::string_view name, uint32_t if_absent) {
    if (!json) return if_absent;
    const int64_t length = *json->integer();
    if (length >= 0 && length <= int64_t{unlimited}) return static_cast<uint32_t>(length);
    return syntax_error(*json, std::string(name) + " out of valid range 0 to " + std::to_string(unlimited));
}

double real_of(const Json& json) { return json.real() ? *json.real() : static_cast<double>(*json.integer()); }

OpResult<> parse_range(const Json& json, Members& m, BaseType& out) {
    switch (out.type) {
        case AtomType::integer: {
            if (const auto* min = m.optional("minInteger", Kind::integer)) out.min_integer = *min->integer();
            if (const auto* max = m.optional("maxInteger", Kind::integer)) out.max_integer = *max->integer();
            if (out.min_integer > out.max_integer) return syntax_error(json, "minInteger exceeds maxInteger");
            return {};
        }
        case AtomType::real: {
            if (const auto* min = m.optional("minReal", Kind::number)) out.min_real = real_of(*min);
            if (const auto* max = m.optional("maxReal", Kind::number)) out.max_real = real_of(*max);
            if (out.min_real > out.max_real) return syntax_error(json, "minReal exceeds maxReal");
            return {};
        }
        case AtomType::string: {
            out.min_length = TRY(parse_length(m.optional("minLength", Kind::integer), "minLength", 0));
            out.max_length =
                TRY(parse_length(m.optional("maxLength", Kind::integer), "maxLength", unlimited));
            if (out.min_length > out.max_length) return syntax_error(json, "minLength exceeds maxLength");
            return {};
        }
        case AtomType::uuid: {
            if (const auto* table = m.optional("refTable", Kind::id)) out.ref_table = *table->string();
            const auto* ref_type = out.is_ref() ? m.optional("refType", Kind::id) : nullptr;
            if (!ref_type || *ref_type->string() == "strong") return {};
            out.ref_type = RefType::weak;
            if (*ref_type->string() == "weak") return {};
            return syntax_error(
                json, "refType must be \"strong\" or \"weak\" (not \"" + *ref_type->string() + "\")");
        }
        case AtomType::boolean:
            return {};
    }
    CHECK(false);
}

OpResult<uint32_t> parse_count(const Json* json, uint32_t if_absent) {
    if (!json) return if_absent;
    if (const auto* n = json->integer(); n && *n >= 0 && *n < int64_t{unlimited})
        return static_cast<uint32_t>(*n);
    return syntax_error(*json, "bad min or max value");
}

}  // namespace

OpResult<BaseType> parse_base_type(const Json& json) {
    BaseType out;
    if (json.is_string()) {
        out.type = TRY(parse_atom_type(json));
        return out;
    }
    Members m(json, "ovsdb type");
    if (const auto* type = m.required("type", Kind::any)) out.type = TRY(parse_atom_type(*type));
    if (const auto* values = m.optional("enum", Kind::any)) {
        ColumnType set = ColumnType::scalar_of(out.type);
        set.max = unlimited;
        out.enumeration = TRY(parse_datum(*values, set));
    } else if (m.ok()) {
        TRY(parse_range(json, m, out));
    }
    TRY(m.finish());
    return out;
}

OpResult<ColumnType> parse_type(const Json& json) {
    ColumnType out;
    if (json.is_string()) {
        out.key = TRY(parse_base_type(json));
        return out;
    }
    Members m(json, "ovsdb type");
    const auto* key = m.required("key", Kind::string | Kind::object);
    const auto* value = m.optional("value", Kind::string | Kind::object);
    const auto* min = m.optional("min", Kind::integer);
    const auto* max = m.optional("max", Kind::integer | Kind::string);
    TRY(m.finish());
    out.key = TRY(parse_base_type(*key));
    if (value) out.value = TRY(parse_base_type(*value));
    out.min = TRY(parse_count(min, 1));
    out.max = max && max->string() && *max->string() == "unlimited" ? unlimited : TRY(parse_count(max, 1));
    if (out.min > 1 || out.max < 1 || out.min > out.max)
        return syntax_error(json, "ovsdb type fails constraint checks");
    return out;
}

Json BaseType::to_json() const {
    JsonObject out{{"type", to_string(type)}};
    if (!enumeration.empty()) {
        ColumnType set = ColumnType::scalar_of(type);
        set.max = unlimited;
        out.set("enum", enumeration.to_json(set));
    }
    const BaseType plain = unconstrained();
    if (min_integer != plain.min_integer) out.set("minInteger", min_integer);
    if (max_integer != plain.max_integer) out.set("maxInteger", max_integer);
    if (min_real != plain.min_real) out.set("minReal", min_real);
    if (max_real != plain.max_real) out.set("maxReal", max_real);
    if (min_length != plain.min_length) out.set("minLength", min_length);
    if (max_length != plain.max_length) out.set("maxLength", max_length);
    if (is_ref()) out.set("refTable", ref_table);
    if (is_weak_ref()) out.set("refType", "weak");
    return out.size() == 1 ? Json(to_string(type)) : Json(std::move(out));
}

Json ColumnType::to_json() const {
    if (is_scalar() && !key.has_constraints()) return key.to_json();
    JsonObject out{{"key", key.to_json()}};
    if (value) out.set("value", value->to_json());
    if (min != 1) out.set("min", min);
    if (max == unlimited)
        out.set("max", "unlimited");
    else if (max != 1)
        out.set("max", max);
    return out;
}

}  // namespace weft::ovsdb
