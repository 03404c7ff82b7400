// SPDX-License-Identifier: Apache-2.0
// Stream sockets, non-blocking: TCP over IPv4 and IPv6, and Unix domain.
// (Not "socket.h": src/ is on the include path and would hide the system's <sys/socket.h>.)
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "sys/fd.h"

namespace weft::sys {

/// A numeric address ("10.0.0.1", "::1", "fe80::1%eth0") and a port in host order.
struct TcpAddress {
    std::string host;
    uint16_t port = 0;
    /// "10.0.0.1:6640", "[::1]:6640"
    std::string to_string() const;
    bool operator==(const TcpAddress&) const = default;
};

/// An IPv4 address in four decimal numbers, or an IPv6 address; else it may be a name.
bool is_numeric_address(const std::string& host);

// The connection may still be under way: wait until writable, then ask connect_result(). `dscp`: of the
// packets (RFC 2474).
Result<Fd> connect_tcp(const TcpAddress& to, std::optional<uint8_t> dscp = {});
Result<Fd> connect_unix(const std::string& path);
Result<> connect_result(int fd);

/// On all addresses, IPv6 and IPv4, if the host is empty.
Result<Fd> listen_tcp(const TcpAddress& at, std::optional<uint8_t> dscp = {});
/// Replaces a socket that is there already; readable and writable for user and group as the umask allows.
Result<Fd> listen_unix(const std::string& path);
void remove_file(const std::string& path);

struct Accepted {
    Fd fd;
    std::string peer;  ///< "10.0.0.1:4711"; empty for Unix sockets
};
/// Code EAGAIN when nobody waits.
Result<Accepted> accept(int fd);
Result<TcpAddress> local_address(int fd);

/// Bytes moved; code EAGAIN when none can be now. Zero bytes read: the peer has closed.
Result<size_t> read(int fd, std::span<char> into);
Result<size_t> write(int fd, std::string_view bytes);

/// TCP_NODELAY.
void set_no_delay(int fd);

}  // namespace weft::sys
