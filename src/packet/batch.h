// SPDX-License-Identifier: Apache-2.0
// Up to 32 packets that travel together.
#pragma once

#include <array>
#include <span>

#include "packet/packet.h"

namespace weft::packet {

/// Resource type. Keeps the order of its packets.
class Batch {
  public:
    static constexpr uint32_t capacity = 32;

    bool push(Packet&& p) {
        if (full()) return false;
        slots_[count_++] = std::move(p);
        return true;
    }
    /// Drops its packets; owned ones are freed.
    void clear() {
        for (uint32_t i = 0; i < count_; ++i) slots_[i] = Packet();
        count_ = 0;
    }

    bool empty() const { return count_ == 0; }
    bool full() const { return count_ == capacity; }
    uint32_t size() const { return count_; }
    Packet& operator[](uint32_t i) { return slots_[i]; }
    const Packet& operator[](uint32_t i) const { return slots_[i]; }
    Packet* begin() { return slots_.data(); }
    Packet* end() { return slots_.data() + count_; }
    const Packet* begin() const { return slots_.data(); }
    const Packet* end() const { return slots_.data() + count_; }
    std::span<Packet> packets() { return {slots_.data(), count_}; }

  private:
    std::array<Packet, capacity> slots_;
    uint32_t count_ = 0;
};

}  // namespace weft::packet
