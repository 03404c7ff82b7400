// SPDX-License-Identifier: Apache-2.0
// <atom> of RFC 7047 5.1: one integer, real, boolean, string or uuid.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/uuid.h"
#include "codec/json.h"
#include "ovsdb/error.h"
#include "ovsdb/text.h"

namespace weft::ovsdb {

enum class AtomType : uint8_t { integer, real, boolean, string, uuid };

std::string_view to_string(AtomType type);

/// Value type of 24 bytes. Atoms of one type are ordered; atoms of two types do not meet in one column. Large
/// maps are copied and compared whole, so that copying is little more than moving bytes, and same() answers
/// nearly every comparison.
class Atom {
  public:
    template <std::integral I>
        requires(!std::same_as<I, bool>)
    Atom(I v) : words_{static_cast<uint64_t>(static_cast<int64_t>(v)), 0}, type_(AtomType::integer) {}
    Atom(double v) : words_{std::bit_cast<uint64_t>(v), 0}, type_(AtomType::real) {}
    Atom(bool v) : words_{v, 0}, type_(AtomType::boolean) {}
    Atom(Text v) : type_(AtomType::string) { new (words_) Text(std::move(v)); }
    Atom(std::string_view v) : Atom(Text(v)) {}
    Atom(const char* v) : Atom(Text(v)) {}
    Atom(const Uuid& v) : type_(AtomType::uuid) { std::memcpy(words_, &v, sizeof v); }
    Atom(const Atom& o) noexcept : words_{o.words_[0], o.words_[1]}, type_(o.type_) {
        if (type_ == AtomType::string) text().share();
    }
    Atom(Atom&& o) noexcept
        : words_{o.words_[0], o.words_[1]}, type_(std::exchange(o.type_, AtomType::integer)) {}
    Atom& operator=(Atom o) noexcept {
        std::swap(words_, o.words_);
        std::swap(type_, o.type_);
        return *this;
    }
    ~Atom() {
        if (type_ == AtomType::string) text().~Text();
    }
    /// 0, 0.0, false, "" or the zero uuid (RFC 7047 5.2.1).
    static Atom default_of(AtomType type);

    AtomType type() const { return type_; }
    /// The caller knows the type, as a rule from the column.
    int64_t integer() const { return static_cast<int64_t>(words_of(AtomType::integer)[0]); }
    double real() const { return std::bit_cast<double>(words_of(AtomType::real)[0]); }
    bool boolean() const { return words_of(AtomType::boolean)[0] != 0; }
    std::string_view string() const {
        words_of(AtomType::string);
        return text().view();
    }
    const Uuid& uuid() const { return *reinterpret_cast<const Uuid*>(words_of(AtomType::uuid)); }

    /// The same bytes: certainly equal.
    bool same(const Atom& o) const {
        return words_[0] == o.words_[0] && words_[1] == o.words_[1] && type_ == o.type_;
    }
    bool operator==(const Atom& o) const {
        if (same(o)) return true;
        if (type_ != o.type_) return false;
        return type_ == AtomType::string ? text() == o.text() : type_ == AtomType::real && real() == o.real();
    }
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
    const Text& text() const { return *reinterpret_cast<const Text*>(words_); }
    const uint64_t* words_of(AtomType type) const {
        CHECK(type_ == type);
        return words_;
    }

    alignas(Text) uint64_t words_[2];
    AtomType type_;
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
