// SPDX-License-Identifier: Apache-2.0
// A blocking client on a unix socket, no cleverer than a load generator needs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weft::bench {

/// Resource type. Every failure ends the program with a message.
class Client {
  public:
    explicit Client(const std::string& socket_path);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void send(std::string_view bytes);
    /// Exactly n bytes.
    std::string read_exactly(size_t n);
    /// Whatever is there, at least one byte.
    std::string_view read_some();
    /// read_some() looks again and again instead of sleeping.
    void stay_awake() { poll_ms_ = 0; }
    int fd() const { return fd_; }

  private:
    int fd_, poll_ms_ = -1;
    std::string buffer_;
};

double now_s();

}  // namespace weft::bench
