// SPDX-License-Identifier: Apache-2.0
#include "sys/packet_sender.h"

#include <linux/if_packet.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>

#include "packet/batch.h"
#include "sys/promiscuous.h"
#include "sys/vnet_header.h"
#include "sys/xdp_transmit.h"

namespace weft::sys {
namespace {

constexpr int send_buffer_bytes = 8 << 20;
constexpr uint32_t ethernet_header = 14;

/// A frame that AF_XDP can carry without its metadata.
bool is_plain(const packet::Packet& p) {
    return p.offload.csum != packet::Csum::partial && p.offload.gso == packet::Gso::none &&
           p.size() >= ethernet_header && p.size() <= XdpTransmit::frame_max;
}

}  // namespace

PacketSender::PacketSender(Fd fd, int ifindex, bool xdp)
    : fd_(std::move(fd)), ifindex_(ifindex), wants_xdp_(xdp) {
    try_xdp();
}
PacketSender::~PacketSender() = default;

Result<std::unique_ptr<PacketSender>> PacketSender::open(int ifindex, Options options) {
    Fd fd =
        TRY(fd_or_errno(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "packet socket"));
    const int on = 1;
    if (::setsockopt(fd.get(), SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on) != 0)
        return fail_errno("packet socket: virtio-net headers");
    if (options.bypass_qdisc && ::setsockopt(fd.get(), SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on) != 0)
        return fail_errno("packet socket: qdisc bypass");
    ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUFFORCE, &send_buffer_bytes, sizeof send_buffer_bytes);
    if (options.promiscuous) TRY(make_promiscuous(fd.get(), ifindex));
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_ifindex = ifindex;
    if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        return fail_errno("packet socket: bind");
    return std::unique_ptr<PacketSender>(
        new PacketSender(std::move(fd), ifindex, options.xdp && options.bypass_qdisc));
}

void PacketSender::try_xdp() {
    if (!wants_xdp_) return;
    auto opened = XdpTransmit::open(ifindex_);
    // Another refusal than "busy" is final: the device cannot do it.
    wants_xdp_ = !opened && opened.error().code == EBUSY;
    if (opened) xdp_ = std::move(*opened);
}

SendResult PacketSender::send(std::span<const packet::Packet* const> packets) {
    SendResult result;
    while (!packets.empty()) {
        size_t run = 0;
        const bool plain = xdp_ && is_plain(*packets[0]);
        while (run < packets.size() && (xdp_ && is_plain(*packets[run])) == plain) ++run;
        size_t done = 0;
        if (plain) done = xdp_->send(packets.first(run), result);
        // What AF_XDP had no room for goes the other way, behind what it has taken.
        if (done < run) send_by_socket(packets.subspan(done, run - done), result);
        packets = packets.subspan(run);
    }
    return result;
}

void PacketSender::send_by_socket(std::span<const packet::Packet* const> packets, SendResult& result) {
    constexpr size_t n_max = packet::Batch::capacity;
    std::array<mmsghdr, n_max> messages;
    std::array<VnetHeader, n_max> headers;
    std::array<std::array<iovec, 2>, n_max> parts;
    while (!packets.empty()) {
        const size_t n = std::min(packets.size(), n_max);
        for (size_t i = 0; i < n; ++i) {
            headers[i] = vnet_header_of(packets[i]->offload);
            parts[i] = {iovec{&headers[i], sizeof(VnetHeader)},
                        iovec{const_cast<uint8_t*>(packets[i]->data()), packets[i]->size()}};
            messages[i] = {};
            messages[i].msg_hdr.msg_iov = parts[i].data();
            messages[i].msg_hdr.msg_iovlen = parts[i].size();
        }
        for (size_t i = 0; i < n;) {
            const int sent = ::sendmmsg(fd_.get(), &messages[i], static_cast<unsigned>(n - i), MSG_DONTWAIT);
            if (sent <= 0) {  // about the first one: too long, no buffer, device down ...
                ++result.dropped;
                ++i;
                continue;
            }
            for (const size_t end = i + static_cast<size_t>(sent); i < end; ++i) {
                ++result.packets;
                result.bytes += packets[i]->size();
            }
        }
        packets = packets.subspan(n);
    }
}

}  // namespace weft::sys
