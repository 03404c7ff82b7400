// SPDX-License-Identifier: Apache-2.0
// The rate limit of packets to one controller: what goes beyond it waits in a bounded queue, then is dropped
// and counted.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "base/ids.h"
#include "base/time.h"
#include "base/token_bucket.h"
#include "openflow/packet_in.h"

namespace weft::openflow {

/// Pure. Misses and packets that an action sent have a bucket and a queue each, so that neither starves the
/// other; within a queue ports take turns, and the port that waits with most gives way when it is full.
class PacketInQueue {
  public:
    struct Options {
        uint64_t rate_pps = 0;  ///< 0: no limit
        uint64_t burst = 0;     ///< 0: a quarter of the rate
        size_t capacity = 100;
        bool operator==(const Options&) const = default;
    };
    /// As reported in Controller.status.
    struct Counters {
        uint64_t bypassed = 0, queued = 0, dropped = 0, backlog = 0;
    };
    enum class Kind : uint8_t { miss, action };

    explicit PacketInQueue(Options options);

    /// True: send it now. False: it was queued or dropped.
    bool admit(const PacketIn& packet, Time now);
    /// The next packet whose turn has come.
    std::optional<PacketIn> take(Time now);
    Time next_deadline() const;
    bool limited() const { return options_.rate_pps > 0; }
    Counters counters(Kind kind) const { return lanes_[static_cast<size_t>(kind)].counters; }
    /// Of both kinds.
    uint64_t dropped() const { return lanes_[0].counters.dropped + lanes_[1].counters.dropped; }
    void clear();

  private:
    struct Lane {
        explicit Lane(const Options& o) : bucket(o.rate_pps, o.burst) {}
        TokenBucket bucket;
        std::map<OfPort, std::deque<PacketIn>> waiting;
        std::optional<OfPort> last;  ///< whose turn was the last
        Counters counters;
    };
    void make_room(Lane& lane);
    /// Between two packets.
    Duration interval() const { return Duration(1s) / static_cast<Duration::rep>(options_.rate_pps); }

    Options options_;
    std::array<Lane, 2> lanes_;
    Time next_{never};
};

}  // namespace weft::openflow
