// SPDX-License-Identifier: Apache-2.0
#include "sys/fd.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace weft::sys {

void Fd::reset() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

std::unexpected<Error> fail_code(std::string_view what, int code) {
    return fail(std::string(what) + ": " + std::generic_category().message(code), code);
}

std::unexpected<Error> fail_errno(std::string_view what) { return fail_code(what, errno); }

Result<Fd> fd_or_errno(int fd, std::string_view what) {
    if (fd < 0) return fail_errno(what);
    return Fd(fd);
}

}  // namespace weft::sys
