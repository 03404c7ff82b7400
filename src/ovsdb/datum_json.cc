// SPDX-License-Identifier: Apache-2.0
// Datums from and to JSON, and their text for people.
#include "codec/json.h"
#include "ovsdb/type.h"

namespace weft::ovsdb {
namespace {

using codec::Json;
using codec::JsonArray;

/// True for [tag, ...]: then it is an error if it is not [tag, array].
bool has_tag(const Json& json, std::string_view tag) {
    const auto* a = json.array();
    return a && !a->empty() && (*a)[0].string() && *(*a)[0].string() == tag;
}

OpResult<const JsonArray*> elements(const Json& json, std::string_view tag) {
    if (has_tag(json, tag) && json.array()->size() == 2)
        if (const auto* array = (*json.array())[1].array()) return array;
    return syntax_error(json, "expected [\"" + std::string(tag) + "\", <array>]");
}

struct Count {
    uint32_t min, max;
};

OpResult<> check_count(const Json& json, size_t n, bool is_map, Count count) {
    if (n >= count.min && n <= count.max) return {};
    std::string text = std::string(is_map ? "map" : "set") + " must have ";
    if (count.min == 1 && count.max == 1)
        text += "exactly one member";
    else
        text += std::to_string(count.min) + " to " + std::to_string(count.max) + " members";
    return syntax_error(json, text + " but " + std::to_string(n) + " are present");
}

OpResult<Atom> parse_and_check(const Json& json, const BaseType& type, NamedUuids* names) {
    Atom atom = TRY(parse_atom(json, type.type, names));
    TRY(type.check(atom));
    return atom;
}

OpResult<Datum> parse(const Json& json, const ColumnType& type, Count count, NamedUuids* names) {
    // In a column that is not a map anything but ["set", ...] is a lone atom.
    if (!type.is_map() && !has_tag(json, "set")) return Datum(TRY(parse_and_check(json, type.key, names)));

    const JsonArray& items = *TRY(elements(json, type.is_map() ? "map" : "set"));
    TRY(check_count(json, items.size(), type.is_map(), count));
    DatumBuilder out(type.is_map());
    out.reserve(items.size());
    for (const Json& item : items) {
        if (!type.is_map()) {
            out.add(TRY(parse_and_check(item, type.key, names)));
            continue;
        }
        const JsonArray* pair = item.array();
        if (!pair || pair->size() != 2) return syntax_error(item, "expected 2-element array");
        Atom key = TRY(parse_and_check((*pair)[0], type.key, names));
        out.add(std::move(key), TRY(parse_and_check((*pair)[1], *type.value, names)));
    }
    bool duplicates = false;
    Datum datum = out.build(&duplicates);
    if (duplicates)
        return op_error("ovsdb error",
                        type.is_map() ? "map contains duplicate key" : "set contains duplicate");
    return datum;
}

}  // namespace

OpResult<Datum> parse_datum(const Json& json, const ColumnType& type, NamedUuids* names) {
    return parse(json, type, {type.min, type.max}, names);
}

OpResult<Datum> parse_diff(const Json& json, const ColumnType& type) {
    return parse(json, type, {0, unlimited}, nullptr);
}

Json Datum::to_json(const ColumnType& type) const {
    if (size() == 1 && !type.is_map()) return scalar().to_json();
    JsonArray items;
    items.reserve(size());
    visit([&](const Atom& key, const Atom* value) {
        items.push_back(value ? Json::array({key.to_json(), value->to_json()}) : key.to_json());
    });
    return Json::array({type.is_map() ? "map" : "set", std::move(items)});
}

void Datum::append_json(std::string& out, const ColumnType& type) const {
    if (size() == 1 && !type.is_map()) return scalar().append_json(out);
    out += type.is_map() ? "[\"map\",[" : "[\"set\",[";
    bool is_first = true;
    visit([&](const Atom& key, const Atom* value) {
        if (!std::exchange(is_first, false)) out += ',';
        if (value) out += '[';
        key.append_json(out);
        if (!value) return;
        out += ',';
        value->append_json(out);
        out += ']';
    });
    out += "]]";
}

std::string Datum::to_text(const ColumnType& type) const {
    const bool brackets = type.max > 1 || empty();
    std::string out;
    if (brackets) out += type.is_map() ? '{' : '[';
    bool is_first = true;
    visit([&](const Atom& key, const Atom* value) {
        if (!std::exchange(is_first, false)) out += ", ";
        out += key.to_text();
        if (value) out += '=' + value->to_text();
    });
    if (brackets) out += type.is_map() ? '}' : ']';
    return out;
}

std::string Datum::to_bare() const {
    std::string out;
    bool is_first = true;
    visit([&](const Atom& key, const Atom* value) {
        if (!std::exchange(is_first, false)) out += ' ';
        out += key.to_bare();
        if (value) out += '=' + value->to_bare();
    });
    return out;
}

}  // namespace weft::ovsdb
