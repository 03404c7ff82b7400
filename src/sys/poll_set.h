// SPDX-License-Identifier: Apache-2.0
// Waiting for descriptors (epoll) and waking a waiter (eventfd).
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "sys/fd.h"

namespace weft::sys {

/// Resource type. notify() from any thread, the rest from one.
class Event {
  public:
    static Result<Event> open();
    void notify() const;
    /// Makes it quiet again.
    void drain() const;
    int fd() const { return fd_.get(); }

  private:
    explicit Event(Fd fd) : fd_(std::move(fd)) {}
    Fd fd_;
};

/// Resource type, used by one thread. Level-triggered.
class PollSet {
  public:
    static Result<PollSet> open();
    /// Watches `fd` for input; `token` comes back from wait(). Watching twice replaces the token.
    Result<void> add(int fd, uint64_t token);
    void remove(int fd);
    /// Tokens of descriptors with input (or an error to be read); empty after `timeout`. Valid until the next
    /// call.
    std::span<const uint64_t> wait(std::chrono::milliseconds timeout);

  private:
    explicit PollSet(Fd fd) : fd_(std::move(fd)) {}
    Fd fd_;
    std::vector<uint64_t> ready_;
};

}  // namespace weft::sys
