// SPDX-License-Identifier: Apache-2.0
// <atom> of RFC 7047 5.1: one integer, real, boolean, string or uuid.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/uuid.h"
#include "codec/json.h"
#include "ovsdb/error.h"
#include "ovsdb/text.h"

namespace weft::ovsdb {

enum class AtomType : uint8_t { integer, real, boolean, string, uuid };

std::string_view to_string(AtomType type);

/// Value type of 24 bytes. Atoms of one type are ordered; atoms of two types do not meet in one column.
class Atom {
  public:
    template <std::integral I>
        requires(!std::same_as<I, bool>)
    Atom(I v) : v_(static_cast<int64_t>(v)) {}
    Atom(double v) : v_(v) {}
    Atom(bool v) : v_(v) {}
    Atom(Text v) : v_(std::move(v)) {}
    Atom(std::string_view v) : v_(Text(v)) {}
    Atom(const char* v) : v_(Text(v)) {}
    Atom(const Uuid& v) : v_(v) {}
    /// 0, 0.0, false, "" or the zero uuid (RFC 7047 5.2.1).
    static Atom default_of(AtomType type);

    AtomType type() const { return static_cast<AtomType>(v_.index()); }
    /// The caller knows the type, as a rule from the column.
    int64_t integer() const { return std::get<int64_t>(v_); }
    double real() const { return std::get<double>(v_); }
    bool boolean() const { return std::get<bool>(v_); }
    std::string_view string() const { return std::get<Text>(v_).view(); }
    const Uuid& uuid() const { return std::get<Uuid>(v_); }

    bool operator==(const Atom&) const = default;
    /// <0, 0 or >0; strings by bytes. Both of one type.
    static int compare(const Atom& a, const Atom& b);
    bool operator<(const Atom& o) const { return compare(*this, o) < 0; }
    uint64_t hash() const;

    codec::Json to_json() const;
    void append_json(std::string& out) const;
    /// As Open vSwitch's tools print it: strings in quotes only where they could be taken for something else.
    std::string to_text() const;
    /// As to_text(), but strings always without quotes (--data=bare).
    std::string to_bare() const;

  private:
    std::variant<int64_t, double, bool, Text, Uuid> v_;
};
static_assert(sizeof(Atom) == 24);

/// Gives uuids to the names of `["named-uuid", name]`.
class NamedUuids {
  public:
    virtual ~NamedUuids() = default;
    virtual Uuid named_uuid(std::string_view name) = 0;
};

/// `names` null: named-uuids are errors.
OpResult<Atom> parse_atom(const codec::Json& json, AtomType type, NamedUuids* names = nullptr);

/// A letter or underscore, then letters, digits and underscores: <id> of RFC 7047 3.1.
bool is_id(std::string_view text);

}  // namespace weft::ovsdb
