// SPDX-License-Identifier: Apache-2.0
// Reads the members of a JSON object and words what is wrong with it as Open vSwitch does.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "ovsdb/error.h"

namespace weft::ovsdb {

/// Kinds of JSON that a member may have; several by |.
enum class Kind : unsigned {
    null = 1,
    boolean = 2,
    integer = 4,
    real = 8,
    string = 16,
    array = 32,
    object = 64,
    id = 128,  ///< a string that is an <id>
    number = integer | real,
    any = 255,
};
constexpr Kind operator|(Kind a, Kind b) {
    return static_cast<Kind>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}

/// Resource type: borrows the JSON. Remembers the first thing that is wrong; after it, members come out null.
///
///     Members m(json, "table schema for table T");
///     const auto* columns = m.required("columns", Kind::object);
///     const auto* max_rows = m.optional("maxRows", Kind::integer);
///     TRY(m.finish());      // also fails if there are members that nobody asked for
class Members {
  public:
    /// One of several of a kind: "KIND 1 of 2".
    struct Nth {
        std::string_view kind;
        size_t n, of;
    };
    Members(const codec::Json& json, std::string what) : Members(json, std::move(what), {}) {}
    Members(const codec::Json& json, Nth what) : Members(json, {}, what) {}
    Members(const Members&) = delete;
    Members& operator=(const Members&) = delete;

    const codec::Json* required(std::string_view name, Kind kind);
    const codec::Json* optional(std::string_view name, Kind kind);
    /// "Parsing <what> failed: <why>", unless something is wrong already.
    void complain(std::string why);
    bool ok() const { return !error_; }
    OpResult<> finish();

  private:
    Members(const codec::Json& json, std::string what, Nth nth);
    std::string what() const;
    const codec::Json* take(std::string_view name, Kind kind, bool must);

    const codec::Json& json_;
    std::string what_;
    Nth nth_;
    std::array<std::string_view, 16> asked_;
    size_t asked_count_ = 0;
    std::optional<OpError> error_;
};

}  // namespace weft::ovsdb
