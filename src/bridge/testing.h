// SPDX-License-Identifier: Apache-2.0
// A small switch for tests of what keeps megaflows: no threads, no devices, no database. Linked by tests
// only.
#pragma once

#include "bridge/revalidator.h"
#include "dp/fake/fake_datapath.h"
#include "loop/clock.h"
#include "pipeline/testing.h"

namespace weft::bridge::testing {

struct NoSink : EventSink {
    explicit NoSink(pipeline::State& /*state*/) {}
    bool post(Event) override { return true; }
};

/// UDP from 10.0.0.0 plus `flow`, of which 24 bits count.
inline packet::Packet udp(uint32_t flow, uint16_t to_port = 53, uint8_t ttl = 64) {
    Bytes f = *parse_hex(
        "020000000004 020000000002 0800 4500 001e 1234 4000 40 11 0000 0a000000 0a000002"
        "0001 0035 000a 0000 6162");
    f[22] = ttl;
    for (size_t i = 0; i < 3; ++i) f[27 + i] = static_cast<uint8_t>(flow >> (16 - 8 * i));
    f[36] = static_cast<uint8_t>(to_port >> 8);
    f[37] = static_cast<uint8_t>(to_port);
    return packet::Packet::copy_of(f);
}

/// A bridge "br" with the ports 1 and 2.
template <class Sink = NoSink>
class OneBridge {
  public:
    static constexpr DpPort p1{2}, p2{3};  // the local port comes first

    OneBridge() {
        for (const DpPort p : {p1, p2})
            dp_.add_port(
                   {.name = "p" + std::to_string(p.value), .type = "dummy", .options = {}, .request = p})
                .value();
        auto& br = world_.add_bridge("br");
        br.add_port(world_, 1);
        br.add_port(world_, 2);
        world_.publish();
        dp_.set_handler(&cache_);
    }
    ~OneBridge() { dp_.set_handler(nullptr); }
    OneBridge(const OneBridge&) = delete;
    OneBridge& operator=(const OneBridge&) = delete;

    loop::Clock clock_{loop::Clock::Kind::simulated};
    pipeline::testing::World world_;
    dp::FakeDatapath dp_{clock_, {}};
    Sink sink_{world_.state()};
    FlowCache cache_{world_.state(), sink_};
    Revalidator revalidator_{dp_, world_.state(), cache_};
};

}  // namespace weft::bridge::testing
