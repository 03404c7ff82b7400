// SPDX-License-Identifier: Apache-2.0
#include "client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace weft::bench {
namespace {

[[noreturn]] void die(const char* what) {
    std::perror(what);
    std::exit(1);
}

}  // namespace

Client::Client(const std::string& socket_path)
    : fd_(socket(AF_UNIX, SOCK_STREAM, 0)), buffer_(1 << 16, '\0') {
    sockaddr_un a{};
    a.sun_family = AF_UNIX;
    std::strncpy(a.sun_path, socket_path.c_str(), sizeof a.sun_path - 1);
    if (connect(fd_, reinterpret_cast<const sockaddr*>(&a), sizeof a) != 0) die(socket_path.c_str());
}

Client::~Client() { close(fd_); }

void Client::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) die("send");
        bytes.remove_prefix(static_cast<size_t>(n));
    }
}

std::string Client::read_exactly(size_t n) {
    std::string out(n, '\0');
    for (size_t at = 0; at < n;) {
        const ssize_t got = recv(fd_, out.data() + at, n - at, 0);
        if (got <= 0) die("recv");
        at += static_cast<size_t>(got);
    }
    return out;
}

std::string_view Client::read_some() {
    // As clients do; a blocking recv() is also woken, for nothing, by the server's reading.
    pollfd readable{fd_, POLLIN, 0};
    int ready = 0;
    while (ready == 0) ready = poll(&readable, 1, poll_ms_);
    if (ready < 0) die("poll");
    const ssize_t got = recv(fd_, buffer_.data(), buffer_.size(), 0);
    if (got <= 0) die("recv");
    return {buffer_.data(), static_cast<size_t>(got)};
}

double now_s() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace weft::bench
