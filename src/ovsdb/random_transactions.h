// SPDX-License-Identifier: Apache-2.0
// For tests and fuzzers only: transactions that a schema allows, most of them, made from choices.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <string>

#include "base/prng.h"
#include "codec/json.h"
#include "ovsdb/schema.h"

namespace weft::ovsdb::testing {

using codec::Json;
using codec::JsonArray;
using codec::JsonObject;

/// Where choices come from: a seed, or a fuzzer's bytes (then zeros).
class Choices {
  public:
    explicit Choices(uint64_t seed) : prng_(seed) {}
    explicit Choices(std::string_view bytes) : prng_(0), bytes_(bytes), from_bytes_(true) {}

    /// In [0, n).
    size_t below(size_t n) {
        if (!from_bytes_) return prng_.below(n);
        size_t v = take();
        if (n > 256) v = v << 8 | take();
        return v % n;
    }
    bool one_in(size_t n) { return below(n) == n - 1; }
    bool exhausted() const { return from_bytes_ && bytes_.empty(); }

  private:
    size_t take() {
        if (bytes_.empty()) return 0;
        const auto v = static_cast<uint8_t>(bytes_[0]);
        bytes_.remove_prefix(1);
        return v;
    }
    Prng prng_;
    std::string_view bytes_;
    bool from_bytes_ = false;
};

/// A schema with everything: constraints, references of both kinds, indexes, row limits, ephemeral columns.
inline constexpr std::string_view rich_schema = R"({"name":"T","version":"1.0.0","tables":{
 "R":{"isRoot":true,"columns":{"i":{"type":"integer"},"s":{"type":"string"},"r":{"type":"real"},"b":{"type":"boolean"},
  "imm":{"type":"integer","mutable":false},"eph":{"type":"integer","ephemeral":true},
  "oi":{"type":{"key":"integer","min":0}},"si":{"type":{"key":"integer","min":0,"max":"unlimited"}},
  "s13":{"type":{"key":"integer","min":1,"max":3}},"m":{"type":{"key":"string","value":"integer","min":0,"max":"unlimited"}},
  "rng":{"type":{"key":{"type":"integer","minInteger":0,"maxInteger":5},"min":0}},
  "e":{"type":{"key":{"type":"string","enum":["set",["","red","blue"]]}}},
  "st":{"type":{"key":{"type":"uuid","refTable":"C"},"min":0,"max":"unlimited"}},
  "wk":{"type":{"key":{"type":"uuid","refTable":"C","refType":"weak"},"min":0,"max":"unlimited"}},
  "ms":{"type":{"key":"string","value":{"type":"uuid","refTable":"C"},"min":0,"max":"unlimited"}},
  "mw":{"type":{"key":{"type":"uuid","refTable":"R","refType":"weak"},"value":"string","min":0,"max":"unlimited"}},
  "rr":{"type":{"key":{"type":"real","minReal":0.5,"maxReal":3},"min":0,"max":2}},
  "ls":{"type":{"key":{"type":"string","minLength":1,"maxLength":2},"min":0,"max":"unlimited"}},
  "sb":{"type":{"key":"boolean","min":0,"max":2}},"ou":{"type":{"key":"uuid","min":0}},
  "mi":{"type":{"key":"integer","value":{"type":"real","maxReal":3},"min":0,"max":3}},
  "mb":{"type":{"key":"boolean","value":"uuid","min":0,"max":2}},
  "ei":{"type":{"key":{"type":"integer","enum":["set",[1,2,4]]},"min":0,"max":2}}}},
 "C":{"columns":{"n":{"type":"string"},"x":{"type":"integer"},
  "sub":{"type":{"key":{"type":"uuid","refTable":"C"},"min":0,"max":"unlimited"}}},"indexes":[["n"],["x","n"]]},
 "M":{"isRoot":true,"maxRows":3,"columns":{"a":{"type":"integer"}}},
 "W":{"isRoot":true,"columns":{"w":{"type":{"key":{"type":"uuid","refTable":"C","refType":"weak"},"min":1,"max":"unlimited"}}}}}})";

/// What transactions are made of.
enum class Operations : uint8_t {
    rows,  ///< those on rows, except wait
    all,   ///< of RFC 7047 5.2
};

class RandomTransactions {
  public:
    RandomTransactions(SchemaPtr schema, Choices choices, Operations operations = Operations::rows)
        : schema_(std::move(schema)), c_(std::move(choices)), operations_(operations) {}

    bool exhausted() const { return c_.exhausted(); }
    Choices& choices() { return c_; }

    /// Operations only, without the database's name.
    JsonArray transaction() {
        JsonArray out;
        for (size_t n = 1 + c_.below(4); n > 0; --n) {
            if (operations_ == Operations::all && c_.one_in(6)) out.push_back(other_operation());
            out.push_back(operation());
            const Json* inserted = out.back().find("uuid");
            // Most new rows of a table that is not root would be garbage at once: let somebody refer to them.
            if (inserted && out.back().find("table")->string()->front() == 'C' && !c_.one_in(4))
                out.push_back(refer(*inserted->string()));
        }
        return out;
    }
    JsonArray conditions(const TableSchema& table) {
        JsonArray out;
        for (size_t n = c_.below(3); n > 0; --n) out.push_back(condition(table));
        return out;
    }

  private:
    const TableSchema& table() { return schema_->tables[c_.below(schema_->tables.size())]; }
    const ColumnSchema& column(const TableSchema& t) {
        return t.columns[first_user_column + c_.below(t.columns.size() - first_user_column)];
    }
    Json uuid(std::string_view table) {
        if (c_.one_in(30)) return Json::array({"named-uuid", c_.one_in(2) ? "a" : "b"});
        auto& known = known_[std::string(table)];
        if (known.empty() || c_.one_in(30)) return Json::array({"uuid", Uuid().to_string()});
        return Json::array({"uuid", known[c_.below(known.size())]});
    }
    std::string new_uuid(const std::string& table) {
        Uuid u;
        const uint64_t n = ++made_;
        for (size_t i = 0; i < 8; ++i) u.b[15 - i] = static_cast<uint8_t>(n >> (8 * i));
        u.b[0] = static_cast<uint8_t>(n * 151);  // spread over the map of rows
        auto& known = known_[table];
        known.push_back(u.to_string());
        if (known.size() > 12) known.pop_front();
        return u.to_string();
    }
    Json atom(const BaseType& type) {
        if (c_.one_in(60)) return c_.one_in(2) ? Json("x") : Json(1);
        if (!type.enumeration.empty() && !c_.one_in(20))
            return type.enumeration.keys()[c_.below(type.enumeration.size())].to_json();
        switch (type.type) {
            case AtomType::integer:
                return static_cast<int64_t>(c_.below(8)) - (type.min_integer < 0 ? 2 : 0);
            case AtomType::real:
                return static_cast<double>(c_.below(16)) / 4;
            case AtomType::boolean:
                return c_.one_in(2);
            case AtomType::string:
                return std::string(1 + c_.below(2), static_cast<char>('a' + c_.below(5)));
            case AtomType::uuid:
                return uuid(type.is_ref() ? type.ref_table : "R");
        }
        CHECK(false);
    }
    Json value(const ColumnType& type, size_t min, size_t max) {
        const size_t n = min + c_.below(std::min<size_t>(max, 4) - min + 1);
        JsonArray items;
        for (size_t i = 0; i < n; ++i) {
            Json item = type.is_map() ? Json::array({atom(type.key), atom(*type.value)}) : atom(type.key);
            const Json key = type.is_map() ? (*item.array())[0] : item;
            bool again = false;  // duplicates would make most values errors
            for (const Json& other : items) again |= key == (type.is_map() ? (*other.array())[0] : other);
            if (!again || c_.one_in(50)) items.push_back(std::move(item));
        }
        return Json::array({type.is_map() ? "map" : "set", std::move(items)});
    }
    Json value(const ColumnType& type) { return value(type, type.min, type.max); }
    Json row(const TableSchema& t, bool inserting) {
        JsonObject out;
        for (size_t n = c_.below(4); n > 0; --n) {
            const ColumnSchema& col = column(t);
            if (col.is_mutable || inserting || c_.one_in(20)) out.set(col.name, value(col.type));
        }
        if (inserting && t.name == "C") out.set("n", "n" + std::to_string(c_.below(30)));
        return out;
    }
    Json condition(const TableSchema& t) {
        if (c_.one_in(12)) return c_.one_in(2);
        if (c_.one_in(3)) return Json::array({"_uuid", c_.one_in(6) ? "!=" : "==", uuid(t.name)});
        const ColumnSchema& col = column(t);
        const bool number = col.type.key.type == AtomType::integer && !col.type.is_map() && col.type.max == 1;
        constexpr const char* functions[] = {"==", "!=", "includes", "excludes", "<", "<=", ">", ">="};
        const size_t f = c_.below(number ? 8 : 4);
        return Json::array({col.name, functions[f], f >= 4 ? atom(col.type.key) : value(col.type)});
    }
    Json where(const TableSchema& t) {
        JsonArray out;
        for (size_t n = c_.one_in(5) ? 2 : 1; n > 0; --n) out.push_back(condition(t));
        return c_.one_in(8) ? JsonArray() : out;
    }
    Json mutation(const TableSchema& t) {
        const ColumnSchema& col = column(t);
        ColumnType type = col.type;
        if (type.key.type == AtomType::integer && !type.is_map() && c_.one_in(2)) {
            constexpr const char* mutators[] = {"+=", "-=", "*=", "/=", "%="};
            return Json::array({col.name, mutators[c_.below(5)], atom({.type = AtomType::integer})});
        }
        const bool remove = c_.one_in(2);
        if (remove && type.is_map() && c_.one_in(2)) type.value.reset();
        return Json::array({col.name, remove ? "delete" : "insert", value(type, 0, 3)});
    }
    Json refer(const std::string& to) {
        const Json it = Json::array({"uuid", to});
        const char* column = c_.one_in(3) ? "wk" : "st";
        return Json::object({{"op", "mutate"},
                             {"table", "R"},
                             {"where", Json::array({Json::array({"_uuid", "==", uuid("R")})})},
                             {"mutations", Json::array({Json::array({column, "insert", it})})}});
    }
    JsonArray some_columns(const TableSchema& t) {
        JsonArray out;
        for (size_t n = c_.below(4); n > 0; --n)
            if (const Json name = column(t).name; std::ranges::find(out, name) == out.end() || c_.one_in(50))
                out.push_back(name);
        return out;
    }
    Json wait() {
        const TableSchema& t = table();
        JsonArray rows;
        for (size_t n = c_.below(3); n > 0; --n) rows.push_back(row(t, true));
        JsonObject out{{"op", "wait"}, {"table", t.name}, {"where", where(t)}, {"timeout", 0}};
        // Debian's server ends over rows that have columns while none is asked for.
        if (auto columns = some_columns(t); !columns.empty()) out.set("columns", std::move(columns));
        out.set("until", c_.one_in(3) ? "==" : "!=");
        out.set("rows", std::move(rows));
        return out;
    }
    Json other_operation() {
        switch (c_.below(16)) {
            case 0:
                return Json::object({{"op", "abort"}});
            case 1:
                return Json::object({{"op", "assert"}, {"lock", c_.one_in(2) ? "mine" : "other"}});
            case 2:
                return Json::object({{"op", "comment"}, {"comment", "said"}});
            case 3:
                return Json::object({{"op", "commit"}, {"durable", c_.one_in(2)}});
            default:
                return wait();
        }
    }
    Json operation() {
        const TableSchema& t = table();
        switch (c_.below(10)) {
            case 0:
            case 1:
            case 2:
            case 3: {
                JsonObject op{
                    {"op", "insert"}, {"table", t.name}, {"row", row(t, true)}, {"uuid", new_uuid(t.name)}};
                if (c_.one_in(6)) op.set("uuid-name", c_.one_in(2) ? "a" : "b");
                return op;
            }
            case 4:
            case 5:
                return Json::object(
                    {{"op", "update"}, {"table", t.name}, {"where", where(t)}, {"row", row(t, false)}});
            case 6:
            case 7:
                return Json::object({{"op", "mutate"},
                                     {"table", t.name},
                                     {"where", where(t)},
                                     {"mutations", Json::array({mutation(t)})}});
            case 8:
                return Json::object({{"op", "delete"}, {"table", t.name}, {"where", where(t)}});
            default: {
                JsonObject op{{"op", "select"}, {"table", t.name}, {"where", where(t)}};
                if (operations_ == Operations::all) op.set("columns", some_columns(t));
                return op;
            }
        }
    }

    SchemaPtr schema_;
    Choices c_;
    Operations operations_;
    std::map<std::string, std::deque<std::string>> known_;
    uint64_t made_ = 0;
};

}  // namespace weft::ovsdb::testing
