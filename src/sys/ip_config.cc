// SPDX-License-Identifier: Apache-2.0
#include "sys/ip_config.h"

#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cerrno>

#include "sys/netlink.h"
#include "sys/netlink_request.h"

namespace weft::sys {

namespace message {
namespace {

constexpr uint8_t address_bits = 32;

void put_ip4(nlmsghdr* h, uint16_t type, Ip4 ip) { mnl_attr_put_u32(h, type, ip.raw()); }

Bytes change_address(uint16_t type, uint16_t flags, uint32_t seq, int ifindex, const Ip4Setting& a) {
    Request r(type, static_cast<uint16_t>(NLM_F_ACK | flags), seq);
    auto& body = r.put<ifaddrmsg>();
    body.ifa_family = AF_INET;
    body.ifa_prefixlen = a.prefix;
    body.ifa_index = static_cast<uint32_t>(ifindex);
    put_ip4(r.header(), IFA_LOCAL, a.address);
    put_ip4(r.header(), IFA_ADDRESS, a.address);
    const uint32_t host_bits = a.prefix >= address_bits ? 0 : ~uint32_t{0} >> a.prefix;
    if (type == RTM_NEWADDR && host_bits > 1)
        put_ip4(r.header(), IFA_BROADCAST, Ip4(a.address.host() | host_bits));
    return r.take();
}

}  // namespace

Bytes ask_route(uint32_t seq, Ip4 to) {
    Request r(RTM_GETROUTE, 0, seq);
    auto& body = r.put<rtmsg>();
    body.rtm_family = AF_INET;
    body.rtm_dst_len = address_bits;
    put_ip4(r.header(), RTA_DST, to);
    return r.take();
}

Bytes ask_neighbor(uint32_t seq, int ifindex, Ip4 address) {
    Request r(RTM_GETNEIGH, 0, seq);
    auto& body = r.put<ndmsg>();
    body.ndm_family = AF_INET;
    body.ndm_ifindex = ifindex;
    put_ip4(r.header(), NDA_DST, address);
    return r.take();
}

Bytes add_address(uint32_t seq, int ifindex, const Ip4Setting& address) {
    return change_address(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, seq, ifindex, address);
}

Bytes remove_address(uint32_t seq, int ifindex, const Ip4Setting& address) {
    return change_address(RTM_DELADDR, 0, seq, ifindex, address);
}

Bytes add_default_route(uint32_t seq, int ifindex, Ip4 gateway) {
    Request r(RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, seq);
    auto& body = r.put<rtmsg>();
    body.rtm_family = AF_INET;
    body.rtm_table = RT_TABLE_MAIN;
    body.rtm_protocol = RTPROT_BOOT;
    body.rtm_scope = RT_SCOPE_UNIVERSE;
    body.rtm_type = RTN_UNICAST;
    put_ip4(r.header(), RTA_GATEWAY, gateway);
    mnl_attr_put_u32(r.header(), RTA_OIF, static_cast<uint32_t>(ifindex));
    return r.take();
}

std::optional<NextHop> parse_route(ByteSpan message) {
    const nlmsghdr* h = header_of(message, sizeof(rtmsg));
    if (!h || h->nlmsg_type != RTM_NEWROUTE) return std::nullopt;
    const auto* body = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(h));
    if (body->rtm_family != AF_INET || body->rtm_type != RTN_UNICAST) return std::nullopt;
    NextHop out;
    for_each_attribute(h, sizeof *body, [&](const nlattr* a) {
        if (mnl_attr_get_type(a) == RTA_GATEWAY) out.via = number_of<Ip4>(a);
        if (mnl_attr_get_type(a) == RTA_OIF) out.ifindex = number_of<int>(a);
    });
    if (out.ifindex <= 0) return std::nullopt;
    return out;
}

std::optional<Mac> parse_neighbor(ByteSpan message) {
    constexpr uint16_t right = NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT | NUD_NOARP;
    const nlmsghdr* h = header_of(message, sizeof(ndmsg));
    if (!h || h->nlmsg_type != RTM_NEWNEIGH) return std::nullopt;
    const auto* body = static_cast<const ndmsg*>(mnl_nlmsg_get_payload(h));
    if (!(body->ndm_state & right)) return std::nullopt;
    std::optional<Mac> out;
    for_each_attribute(h, sizeof *body, [&](const nlattr* a) {
        if (mnl_attr_get_type(a) == NDA_LLADDR && mnl_attr_get_payload_len(a) == sizeof(Mac))
            out = number_of<Mac>(a);
    });
    return out;
}

}  // namespace message

IpConfig::IpConfig() = default;
IpConfig::~IpConfig() = default;

Result<Netlink*> IpConfig::netlink() {
    if (!netlink_) netlink_ = TRY(Netlink::open());
    return netlink_.get();
}

std::optional<NextHop> IpConfig::next_hop(Ip4 to) {
    const auto socket = netlink();
    if (!socket) return std::nullopt;
    Netlink& n = **socket;
    std::optional<NextHop> out;
    (void)n.exchange(message::ask_route(n.next_seq(), to),
                     [&](ByteSpan m) { out = message::parse_route(m); });
    if (!out) return std::nullopt;
    if (out->via == Ip4{}) out->via = to;
    (void)n.exchange(message::ask_neighbor(n.next_seq(), out->ifindex, out->via),
                     [&](ByteSpan m) { out->mac = message::parse_neighbor(m); });
    return out;
}

/// True if it was not there, or not alone.
Result<bool> IpConfig::set_address(int ifindex, const Ip4Setting& wanted) {
    Netlink& n = *TRY(netlink());
    bool there = false, changed = false;
    for (const InterfaceAddress& a : TRY(n.addresses())) {
        if (a.ifindex != ifindex || a.v6) continue;
        if (a.ip4 == wanted.address && a.prefix == wanted.prefix) {
            there = true;
            continue;
        }
        changed = true;
        // One that went with another's going is no fault.
        const auto gone = n.command(message::remove_address(n.next_seq(), ifindex, {a.ip4, a.prefix}));
        if (!gone && gone.error().code != EADDRNOTAVAIL) return std::unexpected(gone.error());
    }
    // To remove one takes away others of its subnet that came later.
    if (there && !changed) return false;
    TRY(n.command(message::add_address(n.next_seq(), ifindex, wanted)));
    return true;
}

Result<IpConfig::Done> IpConfig::set(int ifindex, const Ip4Setting& wanted) {
    Netlink& n = *TRY(netlink());
    Done out;
    TRY(n.set_up(ifindex, true));
    out.address = TRY(set_address(ifindex, wanted));
    if (!wanted.gateway) return out;
    const auto added = n.command(message::add_default_route(n.next_seq(), ifindex, *wanted.gateway));
    out.gateway = added.has_value();
    if (added) return out;
    if (added.error().code != EEXIST) return std::unexpected(added.error());
    const auto other = next_hop(Ip4(0x01010101));  // anything that only a default route leads to
    if (other && other->ifindex == ifindex && other->via == *wanted.gateway) return out;
    return std::unexpected(added.error());
}

}  // namespace weft::sys
