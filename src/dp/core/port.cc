// SPDX-License-Identifier: Apache-2.0
#include "dp/core/port.h"

namespace weft::dp {

Sent Port::transmit(std::span<const packet::Packet* const> packets) {
    const std::lock_guard lock(send_mutex_);
    const Sent sent = send(packets);
    tx_packets_.fetch_add(sent.packets, std::memory_order_relaxed);
    tx_bytes_.fetch_add(sent.bytes, std::memory_order_relaxed);
    if (sent.dropped) tx_dropped_.fetch_add(sent.dropped, std::memory_order_relaxed);
    return sent;
}

DropCounts Port::drops() const {
    DropCounts out;
    for (size_t i = 0; i < n_drops; ++i) out[i] = drops_[i].load(std::memory_order_relaxed);
    return out;
}

void Port::count_received(uint64_t packets, uint64_t bytes) {
    rx_packets_.fetch_add(packets, std::memory_order_relaxed);
    rx_bytes_.fetch_add(bytes, std::memory_order_relaxed);
}

PortStats Port::counted() const {
    PortStats s;
    s.rx_packets = rx_packets_.load(std::memory_order_relaxed);
    s.rx_bytes = rx_bytes_.load(std::memory_order_relaxed);
    s.tx_packets = tx_packets_.load(std::memory_order_relaxed);
    s.tx_bytes = tx_bytes_.load(std::memory_order_relaxed);
    return s;
}

}  // namespace weft::dp
