// SPDX-License-Identifier: Apache-2.0
#include "sys/tap.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "sys/vnet_header.h"

namespace weft::sys {
namespace {

constexpr unsigned uso4 = 0x20, uso6 = 0x40;  // TUN_F_USO4 and 6, Linux 6.2; missing from Debian 12's headers

Result<void> set_offloads(int fd) {
    constexpr unsigned usual = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
    if (::ioctl(fd, TUNSETOFFLOAD, usual | uso4 | uso6) == 0 || ::ioctl(fd, TUNSETOFFLOAD, usual) == 0)
        return {};
    return fail_errno("tap: offloads");
}

}  // namespace

Result<std::unique_ptr<Tap>> Tap::open(const std::string& name) {
    if (name.empty() || name.size() >= IFNAMSIZ)
        return fail("\"" + name + "\" cannot be an interface's name: it must have 1 to " +
                    std::to_string(IFNAMSIZ - 1) + " characters");
    Fd fd = TRY(fd_or_errno(::open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK), "/dev/net/tun"));
    ifreq request{};
    std::memcpy(request.ifr_name, name.data(), name.size());
    request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
    if (::ioctl(fd.get(), TUNSETIFF, &request) != 0) {
        if (errno == EINVAL)
            return fail("device " + name + " exists and is not a tap: remove or rename it", EEXIST);
        if (errno == EBUSY) return fail("tap " + name + " is in use by another process", EBUSY);
        return fail_errno("tap " + name);
    }
    const int header = sizeof(VnetHeader);
    if (::ioctl(fd.get(), TUNSETVNETHDRSZ, &header) != 0) return fail_errno("tap " + name + ": header size");
    TRY(set_offloads(fd.get()));
    if (::ioctl(fd.get(), TUNSETPERSIST, 1) != 0) return fail_errno("tap " + name + ": persistence");
    Mapping buffers = TRY(Mapping::anonymous(size_t{buffer_size} * packet::Batch::capacity, false));
    return std::unique_ptr<Tap>(new Tap(std::move(fd), std::move(buffers)));
}

Result<std::string> Tap::name() const {
    ifreq request{};
    if (::ioctl(fd_.get(), TUNGETIFF, &request) != 0) return fail_errno("tap: name");
    return std::string(request.ifr_name);
}

uint32_t Tap::receive(packet::Batch& out, uint32_t limit) {
    constexpr uint32_t room = packet::Packet::default_headroom;
    const uint32_t before = out.size();
    while (out.size() < limit && lent_ < packet::Batch::capacity) {
        uint8_t* buffer = buffers_.at(size_t{lent_} * buffer_size);
        VnetHeader header;
        std::array<iovec, 2> parts = {iovec{&header, sizeof header},
                                      iovec{buffer + room, buffer_size - room}};
        const ssize_t n = ::readv(fd_.get(), parts.data(), parts.size());
        if (n < static_cast<ssize_t>(sizeof header)) break;
        auto p = packet::Packet::borrow(buffer, buffer_size, room, static_cast<uint32_t>(n) - sizeof header);
        p.offload = offload_of(header);
        out.push(std::move(p));
        ++lent_;
    }
    return out.size() - before;
}

SendResult Tap::send(std::span<const packet::Packet* const> packets) {
    SendResult result;
    for (const packet::Packet* p : packets) {
        VnetHeader header = vnet_header_of(p->offload);
        const std::array<iovec, 2> parts = {iovec{&header, sizeof header},
                                            iovec{const_cast<uint8_t*>(p->data()), p->size()}};
        if (::writev(fd_.get(), parts.data(), parts.size()) < 0) {
            ++result.dropped;
            continue;
        }
        ++result.packets;
        result.bytes += p->size();
    }
    return result;
}

Result<void> Tap::unpersist() {
    if (::ioctl(fd_.get(), TUNSETPERSIST, 0) != 0) return fail_errno("tap: persistence");
    return {};
}

}  // namespace weft::sys
