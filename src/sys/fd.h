// SPDX-License-Identifier: Apache-2.0
// A file descriptor with an owner, and errno as an Error.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace weft::sys {

/// Resource type: closes on destruction; moves.
class Fd {
  public:
    Fd() = default;
    explicit Fd(int fd) : fd_(fd) {}
    Fd(Fd&& o) noexcept : fd_(std::exchange(o.fd_, -1)) {}
    Fd& operator=(Fd&& o) noexcept {
        if (this != &o) {
            reset();
            fd_ = std::exchange(o.fd_, -1);
        }
        return *this;
    }
    ~Fd() { reset(); }

    int get() const { return fd_; }
    bool valid() const { return fd_ >= 0; }
    void reset();

  private:
    int fd_ = -1;
};

/// "WHAT: No such device", with `code` (errno) kept in the Error.
std::unexpected<Error> fail_code(std::string_view what, int code);
/// The same for the current errno.
std::unexpected<Error> fail_errno(std::string_view what);

/// The result of a system call that gives a file descriptor or -1.
Result<Fd> fd_or_errno(int fd, std::string_view what);

}  // namespace weft::sys
