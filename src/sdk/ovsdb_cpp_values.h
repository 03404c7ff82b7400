// SPDX-License-Identifier: Apache-2.0
// weft/ovsdb_cpp_values.h: what columns hold, as types of C++; part of weft/ovsdb_cpp.h, which see.
#pragma once

#include <weft/ovsdb.h>

#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace weft::db {

class Error : public std::runtime_error {
  public:
    Error(int code, const std::string& text) : std::runtime_error(text), code_(code) {}
    int code() const { return code_; }  ///< a weft_ovsdb_code

  private:
    int code_;
};

/// Value type.
struct Uuid : weft_ovsdb_uuid {
    Uuid() : weft_ovsdb_uuid{} {}
    Uuid(const weft_ovsdb_uuid& uuid) : weft_ovsdb_uuid(uuid) {}
    static Uuid parse(const std::string& text);
    std::string text() const {
        char out[37];
        weft_ovsdb_uuid_format(*this, out);
        return out;
    }
    friend bool operator==(const Uuid& a, const Uuid& b) { return weft_ovsdb_uuid_equal(a, b); }
    friend bool operator!=(const Uuid& a, const Uuid& b) { return !(a == b); }
    friend bool operator<(const Uuid& a, const Uuid& b) {
        return std::memcmp(a.bytes, b.bytes, sizeof a.bytes) < 0;
    }
};

namespace detail {

/// The value of a function of weft/ovsdb.h; negative ones are thrown.
inline int checked(int code) {
    if (code < 0) throw Error(code, weft_ovsdb_error());
    return code;
}

template <class T, class = void>
struct Scalar;  // a type that is not among those at the top of this file
template <class T>
struct Scalar<T, std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool>>> {
    static constexpr int type = WEFT_OVSDB_INTEGER;
    static weft_ovsdb_atom to(T value) { return weft_ovsdb_of_integer(static_cast<int64_t>(value)); }
    static int64_t from(const weft_ovsdb_atom& atom) { return atom.integer; }
};
template <>
struct Scalar<bool> {
    static constexpr int type = WEFT_OVSDB_BOOLEAN;
    static weft_ovsdb_atom to(bool value) { return weft_ovsdb_of_boolean(value); }
    static bool from(const weft_ovsdb_atom& atom) { return atom.boolean; }
};
template <>
struct Scalar<double> {
    static constexpr int type = WEFT_OVSDB_REAL;
    static weft_ovsdb_atom to(double value) { return weft_ovsdb_of_real(value); }
    static double from(const weft_ovsdb_atom& atom) { return atom.real; }
};
template <>
struct Scalar<Uuid> {
    static constexpr int type = WEFT_OVSDB_UUID;
    static weft_ovsdb_atom to(const Uuid& value) { return weft_ovsdb_of_uuid(value); }
    static Uuid from(const weft_ovsdb_atom& atom) { return atom.uuid; }
};
template <>
struct Scalar<std::string_view> {
    static constexpr int type = WEFT_OVSDB_STRING;
    static weft_ovsdb_atom to(std::string_view value) {
        weft_ovsdb_atom out = weft_ovsdb_of_string("");
        if (!value.empty()) out.string = value.data();
        out.length = value.size();
        return out;
    }
    static std::string_view from(const weft_ovsdb_atom& atom) { return {atom.string, atom.length}; }
};
template <>
struct Scalar<std::string> : Scalar<std::string_view> {};
template <>
struct Scalar<const char*> : Scalar<std::string_view> {};
template <size_t N>
struct Scalar<char[N]> : Scalar<std::string_view> {};

/// What is written into a column. Strings stay those of the value.
struct Elements {
    std::vector<weft_ovsdb_atom> keys, values;
    bool is_map = false;

    const weft_ovsdb_atom* mapped() const { return is_map ? values.data() : nullptr; }
};

/// What a column holds, read as a T.
template <class T>
T scalar(const weft_ovsdb_atom& atom, const std::string& what) {
    if (atom.type != Scalar<T>::type)
        throw Error(WEFT_OVSDB_BAD_VALUE, what + " holds values of another type than it is read as");
    return T(Scalar<T>::from(atom));
}

template <class T>
struct Column {
    static T read(weft_ovsdb_value value, const std::string& what) {
        if (value.size != 1 || value.value_type != WEFT_OVSDB_NONE)
            throw Error(WEFT_OVSDB_BAD_VALUE, what + " is read as one value, and holds " +
                                                  std::to_string(value.size) +
                                                  (value.value_type == WEFT_OVSDB_NONE ? "" : " pairs"));
        return scalar<T>(weft_ovsdb_key(value, 0), what);
    }
    static Elements write(const T& value) { return {{Scalar<T>::to(value)}, {}, false}; }
};
template <size_t N>
struct Column<char[N]> {  // a literal is only written
    static Elements write(std::string_view value) { return Column<std::string_view>::write(value); }
};
template <class T>
struct Column<std::optional<T>> {
    static std::optional<T> read(weft_ovsdb_value value, const std::string& what) {
        if (value.size == 0) return std::nullopt;
        return Column<T>::read(value, what);
    }
    static Elements write(const std::optional<T>& value) {
        return value ? Column<T>::write(*value) : Elements();
    }
};
template <class Many, class T>
struct Set {
    static Many read(weft_ovsdb_value value, const std::string& what) {
        if (value.value_type != WEFT_OVSDB_NONE)
            throw Error(WEFT_OVSDB_BAD_VALUE, what + " is read as a set, and is a map");
        Many out;
        for (size_t i = 0; i < value.size; ++i)
            out.insert(out.end(), scalar<T>(weft_ovsdb_key(value, i), what));
        return out;
    }
    static Elements write(const Many& many) {
        Elements out;
        for (const T& one : many) out.keys.push_back(Scalar<T>::to(one));
        return out;
    }
};
template <class T>
struct Column<std::vector<T>> : Set<std::vector<T>, T> {};
template <class T>
struct Column<std::set<T>> : Set<std::set<T>, T> {};
template <class K, class V>
struct Column<std::map<K, V>> {
    static std::map<K, V> read(weft_ovsdb_value value, const std::string& what) {
        if (value.value_type == WEFT_OVSDB_NONE)
            throw Error(WEFT_OVSDB_BAD_VALUE, what + " is read as a map, and is a set");
        std::map<K, V> out;
        for (size_t i = 0; i < value.size; ++i)
            out.emplace(scalar<K>(weft_ovsdb_key(value, i), what),
                        scalar<V>(weft_ovsdb_mapped(value, i), what));
        return out;
    }
    static Elements write(const std::map<K, V>& map) {
        Elements out;
        out.is_map = true;
        for (const auto& [key, value] : map) {
            out.keys.push_back(Scalar<K>::to(key));
            out.values.push_back(Scalar<V>::to(value));
        }
        return out;
    }
};

}  // namespace detail

inline Uuid Uuid::parse(const std::string& text) {
    Uuid out;
    detail::checked(weft_ovsdb_uuid_parse(text.c_str(), &out));
    return out;
}

}  // namespace weft::db
