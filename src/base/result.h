// SPDX-License-Identifier: Apache-2.0
// Operating errors are values: Result<T>, propagated by TRY. Programmer errors stop the program: CHECK.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace weft {

/// What went wrong, in words for the user: names the thing, the place and the remedy.
struct Error {
    std::string message;
    int code = 0;  ///< an errno value where the system refused, else 0

    bool operator==(const Error&) const = default;
};

template <class T = void>
using Result = std::expected<T, Error>;

/// The failure value of any Result<T>: `return fail("no such port p1")`.
inline std::unexpected<Error> fail(std::string message, int code = 0) {
    return std::unexpected(Error{std::move(message), code});
}

/// Ends the process after printing the condition and its place to stderr.
[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace weft

/// The value of `expr`, or return its error from the enclosing function.
#define TRY(expr)                                                                             \
    ({                                                                                        \
        auto&& try_result_ = (expr);                                                          \
        if (!try_result_) [[unlikely]]                                                        \
            return std::unexpected(std::forward<decltype(try_result_)>(try_result_).error()); \
        *std::forward<decltype(try_result_)>(try_result_);                                    \
    })

/// An invariant that holds in release builds too.
#define CHECK(condition) \
    ((condition) ? static_cast<void>(0) : ::weft::check_failed(#condition, __FILE__, __LINE__))
