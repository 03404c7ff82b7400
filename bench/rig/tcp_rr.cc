// SPDX-License-Identifier: Apache-2.0
// tcp_rr serve PORT | tcp_rr ask ADDRESS PORT SECONDS
//
// One byte to and fro over TCP; prints JSON: transactions per second, latency percentiles in microseconds.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace {

sockaddr_in address(const char* ip, const char* port) {
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_port = htons(static_cast<uint16_t>(std::atoi(port)));
    inet_aton(ip, &a.sin_addr);
    return a;
}

void no_delay(int fd) {
    const int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

int serve(const char* port) {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    const int one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    const auto a = address("0.0.0.0", port);
    if (bind(listener, reinterpret_cast<const sockaddr*>(&a), sizeof a) != 0 || listen(listener, 1) != 0) {
        std::perror("tcp_rr: listen");
        return 1;
    }
    const int peer = accept(listener, nullptr, nullptr);
    no_delay(peer);
    char byte;
    while (read(peer, &byte, 1) == 1 && write(peer, &byte, 1) == 1) {
    }
    return 0;
}

int ask(const char* ip, const char* port, double seconds) {
    using Clock = std::chrono::steady_clock;
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    const auto a = address(ip, port);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&a), sizeof a) != 0) {
        std::perror("tcp_rr: connect");
        return 1;
    }
    no_delay(fd);
    std::vector<double> us;
    const auto start = Clock::now();
    const auto end = start + std::chrono::duration<double>(seconds);
    char byte = 1;
    for (auto t = start; t < end;) {
        if (write(fd, &byte, 1) != 1 || read(fd, &byte, 1) != 1) break;
        const auto done = Clock::now();
        us.push_back(std::chrono::duration<double, std::micro>(done - t).count());
        t = done;
    }
    if (us.empty()) return 1;
    const double rate =
        static_cast<double>(us.size()) / std::chrono::duration<double>(Clock::now() - start).count();
    std::sort(us.begin(), us.end());
    const auto at = [&](double q) { return us[static_cast<size_t>(q * static_cast<double>(us.size() - 1))]; };
    std::printf("{\"per_second\": %.0f, \"p50_us\": %.1f, \"p99_us\": %.1f, \"p999_us\": %.1f}\n", rate,
                at(.5), at(.99), at(.999));
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view verb = argc > 1 ? argv[1] : "";
    if (verb == "serve" && argc == 3) return serve(argv[2]);
    if (verb == "ask" && argc == 5) return ask(argv[2], argv[3], std::atof(argv[4]));
    std::fprintf(stderr, "usage: tcp_rr serve PORT | tcp_rr ask ADDRESS PORT SECONDS\n");
    return 2;
}
