// SPDX-License-Identifier: Apache-2.0
#include "sys/link.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>

#include <cstring>

#include "sys/netlink_request.h"

namespace weft::sys::message {
namespace {

constexpr uint16_t ifla_new_netnsid = IFLA_NEW_NETNSID;

/// A change of one device: the body to which attributes are added.
struct Change : Request {
    Change(uint32_t seq, int ifindex) : Request(RTM_NEWLINK, NLM_F_ACK, seq), info(put<ifinfomsg>()) {
        info.ifi_index = ifindex;
    }
    ifinfomsg& info;
};

std::string text_of(const nlattr* a) {
    const auto* p = static_cast<const char*>(mnl_attr_get_payload(a));
    return std::string(p, strnlen(p, mnl_attr_get_payload_len(a)));
}

LinkStats stats_of(const nlattr* a) {
    rtnl_link_stats64 s{};
    std::memcpy(&s, mnl_attr_get_payload(a), std::min<size_t>(sizeof s, mnl_attr_get_payload_len(a)));
    return {.rx_packets = s.rx_packets,
            .tx_packets = s.tx_packets,
            .rx_bytes = s.rx_bytes,
            .tx_bytes = s.tx_bytes,
            .rx_errors = s.rx_errors,
            .tx_errors = s.tx_errors,
            .rx_dropped = s.rx_dropped,
            .tx_dropped = s.tx_dropped,
            .multicast = s.multicast,
            .collisions = s.collisions,
            .rx_over_errors = s.rx_over_errors,
            .rx_crc_errors = s.rx_crc_errors,
            .rx_frame_errors = s.rx_frame_errors,
            .rx_missed_errors = s.rx_missed_errors};
}

std::string kind_of(const nlattr* info) {
    std::string kind;
    for_each_nested(info, [&](const nlattr* a) {
        if (mnl_attr_get_type(a) == IFLA_INFO_KIND) kind = text_of(a);
    });
    return kind;
}

void read_attribute(const nlattr* a, LinkEvent& event) {
    Link& l = event.link;
    switch (mnl_attr_get_type(a)) {
        case IFLA_IFNAME:
            l.name = text_of(a);
            break;
        case IFLA_IFALIAS:
            l.alias = text_of(a);
            break;
        case IFLA_QDISC:
            l.qdisc = text_of(a);
            break;
        case IFLA_MTU:
            l.mtu = number_of<int>(a);
            break;
        case IFLA_MIN_MTU:
            l.min_mtu = number_of<int>(a);
            break;
        case IFLA_MAX_MTU:
            l.max_mtu = number_of<int>(a);
            break;
        case IFLA_MASTER:
            l.master = number_of<int>(a);
            break;
        case IFLA_LINK:
            l.peer = number_of<int>(a);
            break;
        case IFLA_LINK_NETNSID:
            l.peer_namespace = number_of<int>(a);
            break;
        case IFLA_CARRIER:
            l.carrier = number_of<uint8_t>(a) != 0;
            break;
        case IFLA_CARRIER_CHANGES:
            l.carrier_changes = number_of<uint32_t>(a);
            break;
        case IFLA_OPERSTATE:
            l.oper_state = static_cast<OperState>(number_of<uint8_t>(a));
            break;
        case IFLA_LINKINFO:
            l.kind = kind_of(a);
            break;
        case IFLA_STATS64:
            l.stats = stats_of(a);
            break;
        case IFLA_ADDRESS:
            if (mnl_attr_get_payload_len(a) == sizeof(Mac)) l.mac = number_of<Mac>(a);
            break;
        case ifla_new_netnsid:
            event.moved_to_namespace = number_of<int>(a);
            break;
        default:
            break;
    }
}

Bytes set_flag(uint32_t seq, int ifindex, unsigned flag, bool on) {
    Change c(seq, ifindex);
    c.info.ifi_flags = on ? flag : 0;
    c.info.ifi_change = flag;
    return c.take();
}

}  // namespace

Bytes dump_links(uint32_t seq) {
    Request r(RTM_GETLINK, NLM_F_DUMP, seq);
    r.put<ifinfomsg>();
    return r.take();
}

Bytes ask_link(uint32_t seq, const std::string& name) {
    Request r(RTM_GETLINK, 0, seq);
    r.put<ifinfomsg>();
    mnl_attr_put_strz(r.header(), IFLA_IFNAME, name.substr(0, IFNAMSIZ - 1).c_str());
    return r.take();
}

Bytes ask_link(uint32_t seq, int ifindex, std::optional<int> name_space) {
    Request r(RTM_GETLINK, 0, seq);
    r.put<ifinfomsg>().ifi_index = ifindex;
    if (name_space) mnl_attr_put_u32(r.header(), IFLA_TARGET_NETNSID, static_cast<uint32_t>(*name_space));
    return r.take();
}

Bytes add_pair(uint32_t seq, const std::string& name, const std::string& other) {
    constexpr uint32_t mtu_max = 65535;
    Request r(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, seq);
    r.put<ifinfomsg>();
    mnl_attr_put_strz(r.header(), IFLA_IFNAME, name.c_str());
    nlattr* info = mnl_attr_nest_start(r.header(), IFLA_LINKINFO);
    mnl_attr_put_strz(r.header(), IFLA_INFO_KIND, "veth");
    nlattr* data = mnl_attr_nest_start(r.header(), IFLA_INFO_DATA);
    nlattr* peer = mnl_attr_nest_start(r.header(), VETH_INFO_PEER);
    r.put<ifinfomsg>();
    mnl_attr_put_strz(r.header(), IFLA_IFNAME, other.c_str());
    mnl_attr_put_u32(r.header(), IFLA_MTU, mtu_max);
    mnl_attr_nest_end(r.header(), peer);
    mnl_attr_nest_end(r.header(), data);
    mnl_attr_nest_end(r.header(), info);
    return r.take();
}

Bytes remove_link(uint32_t seq, int ifindex) {
    Request r(RTM_DELLINK, NLM_F_ACK, seq);
    r.put<ifinfomsg>().ifi_index = ifindex;
    return r.take();
}

Bytes dump_addresses(uint32_t seq) {
    Request r(RTM_GETADDR, NLM_F_DUMP, seq);
    r.put<ifaddrmsg>();
    return r.take();
}

Bytes set_up(uint32_t seq, int ifindex, bool up) { return set_flag(seq, ifindex, IFF_UP, up); }

Bytes set_promiscuous(uint32_t seq, int ifindex, bool on) { return set_flag(seq, ifindex, IFF_PROMISC, on); }

Bytes set_mtu(uint32_t seq, int ifindex, int mtu) {
    Change c(seq, ifindex);
    mnl_attr_put_u32(c.header(), IFLA_MTU, static_cast<uint32_t>(mtu));
    return c.take();
}

Bytes set_mac(uint32_t seq, int ifindex, const Mac& mac) {
    Change c(seq, ifindex);
    mnl_attr_put(c.header(), IFLA_ADDRESS, mac.b.size(), mac.b.data());
    return c.take();
}

Bytes set_alias(uint32_t seq, int ifindex, const std::string& alias) {
    Change c(seq, ifindex);
    const std::string text = alias.substr(0, 255);  // the kernel's IFALIASZ - 1
    mnl_attr_put(c.header(), IFLA_IFALIAS, text.size(), text.data());
    return c.take();
}

Bytes set_silent(uint32_t seq, int ifindex) {
    Change c(seq, ifindex);
    c.info.ifi_flags = c.info.ifi_change = IFF_NOARP;
    nlattr* families = mnl_attr_nest_start(c.header(), IFLA_AF_SPEC);
    nlattr* v6 = mnl_attr_nest_start(c.header(), AF_INET6);
    mnl_attr_put_u8(c.header(), IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
    mnl_attr_nest_end(c.header(), v6);
    mnl_attr_nest_end(c.header(), families);
    return c.take();
}

std::optional<LinkEvent> parse_link(ByteSpan message) {
    const nlmsghdr* h = header_of(message, sizeof(ifinfomsg));
    if (!h || (h->nlmsg_type != RTM_NEWLINK && h->nlmsg_type != RTM_DELLINK)) return std::nullopt;
    const auto* info = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(h));
    LinkEvent event;
    event.kind = h->nlmsg_type == RTM_NEWLINK ? LinkEvent::Kind::present : LinkEvent::Kind::gone;
    event.link.ifindex = info->ifi_index;
    event.link.admin_up = (info->ifi_flags & IFF_UP) != 0;
    event.link.promiscuous = (info->ifi_flags & IFF_PROMISC) != 0;
    event.link.loopback = (info->ifi_flags & IFF_LOOPBACK) != 0;
    for_each_attribute(h, sizeof *info, [&](const nlattr* a) { read_attribute(a, event); });
    return event;
}

std::optional<InterfaceAddress> parse_address(ByteSpan message) {
    const nlmsghdr* h = header_of(message, sizeof(ifaddrmsg));
    if (!h || h->nlmsg_type != RTM_NEWADDR) return std::nullopt;
    const auto* info = static_cast<const ifaddrmsg*>(mnl_nlmsg_get_payload(h));
    InterfaceAddress out;
    out.ifindex = static_cast<int>(info->ifa_index);
    out.v6 = info->ifa_family == AF_INET6;
    out.prefix = info->ifa_prefixlen;
    bool local = false;
    for_each_attribute(h, sizeof *info, [&](const nlattr* a) {
        // On point-to-point links IFA_ADDRESS is the peer and IFA_LOCAL the own address, in any order.
        const uint16_t type = mnl_attr_get_type(a);
        if (type != IFA_LOCAL && (type != IFA_ADDRESS || local)) return;
        local = type == IFA_LOCAL;
        if (out.v6)
            out.ip6 = number_of<Ip6>(a);
        else
            out.ip4 = number_of<Ip4>(a);
    });
    return out;
}

}  // namespace weft::sys::message
