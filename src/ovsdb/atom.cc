// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/atom.h"

#include <algorithm>
#include <bit>
#include <charconv>

#include "base/bytes.h"
#include "base/hash.h"
#include "codec/json_text.h"
#include "ovsdb/uuid_text.h"

namespace weft::ovsdb {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// False if the text printed bare could be read as something else.
bool prints_bare(std::string_view s) {
    if (s.empty() || !is_letter(s[0]) || s == "true" || s == "false" || Uuid::parse(s)) return false;
    return std::ranges::all_of(s, [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '.'; });
}

template <class T>
int compare_values(const T& a, const T& b) {
    return a < b ? -1 : b < a ? 1 : 0;
}

const codec::Json* tagged(const codec::Json& json, std::string_view tag) {
    const auto* a = json.array();
    if (!a || a->size() != 2 || !(*a)[0].string() || *(*a)[0].string() != tag) return nullptr;
    return &(*a)[1];
}

OpResult<Atom> parse_uuid(const codec::Json& json, NamedUuids* names) {
    if (const auto* value = tagged(json, "uuid"); value && value->string()) {
        const auto uuid = Uuid::parse(*value->string());
        if (!uuid) return syntax_error(json, "\"" + *value->string() + "\" is not a valid UUID");
        return Atom(*uuid);
    }
    if (const auto* name = tagged(json, "named-uuid"); names && name && name->string()) {
        if (!is_id(*name->string())) return syntax_error(json, "named-uuid string is not a valid <id>");
        return Atom(names->named_uuid(*name->string()));
    }
    return syntax_error(json, "expected [\"uuid\", <string>]");
}

}  // namespace

std::string_view to_string(AtomType type) {
    constexpr std::string_view names[] = {"integer", "real", "boolean", "string", "uuid"};
    return names[static_cast<size_t>(type)];
}

bool is_id(std::string_view text) {
    if (text.empty() || !is_letter(text[0])) return false;
    return std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c); });
}

Atom Atom::default_of(AtomType type) {
    switch (type) {
        case AtomType::integer:
            return int64_t{0};
        case AtomType::real:
            return 0.0;
        case AtomType::boolean:
            return false;
        case AtomType::string:
            return Text();
        case AtomType::uuid:
            return Uuid();
    }
    CHECK(false);
}

int Atom::compare(const Atom& a, const Atom& b) {
    switch (a.type()) {
        case AtomType::integer:
            return compare_values(a.integer(), b.integer());
        case AtomType::real:
            return compare_values(a.real(), b.real());
        case AtomType::boolean:
            return compare_values(a.boolean(), b.boolean());
        case AtomType::string:
            return compare_values(a.string(), b.string());
        case AtomType::uuid:
            return std::memcmp(a.uuid().b.data(), b.uuid().b.data(), sizeof(Uuid));
    }
    CHECK(false);
}

uint64_t Atom::hash() const {
    switch (type()) {
        case AtomType::integer:
            return hash_mix(1, static_cast<uint64_t>(integer()));
        // Adding zero makes -0.0, which is equal to 0.0, into it.
        case AtomType::real:
            return hash_mix(2, std::bit_cast<uint64_t>(real() + 0.0));
        case AtomType::boolean:
            return hash_mix(3, boolean());
        case AtomType::string:
            return hash_bytes(as_bytes(string()), 4);
        case AtomType::uuid:
            return std::hash<Uuid>{}(uuid());
    }
    CHECK(false);
}

codec::Json Atom::to_json() const {
    switch (type()) {
        case AtomType::integer:
            return integer();
        case AtomType::real:
            return real();
        case AtomType::boolean:
            return boolean();
        case AtomType::string:
            return string();
        case AtomType::uuid:
            return codec::Json::array({"uuid", uuid().to_string()});
    }
    CHECK(false);
}

void Atom::append_json(std::string& out) const {
    if (type() == AtomType::string) return codec::append_json_string(out, string());
    if (type() == AtomType::uuid) {
        out += "[\"uuid\",\"";
        append_uuid(out, uuid());
        out += "\"]";
        return;
    }
    out += to_text();
}

std::string Atom::to_text() const {
    if (type() != AtomType::string || prints_bare(string())) return to_bare();
    std::string out;
    codec::append_json_string(out, string());
    return out;
}

std::string Atom::to_bare() const {
    std::string out;
    switch (type()) {
        case AtomType::integer:
            return std::to_string(integer());
        case AtomType::real:
            codec::append_json_real(out, real());
            return out;
        case AtomType::boolean:
            return boolean() ? "true" : "false";
        case AtomType::string:
            return std::string(string());
        case AtomType::uuid:
            return uuid().to_string();
    }
    CHECK(false);
}

OpResult<Atom> parse_atom(const codec::Json& json, AtomType type, NamedUuids* names) {
    switch (type) {
        case AtomType::integer:
            if (const auto* i = json.integer()) return Atom(*i);
            break;
        case AtomType::real:
            if (const auto* i = json.integer()) return Atom(static_cast<double>(*i));
            if (const auto* r = json.real()) return Atom(*r);
            break;
        case AtomType::boolean:
            if (const auto* b = json.boolean()) return Atom(*b);
            break;
        case AtomType::string:
            if (const auto* s = json.string()) return Atom(Text(*s));
            break;
        case AtomType::uuid:
            return parse_uuid(json, names);
    }
    return syntax_error(json, "expected " + std::string(to_string(type)));
}

}  // namespace weft::ovsdb
