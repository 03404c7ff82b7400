// SPDX-License-Identifier: Apache-2.0
#include "sys/netlink.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace weft::sys {
namespace {

constexpr size_t receive_size = 64 << 10;
constexpr int monitor_buffer_bytes = 4 << 20;
constexpr int reply_timeout_s = 5;

Result<Fd> open_socket(int protocol, uint32_t groups, int flags) {
    Fd fd =
        TRY(fd_or_errno(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | flags, protocol), "netlink socket"));
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = groups;
    if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        return fail_errno("netlink bind");
    return fd;
}

/// Splits what one recv() gave into messages.
template <class F>
void for_each_message(ByteSpan bytes, const F& visit) {
    while (bytes.size() >= sizeof(nlmsghdr)) {
        nlmsghdr h;
        std::memcpy(&h, bytes.data(), sizeof h);
        if (h.nlmsg_len < sizeof h || h.nlmsg_len > bytes.size()) return;
        visit(h, bytes.first(h.nlmsg_len));
        bytes = bytes.subspan(std::min<size_t>(bytes.size(), NLMSG_ALIGN(h.nlmsg_len)));
    }
}

/// The errno an error message carries; 0 is an acknowledgement.
int code_of(ByteSpan message) {
    int code = 0;
    if (message.size() >= sizeof(nlmsghdr) + sizeof code)
        std::memcpy(&code, message.data() + sizeof(nlmsghdr), sizeof code);
    return -code;
}

}  // namespace

Result<std::unique_ptr<Netlink>> Netlink::open() { return open_protocol(NETLINK_ROUTE); }

Result<std::unique_ptr<Netlink>> Netlink::open_generic() { return open_protocol(NETLINK_GENERIC); }

Result<std::unique_ptr<Netlink>> Netlink::open_protocol(int protocol) {
    Fd fd = TRY(open_socket(protocol, 0, 0));
    const timeval timeout{reply_timeout_s, 0};
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    return std::unique_ptr<Netlink>(new Netlink(std::move(fd)));
}

Result<void> Netlink::exchange(ByteSpan request, const Visit& visit) {
    if (::send(fd_.get(), request.data(), request.size(), 0) < 0) return fail_errno("netlink send");
    nlmsghdr asked;
    std::memcpy(&asked, request.data(), sizeof asked);
    const bool dump = (asked.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP,
               ack = (asked.nlmsg_flags & NLM_F_ACK) != 0;
    alignas(8) std::array<uint8_t, receive_size> buffer;
    for (bool done = false; !done;) {
        const ssize_t n = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail_errno("netlink receive");
        int code = 0;
        for_each_message({buffer.data(), static_cast<size_t>(n)}, [&](const nlmsghdr& h, ByteSpan message) {
            if (h.nlmsg_seq != asked.nlmsg_seq) return;  // a late answer to a request that timed out
            if (h.nlmsg_type == NLMSG_ERROR) code = code_of(message);
            if (h.nlmsg_type == NLMSG_ERROR || h.nlmsg_type == NLMSG_DONE) {
                done = true;
                return;
            }
            visit(message);
            if (!dump && !ack) done = true;
        });
        if (code != 0) return fail_code("netlink", code);
    }
    return {};
}

Result<std::vector<Link>> Netlink::links() {
    std::vector<Link> out;
    TRY(exchange(message::dump_links(next_seq()), [&](ByteSpan m) {
        if (auto event = message::parse_link(m)) out.push_back(std::move(event->link));
    }));
    return out;
}

Result<std::vector<InterfaceAddress>> Netlink::addresses() {
    std::vector<InterfaceAddress> out;
    TRY(exchange(message::dump_addresses(next_seq()), [&](ByteSpan m) {
        if (auto address = message::parse_address(m)) out.push_back(*address);
    }));
    return out;
}

Result<Link> Netlink::one_link(ByteSpan request, const std::string& what) {
    Link out;
    const auto done = exchange(request, [&](ByteSpan m) {
        if (auto event = message::parse_link(m)) out = std::move(event->link);
    });
    if (!done) return fail_code("network device " + what, done.error().code);
    return out;
}

Result<Link> Netlink::link(const std::string& name) {
    return one_link(message::ask_link(next_seq(), name), name);
}

Result<Link> Netlink::link(int ifindex, std::optional<int> name_space) {
    return one_link(message::ask_link(next_seq(), ifindex, name_space), "number " + std::to_string(ifindex));
}

Result<void> Netlink::set_up(int ifindex, bool up) {
    return command(message::set_up(next_seq(), ifindex, up));
}
Result<void> Netlink::set_promiscuous(int ifindex, bool on) {
    return command(message::set_promiscuous(next_seq(), ifindex, on));
}

Result<void> Netlink::set_mtu(int ifindex, int mtu) {
    return command(message::set_mtu(next_seq(), ifindex, mtu));
}
Result<void> Netlink::set_mac(int ifindex, const Mac& mac) {
    return command(message::set_mac(next_seq(), ifindex, mac));
}
Result<void> Netlink::set_alias(int ifindex, const std::string& alias) {
    return command(message::set_alias(next_seq(), ifindex, alias));
}
Result<void> Netlink::add_pair(const std::string& name, const std::string& other) {
    return command(message::add_pair(next_seq(), name, other));
}
Result<void> Netlink::remove_link(int ifindex) { return command(message::remove_link(next_seq(), ifindex)); }
Result<void> Netlink::set_silent(int ifindex) { return command(message::set_silent(next_seq(), ifindex)); }

Result<std::unique_ptr<LinkMonitor>> LinkMonitor::open() {
    Fd fd = TRY(open_socket(NETLINK_ROUTE, RTMGRP_LINK, SOCK_NONBLOCK));
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &monitor_buffer_bytes, sizeof monitor_buffer_bytes);
    return std::unique_ptr<LinkMonitor>(new LinkMonitor(std::move(fd)));
}

LinkMonitor::News LinkMonitor::read() {
    News news;
    alignas(8) std::array<uint8_t, receive_size> buffer;
    for (;;) {
        const ssize_t n = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
        if (n < 0 && errno == ENOBUFS) {
            news.lost = true;
            continue;
        }
        if (n <= 0) return news;
        for_each_message({buffer.data(), static_cast<size_t>(n)}, [&](const nlmsghdr&, ByteSpan message) {
            if (auto event = message::parse_link(message)) news.events.push_back(std::move(*event));
        });
    }
}

}  // namespace weft::sys
