// SPDX-License-Identifier: Apache-2.0
#include "sys/xdp_transmit.h"

#include <linux/if_xdp.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "sys/packet_sender.h"

namespace weft::sys {
namespace {

constexpr int send_buffer_bytes = 8 << 20;
constexpr int kick_tries = 64;

uint32_t load(uint32_t* p) { return std::atomic_ref(*p).load(std::memory_order_acquire); }
void store(uint32_t* p, uint32_t v) { std::atomic_ref(*p).store(v, std::memory_order_release); }

Result<void> set_option(int fd, int option, const auto& value) {
    if (::setsockopt(fd, SOL_XDP, option, &value, sizeof value) == 0) return {};
    return fail_errno("AF_XDP socket option " + std::to_string(option));
}

}  // namespace

XdpTransmit::XdpTransmit(Fd fd, Mapping memory, Ring transmit, Ring completion)
    : fd_(std::move(fd)),
      memory_(std::move(memory)),
      transmit_(std::move(transmit)),
      completion_(std::move(completion)) {
    free_.reserve(frames);
    for (uint32_t i = frames; i-- > 0;) free_.push_back(i);
}

Result<std::unique_ptr<XdpTransmit>> XdpTransmit::open(int ifindex) {
    Fd fd = TRY(fd_or_errno(::socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0), "AF_XDP socket"));
    Mapping memory = TRY(Mapping::anonymous(size_t{frames} * frame_size, true));
    xdp_umem_reg area{};
    area.addr = reinterpret_cast<uint64_t>(memory.at(0));
    area.len = memory.size();
    area.chunk_size = frame_size;
    TRY(set_option(fd.get(), XDP_UMEM_REG, area));
    for (const int ring : {XDP_UMEM_FILL_RING, XDP_UMEM_COMPLETION_RING, XDP_TX_RING})
        TRY(set_option(fd.get(), ring, frames));
    ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUFFORCE, &send_buffer_bytes, sizeof send_buffer_bytes);

    xdp_mmap_offsets at{};
    socklen_t size = sizeof at;
    if (::getsockopt(fd.get(), SOL_XDP, XDP_MMAP_OFFSETS, &at, &size) != 0)
        return fail_errno("AF_XDP ring offsets");
    const auto map_ring = [&](const xdp_ring_offset& o, size_t entry, int64_t offset) -> Result<Ring> {
        Ring r;
        r.map = TRY(Mapping::of(fd.get(), o.desc + frames * entry, offset, "an AF_XDP ring"));
        r.producer = reinterpret_cast<uint32_t*>(r.map.at(o.producer));
        r.consumer = reinterpret_cast<uint32_t*>(r.map.at(o.consumer));
        r.entries = r.map.at(o.desc);
        return r;
    };
    Ring transmit = TRY(map_ring(at.tx, sizeof(xdp_desc), XDP_PGOFF_TX_RING));
    Ring completion =
        TRY(map_ring(at.cr, sizeof(uint64_t), static_cast<int64_t>(XDP_UMEM_PGOFF_COMPLETION_RING)));

    sockaddr_xdp address{};
    address.sxdp_family = AF_XDP;
    address.sxdp_ifindex = static_cast<uint32_t>(ifindex);
    address.sxdp_flags = XDP_COPY | XDP_USE_NEED_WAKEUP;
    if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        return fail_errno("AF_XDP bind");
    return std::unique_ptr<XdpTransmit>(
        new XdpTransmit(std::move(fd), std::move(memory), std::move(transmit), std::move(completion)));
}

size_t XdpTransmit::send(std::span<const packet::Packet* const> packets, SendResult& result) {
    collect_completed();
    const size_t n = std::min(packets.size(), free_.size());
    auto* descriptors = static_cast<xdp_desc*>(transmit_.entries);
    for (size_t i = 0; i < n; ++i) {
        const uint32_t frame = free_.back();
        free_.pop_back();
        std::memcpy(memory_.at(size_t{frame} * frame_size), packets[i]->data(), packets[i]->size());
        descriptors[produced_++ % frames] = {uint64_t{frame} * frame_size, packets[i]->size(), 0};
    }
    store(transmit_.producer, produced_);
    kick();
    const size_t sent = n - std::min<size_t>(n, take_back());
    for (size_t i = 0; i < sent; ++i) result.bytes += packets[i]->size();
    result.packets += static_cast<uint32_t>(sent);
    result.dropped += static_cast<uint32_t>(n - sent);
    return n;
}

void XdpTransmit::kick() {
    // One call sends up to 32 frames; EAGAIN says that there are more, EBUSY that the device is busy.
    for (int i = 0; i < kick_tries && load(transmit_.consumer) != produced_; ++i) {
        if (::sendto(fd_.get(), nullptr, 0, MSG_DONTWAIT, nullptr, 0) < 0 && errno != EAGAIN &&
            errno != EBUSY && errno != ENOBUFS)
            return;
    }
}

uint32_t XdpTransmit::take_back() {
    // In copy mode the kernel reads the ring only inside our system call, so what it left is ours.
    const uint32_t consumed = load(transmit_.consumer);
    const uint32_t refused = produced_ - consumed;
    const auto* descriptors = static_cast<const xdp_desc*>(transmit_.entries);
    while (produced_ != consumed)
        free_.push_back(static_cast<uint32_t>(descriptors[--produced_ % frames].addr / frame_size));
    store(transmit_.producer, produced_);
    return refused;
}

void XdpTransmit::collect_completed() {
    const uint32_t end = load(completion_.producer);
    uint32_t i = load(completion_.consumer);
    const auto* entries = static_cast<const uint64_t*>(completion_.entries);
    for (; i != end; ++i) free_.push_back(static_cast<uint32_t>(entries[i % frames] / frame_size));
    store(completion_.consumer, i);
}

}  // namespace weft::sys
