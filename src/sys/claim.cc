// SPDX-License-Identifier: Apache-2.0
#include "sys/claim.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstddef>

namespace weft::sys {

/// An abstract socket address belongs to the network namespace, as devices do, and goes with its last
/// descriptor.
Result<Fd> claim(const std::string& name) {
    Fd fd = TRY(fd_or_errno(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket to claim " + name));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const size_t size = std::min(name.size(), sizeof address.sun_path - 1);
    name.copy(address.sun_path + 1, size);
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + size);
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0)
        return fail_errno("claim " + name);
    return fd;
}

}  // namespace weft::sys
