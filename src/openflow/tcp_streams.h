// SPDX-License-Identifier: Apache-2.0
// OpenFlow messages out of captured TCP packets.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace weft::openflow {

/// Puts the segments of each direction of each connection in order and hands over the messages. IPv4 and
/// IPv6, with VLAN tags or without. Where segments are missing (a capture that began late, or lost packets),
/// reading goes on at the next segment that begins like a message. Memory is bounded: for each direction by a
/// message and what waits for a gap, and by the number of directions. Value type.
class TcpStreams {
  public:
    /// One side of a connection.
    struct End {
        std::string address;
        uint16_t port = 0;
        bool operator==(const End&) const = default;
        auto operator<=>(const End&) const = default;
    };
    struct Direction {
        End from, to;
        bool operator==(const Direction&) const = default;
        auto operator<=>(const Direction&) const = default;
        /// `10.0.0.1.6653 > 10.0.0.2.40000`
        std::string to_string() const;
    };
    using Take = std::function<void(const Direction&, ByteSpan message)>;

    static constexpr uint16_t usual_ports[] = {6633, 6653};
    static constexpr size_t early_max = 1 << 20;       ///< bytes that wait for a gap before it is given up
    static constexpr size_t directions_max = 1 << 12;  ///< the one that was silent longest is forgotten

    /// `ports`: one of the two ends has one of these.
    TcpStreams(std::vector<uint16_t> ports, Take take) : ports_(std::move(ports)), take_(std::move(take)) {}

    void add(ByteSpan frame);

    struct Counters {
        uint64_t segments = 0, messages = 0;
        uint64_t gaps = 0;           ///< segments were missing
        uint64_t skipped_bytes = 0;  ///< of no message, or of one that has a gap
    };
    const Counters& counters() const { return counters_; }

  private:
    struct Segment {
        uint32_t sequence = 0;
        bool syn = false;
        ByteSpan data;
    };
    struct State {
        bool started = false;
        bool in_step = false;  ///< `in` begins with a message
        uint32_t next = 0;     ///< sequence number
        std::map<uint32_t, Bytes> early;
        size_t early_bytes = 0;
        Bytes in;
        uint64_t last_used = 0;
    };
    State& state_of(const Direction& d);
    void take_segment(const Direction& d, State& s, const Segment& segment);
    void take_early(const Direction& d, State& s);
    void append(const Direction& d, State& s, ByteSpan data);
    void deliver(const Direction& d, State& s);
    void lose(State& s);

    std::vector<uint16_t> ports_;
    Take take_;
    Counters counters_;
    std::map<Direction, State> directions_;
};

}  // namespace weft::openflow
