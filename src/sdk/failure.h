// SPDX-License-Identifier: Apache-2.0
// Errors of the C API: a code, and a text for weft_ovsdb_error().
#pragma once

#include <exception>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "sdk/ovsdb.h"

namespace weft::sdk {

struct Failure {
    weft_ovsdb_code code;
    std::string text;
};

template <class T = void>
using Checked = std::expected<T, Failure>;

inline std::unexpected<Failure> refuse(weft_ovsdb_code code, std::string text) {
    return std::unexpected(Failure{code, std::move(text)});
}

/// A string argument, called `what` if it is NULL or no UTF-8.
Checked<std::string_view> text_of(const char* text, std::string_view what);
/// As text_of(), of `length` bytes; NUL is no part of a text.
Checked<std::string_view> text_of(const char* text, size_t length, std::string_view what);
/// Refuses NULL for what weft_ovsdb_error() calls `what`.
template <class T>
Checked<> not_null(const T* pointer, std::string_view what) {
    if (pointer) return {};
    return refuse(WEFT_OVSDB_BAD_ARGUMENT, std::string(what) + " is NULL");
}

/// The text of the calling thread's last failure.
const char* last_failure() noexcept;
/// Keeps the text for last_failure(), and gives the code.
int report(weft_ovsdb_code code, std::string text) noexcept;

/// What a function of the C API returns: `run` gives Checked<int> or Checked<>; no exception gets out.
template <class F>
int guarded(F&& run) noexcept {
    try {
        auto done = std::forward<F>(run)();
        if (!done) return report(done.error().code, std::move(done.error().text));
        if constexpr (std::is_same_v<decltype(done), Checked<int>>) return *done;
        return WEFT_OVSDB_OK;
    } catch (const std::exception& error) {
        return report(WEFT_OVSDB_INTERNAL, error.what());
    }
}

}  // namespace weft::sdk
