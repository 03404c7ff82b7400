// SPDX-License-Identifier: Apache-2.0
#include "sys/packet_tap.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>

namespace weft::sys {
namespace {

bool is_loopback(int fd, const std::string& device) {
    ifreq request{};
    device.copy(request.ifr_name, IFNAMSIZ - 1);
    return ::ioctl(fd, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_LOOPBACK);
}

}  // namespace

Result<std::unique_ptr<PacketTap>> PacketTap::open(const std::string& device) {
    const unsigned index = ::if_nametoindex(device.c_str());
    if (index == 0) return fail(device + ": no such network device", ENODEV);
    constexpr int room = 8 << 20;
    Fd fd = TRY(fd_or_errno(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), device));
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = static_cast<int>(index);
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0)
        return fail_errno(device);
    const bool loopback = is_loopback(fd.get(), device);
    return std::unique_ptr<PacketTap>(new PacketTap(std::move(fd), loopback));
}

Result<> PacketTap::receive(size_t limit, const std::function<void(ByteSpan)>& take) {
    for (size_t i = 0; i < limit; ++i) {
        sockaddr_ll from{};
        socklen_t size = sizeof from;
        const ssize_t n = ::recvfrom(fd_.get(), buffer_.data(), buffer_.size(), 0,
                                     reinterpret_cast<sockaddr*>(&from), &size);
        if (n < 0) {
            if (errno == EAGAIN || errno == EINTR || errno == ENOBUFS) return {};
            return fail_errno("receiving");
        }
        // On a loopback device each frame is seen going and coming.
        if (loopback_ && from.sll_pkttype == PACKET_OUTGOING) continue;
        take(ByteSpan(buffer_).first(static_cast<size_t>(n)));
    }
    return {};
}

uint64_t PacketTap::dropped() {
    tpacket_stats stats{};
    socklen_t size = sizeof stats;
    if (::getsockopt(fd_.get(), SOL_PACKET, PACKET_STATISTICS, &stats, &size) < 0) return 0;
    return stats.tp_drops;
}

}  // namespace weft::sys
