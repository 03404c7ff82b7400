// SPDX-License-Identifier: Apache-2.0
#include "sys/stream_socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

namespace weft::sys {
namespace {

struct Address {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
    int family() const { return storage.ss_family; }
};

Result<Address> resolve_numeric(const std::string& host, uint16_t port) {
    if (!is_numeric_address(host)) return fail("\"" + host + "\" is not a numeric IP address", EAFNOSUPPORT);
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0)
        return fail("\"" + host + "\" is not a numeric IP address", EAFNOSUPPORT);
    Address out;
    out.size = found->ai_addrlen;
    std::memcpy(&out.storage, found->ai_addr, found->ai_addrlen);
    ::freeaddrinfo(found);
    return out;
}

TcpAddress tcp_address_of(Address& a) {
    char host[NI_MAXHOST] = "", port[NI_MAXSERV] = "0";
    ::getnameinfo(a.get(), a.size, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
    return {host, static_cast<uint16_t>(std::stoi(port))};
}

Result<Fd> open_socket(int family) {
    return fd_or_errno(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
}

/// A Unix address; for a path that does not fit, by way of its folder's descriptor, held in `folder`.
Result<Address> unix_address(const std::string& path, Fd& folder) {
    Address out;
    auto* un = reinterpret_cast<sockaddr_un*>(&out.storage);
    std::string name = path;
    if (name.size() >= sizeof un->sun_path) {
        const std::filesystem::path whole(path);
        folder = Fd(::open(whole.parent_path().c_str(), O_DIRECTORY | O_RDONLY | O_CLOEXEC));
        if (!folder.valid()) return fail_errno(path);
        name = "/proc/self/fd/" + std::to_string(folder.get()) + "/" + whole.filename().string();
        if (name.size() >= sizeof un->sun_path) return fail_code(path, ENAMETOOLONG);
    }
    un->sun_family = AF_UNIX;
    std::memcpy(un->sun_path, name.c_str(), name.size() + 1);
    out.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size() + 1);
    return out;
}

constexpr int backlog = 64;

/// What a listener has, those whom it accepts have too.
Result<> set_dscp(int fd, int family, std::optional<uint8_t> dscp) {
    if (!dscp) return {};
    const int tos = *dscp << 2;
    // A socket of IPv6 may carry IPv4.
    if (::setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof tos) != 0 ||
        (family == AF_INET6 && ::setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof tos) != 0))
        return fail_errno("set DSCP");
    return {};
}

}  // namespace

bool is_numeric_address(const std::string& host) {
    in_addr v4{};
    in6_addr v6{};
    const std::string without_scope = host.substr(0, host.find('%'));
    return ::inet_pton(AF_INET, host.c_str(), &v4) == 1 ||
           ::inet_pton(AF_INET6, without_scope.c_str(), &v6) == 1;
}

std::string TcpAddress::to_string() const {
    const bool v6 = host.find(':') != host.npos;
    return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<Fd> connect_tcp(const TcpAddress& to, std::optional<uint8_t> dscp) {
    Address address = TRY(resolve_numeric(to.host, to.port));
    Fd fd = TRY(open_socket(address.family()));
    set_no_delay(fd.get());
    TRY(set_dscp(fd.get(), address.family(), dscp));
    if (::connect(fd.get(), address.get(), address.size) != 0 && errno != EINPROGRESS)
        return fail_errno(to.to_string());
    return fd;
}

Result<Fd> connect_unix(const std::string& path) {
    Fd folder;
    Address address = TRY(unix_address(path, folder));
    Fd fd = TRY(open_socket(AF_UNIX));
    if (::connect(fd.get(), address.get(), address.size) != 0 && errno != EINPROGRESS)
        return fail_errno(path);
    return fd;
}

Result<> connect_result(int fd) {
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return fail_errno("getsockopt");
    if (error != 0) return fail_code("connect", error);
    return {};
}

Result<Fd> listen_tcp(const TcpAddress& at, std::optional<uint8_t> dscp) {
    Address address = TRY(resolve_numeric(at.host.empty() ? "::" : at.host, at.port));
    auto opened = open_socket(address.family());
    if (!opened && at.host.empty()) {  // a kernel without IPv6
        address = TRY(resolve_numeric("0.0.0.0", at.port));
        opened = open_socket(AF_INET);
    }
    Fd fd = TRY(std::move(opened));
    const int on = 1, off = 0;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address.family() == AF_INET6 && at.host.empty())
        ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    TRY(set_dscp(fd.get(), address.family(), dscp));
    if (::bind(fd.get(), address.get(), address.size) != 0) return fail_errno("bind");
    if (::listen(fd.get(), backlog) != 0) return fail_errno("listen");
    return fd;
}

Result<Fd> listen_unix(const std::string& path) {
    Fd folder;
    Address address = TRY(unix_address(path, folder));
    Fd fd = TRY(open_socket(AF_UNIX));
    remove_file(path);
    // The mode is that of the socket before bind(), less the umask; nobody can connect in between.
    ::fchmod(fd.get(), 0770);
    if (::bind(fd.get(), address.get(), address.size) != 0) return fail_errno("bind");
    if (::listen(fd.get(), backlog) != 0) return fail_errno("listen");
    return fd;
}

void remove_file(const std::string& path) { ::unlink(path.c_str()); }

Result<Accepted> accept(int fd) {
    Address peer;
    Fd accepted =
        TRY(fd_or_errno(::accept4(fd, peer.get(), &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC), "accept"));
    if (peer.family() == AF_UNIX) return Accepted{std::move(accepted), {}};
    set_no_delay(accepted.get());
    TcpAddress from = tcp_address_of(peer);
    constexpr std::string_view mapped = "::ffff:";  // an IPv4 peer of a socket for both
    if (from.host.starts_with(mapped)) from.host.erase(0, mapped.size());
    return Accepted{std::move(accepted), from.to_string()};
}

Result<TcpAddress> local_address(int fd) {
    Address own;
    if (::getsockname(fd, own.get(), &own.size) != 0) return fail_errno("getsockname");
    return tcp_address_of(own);
}

Result<size_t> read(int fd, std::span<char> into) {
    const ssize_t n = ::recv(fd, into.data(), into.size(), 0);
    if (n < 0) return fail_errno("read");
    return static_cast<size_t>(n);
}

Result<size_t> write(int fd, std::string_view bytes) {
    const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0) return fail_errno("write");
    return static_cast<size_t>(n);
}

void set_no_delay(int fd) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace weft::sys
