// SPDX-License-Identifier: Apache-2.0
#include "packet/packet.h"

#include <cstring>

namespace weft::packet {

Packet Packet::copy_of(ByteSpan frame, uint32_t headroom) {
    Packet p;
    p.reallocate(headroom, static_cast<uint32_t>(frame.size()));
    uint8_t* to = p.append(static_cast<uint32_t>(frame.size()));
    if (!frame.empty()) std::memcpy(to, frame.data(), frame.size());
    return p;
}

Packet Packet::clone() const {
    Packet p = copy_of(bytes());
    p.offload = offload;
    p.l3_type = l3_type;
    p.in_port = in_port;
    return p;
}

uint8_t* Packet::insert(uint32_t at, uint32_t n) {
    CHECK(at <= size_);
    const Offload before = offload;
    push(n);
    std::memmove(data(), data() + n, at);
    if (before.csum_start < at) offload.csum_start = before.csum_start;
    return data() + at;
}

void Packet::erase(uint32_t at, uint32_t n) {
    CHECK(at + n <= size_);
    const Offload before = offload;
    std::memmove(data() + n, data(), at);
    pull(n);
    if (before.csum_start < at) offload.csum_start = before.csum_start;
}

void Packet::reallocate(uint32_t headroom, uint32_t tailroom) {
    auto* fresh = new uint8_t[headroom + size_ + tailroom];
    if (size_ > 0) std::memcpy(fresh + headroom, data(), size_);
    if (owned_) release();
    begin_ = fresh;
    capacity_ = headroom + size_ + tailroom;
    offset_ = headroom;
    owned_ = true;
}

void Packet::release() {
    delete[] begin_;
    begin_ = nullptr;
    owned_ = false;
}

}  // namespace weft::packet
