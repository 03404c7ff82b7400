// SPDX-License-Identifier: Apache-2.0
// Why a datapath drops a packet, beyond what translation decided (pipeline/drop.h). Names that Open vSwitch's
// coverage counters have are the same.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

#include "base/time.h"
#include "flow/flow_key.h"
#include "packet/packet.h"

namespace weft::dp {

enum class Drop : uint8_t {
    flow,           ///< its flow has no actions: translation knows why, and counts it
    explicit_drop,  ///< a drop action
    rx_invalid,     ///< too short for an Ethernet header
    upcall_lost,    ///< nobody translates
    meter,
    recirculation,  ///< too many rounds
    invalid_port,   ///< the port of an output action is gone
    truncated,      ///< cut shorter than an Ethernet header
    mtu,            ///< longer than the port's MTU allows
    offload,        ///< what its sender left to do cannot be done: the headers contradict it
    tx,             ///< the device did not take it: it is down, or its queue is full
    conntrack,      ///< an action for a connection tracker, which there is not yet
    no_ethernet,    ///< ports take frames, and the packet has no Ethernet header
    count,
};
inline constexpr size_t n_drops = static_cast<size_t>(Drop::count);
using DropCounts = std::array<uint64_t, n_drops>;

/// "datapath_drop_meter"
std::string_view coverage_name(Drop reason);
/// "beyond the rate of a meter"
std::string_view explanation(Drop reason);

/// A packet as it was when it was dropped.
struct DroppedPacket {
    Drop reason{};
    const packet::Packet& packet;
    const flow::FlowKey& key;  ///< in_port is the datapath's
    uint32_t arg = 0;          ///< number of the meter, or of the port that did not take it
    Time now;
};

/// How many drops of each reason are shown in full until the next refill; the others are only counted. Any
/// thread.
class DropSamples {
  public:
    static constexpr uint32_t per_refill = 16;

    DropSamples() { refill(); }
    void refill() {
        for (auto& left : left_) left.store(per_refill, std::memory_order_relaxed);
    }
    bool take(Drop reason) {
        auto& left = left_[static_cast<size_t>(reason)];
        uint32_t n = left.load(std::memory_order_relaxed);
        return n != 0 && left.compare_exchange_strong(n, n - 1, std::memory_order_relaxed);
    }

  private:
    std::array<std::atomic<uint32_t>, n_drops> left_;
};

}  // namespace weft::dp
