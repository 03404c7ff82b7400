// SPDX-License-Identifier: Apache-2.0
// Streams within a process, with delay, for tests and simulations.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "loop/loop.h"
#include "net/stream.h"

namespace weft::net {

/// Two ends of a connection; bytes take `delay` each way. Either end may be destroyed first.
std::pair<std::unique_ptr<Stream>, std::unique_ptr<Stream>> make_memory_streams(loop::Loop& loop,
                                                                                std::string near_name,
                                                                                std::string far_name,
                                                                                Duration delay);

/// A network of its own: "unix:X" reaches "punix:X", "tcp:HOST:PORT" reaches "ptcp:PORT". Resource type;
/// belongs to the loop's thread and outlives its listeners.
class MemoryTransport : public Transport {
  public:
    explicit MemoryTransport(loop::Loop& loop, Duration delay = {}) : loop_(loop), delay_(delay) {}

    Result<std::unique_ptr<Stream>> connect(const ConnectionName& to) override;
    Result<std::unique_ptr<Listener>> listen(const ConnectionName& at, Accept accept) override;

    /// Nobody can connect to `text` ("tcp:10.0.0.1:6653") while it is blocked: attempts hang.
    void set_blocked(const std::string& text, bool blocked) { blocked_[text] = blocked; }

  private:
    struct Place;
    class Registration;
    static std::string key(const ConnectionName& name);

    loop::Loop& loop_;
    Duration delay_;
    std::map<std::string, std::shared_ptr<Place>> places_;
    std::map<std::string, bool> blocked_;
    unsigned accepted_ = 0;
    uint16_t next_port_ = 50000;
};

}  // namespace weft::net
