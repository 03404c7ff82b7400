// SPDX-License-Identifier: Apache-2.0
// A JSON value (RFC 8259) of our own. Text in and out: json_text.h.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace weft::codec {

class Json;
struct JsonMember;
using JsonArray = std::vector<Json>;

/// Value type: the members of an object, unique and sorted by key, so that equal objects have equal text.
/// Lookup is a binary search; insertion in key order is cheap. To build a large object in another order, use
/// from_members().
class JsonObject {
  public:
    using const_iterator = std::vector<JsonMember>::const_iterator;

    JsonObject();
    JsonObject(std::initializer_list<std::pair<std::string_view, Json>> members);
    JsonObject(const JsonObject&);
    JsonObject(JsonObject&&) noexcept;
    JsonObject& operator=(const JsonObject&);
    JsonObject& operator=(JsonObject&&) noexcept;
    ~JsonObject();

    /// Takes what is in both, which are of the same length, in any order of the keys; of members with the
    /// same key the last one counts, as Open vSwitch has it.
    static JsonObject from_members(std::span<std::string> keys, std::span<Json> values);

    size_t size() const;
    bool empty() const { return size() == 0; }
    const_iterator begin() const;
    const_iterator end() const;
    /// Null if there is no such member.
    const Json* find(std::string_view key) const;
    Json* find(std::string_view key);
    bool contains(std::string_view key) const { return find(key) != nullptr; }
    /// The member, made as null if it is not there.
    Json& operator[](std::string_view key);
    void set(std::string_view key, Json value);
    bool erase(std::string_view key);
    std::vector<JsonMember> take_members() &&;

    bool operator==(const JsonObject&) const;

  private:
    std::vector<JsonMember> members_;
};

/// Value type. Numbers are integers (64 bits, signed) or reals; a number read from text that is integral and
/// fits is an integer however it was written, as in Open vSwitch. Strings are UTF-8.
class Json {
  public:
    Json() = default;
    Json(std::nullptr_t) {}
    Json(bool b) : v_(b) {}
    template <std::integral I>
        requires(!std::same_as<I, bool>)
    Json(I i) : v_(static_cast<int64_t>(i)) {}
    Json(double d) : v_(d) {}
    Json(std::string s) : v_(std::move(s)) {}
    Json(std::string_view s) : v_(std::string(s)) {}
    Json(const char* s) : v_(std::string(s)) {}
    Json(JsonArray a) : v_(std::move(a)) {}
    Json(JsonObject o) : v_(std::move(o)) {}

    static Json array(std::initializer_list<Json> items) { return JsonArray(items); }
    static Json object(std::initializer_list<std::pair<std::string_view, Json>> members) {
        return JsonObject(members);
    }

    bool is_null() const { return std::holds_alternative<std::monostate>(v_); }
    bool is_bool() const { return std::holds_alternative<bool>(v_); }
    bool is_integer() const { return std::holds_alternative<int64_t>(v_); }
    bool is_real() const { return std::holds_alternative<double>(v_); }
    bool is_number() const { return is_integer() || is_real(); }
    bool is_string() const { return std::holds_alternative<std::string>(v_); }
    bool is_array() const { return std::holds_alternative<JsonArray>(v_); }
    bool is_object() const { return std::holds_alternative<JsonObject>(v_); }

    /// Null if the value is of another kind. number() converts integers.
    const bool* boolean() const { return std::get_if<bool>(&v_); }
    const int64_t* integer() const { return std::get_if<int64_t>(&v_); }
    const double* real() const { return std::get_if<double>(&v_); }
    const std::string* string() const { return std::get_if<std::string>(&v_); }
    const JsonArray* array() const { return std::get_if<JsonArray>(&v_); }
    const JsonObject* object() const { return std::get_if<JsonObject>(&v_); }
    std::string* string() { return std::get_if<std::string>(&v_); }
    JsonArray* array() { return std::get_if<JsonArray>(&v_); }
    JsonObject* object() { return std::get_if<JsonObject>(&v_); }

    /// Member of an object; null if this is no object or has no such member.
    const Json* find(std::string_view key) const;

    bool operator==(const Json&) const = default;

  private:
    std::variant<std::monostate, bool, int64_t, double, std::string, JsonArray, JsonObject> v_;
};

struct JsonMember {
    std::string key;
    Json value;
    bool operator==(const JsonMember&) const = default;
};

}  // namespace weft::codec
