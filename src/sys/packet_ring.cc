// SPDX-License-Identifier: Apache-2.0
#include "sys/packet_ring.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <atomic>
#include <cstring>

#include "sys/promiscuous.h"
#include "sys/vnet_header.h"

namespace weft::sys {
namespace {

constexpr int receive_buffer_bytes = 8 << 20;

template <class T>
Result<void> set_option(int fd, int option, const T& value, const char* what) {
    if (::setsockopt(fd, SOL_PACKET, option, &value, sizeof value) == 0) return {};
    return fail_errno(std::string("packet socket: ") + what);
}

Result<void> prepare(int fd, const tpacket_req& ring) {
    TRY(set_option(fd, PACKET_VNET_HDR, 1, "virtio-net headers"));
    TRY(set_option(fd, PACKET_VERSION, int{TPACKET_V2}, "ring version 2"));
    TRY(set_option(fd, PACKET_RESERVE, int{packet::Packet::default_headroom}, "headroom"));
    TRY(set_option(fd, PACKET_COPY_THRESH, 1, "queue for large frames"));
    // An older kernel without it hands over our own transmissions; receive_slot() leaves those out too.
    (void)set_option(fd, PACKET_IGNORE_OUTGOING, 1, "");
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer_bytes, sizeof receive_buffer_bytes);
    return set_option(fd, PACKET_RX_RING, ring, "receive ring");
}

Result<void> listen_to(int fd, int ifindex) {
    TRY(make_promiscuous(fd, ifindex));
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = ifindex;
    if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        return fail_errno("packet socket: bind");
    return {};
}

uint32_t status_of(const uint8_t* slot) {
    auto* status = const_cast<uint32_t*>(&reinterpret_cast<const tpacket2_hdr*>(slot)->tp_status);
    return std::atomic_ref(*status).load(std::memory_order_acquire);
}

bool is_outgoing(const uint8_t* slot) {
    sockaddr_ll from;
    std::memcpy(&from, slot + TPACKET_ALIGN(sizeof(tpacket2_hdr)), sizeof from);
    return from.sll_pkttype == PACKET_OUTGOING;
}

/// Offload metadata, and the tag that the kernel keeps beside the frame.
void add_metadata(packet::Packet& p, const tpacket2_hdr& h, const uint8_t* vnet) {
    VnetHeader header;
    std::memcpy(&header, vnet, sizeof header);
    p.offload = offload_of(header);
    if (h.tp_status & TP_STATUS_VLAN_VALID)
        insert_vlan_tag(p, h.tp_status & TP_STATUS_VLAN_TPID_VALID ? h.tp_vlan_tpid : uint16_t{ETH_P_8021Q},
                        h.tp_vlan_tci);
}

}  // namespace

Result<std::unique_ptr<PacketRing>> PacketRing::open(int ifindex, Options options) {
    // Protocol 0: nothing arrives before bind() names the device.
    Fd fd =
        TRY(fd_or_errno(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "packet socket"));
    tpacket_req ring{};
    ring.tp_frame_size = slot_size;
    ring.tp_frame_nr = options.slots;
    ring.tp_block_size = slot_size * 32;
    ring.tp_block_nr = options.slots / 32;
    TRY(prepare(fd.get(), ring));
    Mapping map = TRY(Mapping::of(fd.get(), size_t{slot_size} * options.slots, 0, "the receive ring"));
    Mapping large = TRY(Mapping::anonymous(size_t{large_size} * large_buffers, false));
    TRY(listen_to(fd.get(), ifindex));
    return std::unique_ptr<PacketRing>(
        new PacketRing(std::move(fd), std::move(map), std::move(large), options.slots));
}

uint32_t PacketRing::receive(packet::Batch& out, uint32_t limit) {
    const uint32_t before = out.size();
    while (out.size() < limit && lent_ < slots_) {
        uint8_t* slot = ring_.at(size_t{head_} * slot_size);
        const uint32_t status = status_of(slot);
        if (!(status & TP_STATUS_USER)) break;
        if (status & TP_STATUS_COPY) {
            if (large_lent_ == large_buffers) break;
            receive_large(slot, out);
        } else {
            receive_slot(slot, out);
        }
        head_ = head_ + 1 == slots_ ? 0 : head_ + 1;
        ++lent_;
    }
    return out.size() - before;
}

bool PacketRing::receive_slot(uint8_t* slot, packet::Batch& out) {
    const auto& h = *reinterpret_cast<const tpacket2_hdr*>(slot);
    if (is_outgoing(slot)) return false;
    if (h.tp_snaplen < h.tp_len) {
        ++counters_.truncated;
        return false;
    }
    // The virtio-net header ends where the frame begins; the reserved room lies before it.
    const uint32_t header = static_cast<uint32_t>(sizeof(tpacket2_hdr) + sizeof(sockaddr_ll));
    auto p = packet::Packet::borrow(slot + header, slot_size - header, h.tp_mac - header, h.tp_snaplen);
    add_metadata(p, h, slot + h.tp_mac - sizeof(VnetHeader));
    return out.push(std::move(p));
}

bool PacketRing::receive_large(uint8_t* slot, packet::Batch& out) {
    const auto& h = *reinterpret_cast<const tpacket2_hdr*>(slot);
    constexpr uint32_t room = packet::Packet::default_headroom;
    uint8_t* buffer = large_.at(size_t{large_lent_} * large_size);
    uint8_t* vnet = buffer + room - sizeof(VnetHeader);
    // Also when the frame is not wanted: the queue goes in step with the marks in the ring.
    const ssize_t n = ::recv(fd_.get(), vnet, large_size - room, MSG_DONTWAIT);
    if (n < static_cast<ssize_t>(sizeof(VnetHeader))) {
        ++counters_.truncated;
        return false;
    }
    if (is_outgoing(slot)) return false;
    const auto size = static_cast<uint32_t>(n) - static_cast<uint32_t>(sizeof(VnetHeader));
    auto p = packet::Packet::borrow(buffer, large_size, room, size);
    add_metadata(p, h, vnet);
    ++large_lent_;
    return out.push(std::move(p));
}

void PacketRing::release() {
    while (lent_ > 0) {
        const uint32_t i = (head_ + slots_ - lent_) % slots_;
        auto& status = reinterpret_cast<tpacket2_hdr*>(ring_.at(size_t{i} * slot_size))->tp_status;
        std::atomic_ref(status).store(TP_STATUS_KERNEL, std::memory_order_release);
        --lent_;
    }
    large_lent_ = 0;
}

void PacketRing::clear_error() {
    int error = 0;
    socklen_t size = sizeof error;
    (void)::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
}

PacketRing::Counters PacketRing::counters() {
    tpacket_stats stats{};
    socklen_t size = sizeof stats;
    // Reading resets the kernel's counter.
    if (::getsockopt(fd_.get(), SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0)
        counters_.dropped += stats.tp_drops;
    return counters_;
}

}  // namespace weft::sys
