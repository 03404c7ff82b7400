// SPDX-License-Identifier: Apache-2.0
#include "flow/compose.h"

#include "packet/builder.h"

namespace weft::flow {
namespace {

using namespace packet;

constexpr size_t default_payload = 64;
/// OVS's own choice for the offset of a later fragment: 100 units and more to come.
constexpr uint16_t later_fragment = ipv4_more_fragments | 100;

/// Appends headers; the number of payload bytes that usually follow.
class Composer {
  public:
    Composer(const FlowKey& key, PacketBuilder& out) : k_(key.packet), out_(out) {}

    size_t compose() {
        const bool ethernet = k_.packet_type.host() == 0;
        const uint16_t type = ethernet ? k_.eth_type.host() : static_cast<uint16_t>(k_.packet_type.host());
        if (ethernet && type == eth_type_none) {
            out_.eth(k_.eth_src, k_.eth_dst, sizeof(EthernetHeader));
            return 0;
        }
        if (ethernet) out_.eth(k_.eth_src, k_.eth_dst, type);
        for (const VlanTag& tag : k_.vlan) {
            if (!(tag.tci & Be16(vlan_present))) break;
            const uint16_t tpid = tag.tpid ? tag.tpid.host() : ethertype::vlan;
            out_.vlan(tag.tci.host() & ~vlan_present & 0xffff, tpid, type);
        }
        switch (type) {
            case ethertype::ipv4:
                return ip4();
            case ethertype::ipv6:
                return ip6();
            case ethertype::arp:
            case ethertype::rarp:
                return arp(type);
            default:
                return is_mpls_type(type) ? mpls(type) : 0;
        }
    }

  private:
    size_t arp(uint16_t type) {
        out_.arp({.op = k_.nw_proto,
                  .sha = k_.arp_sha,
                  .tha = k_.arp_tha,
                  .spa = k_.nw_src,
                  .tpa = k_.nw_dst,
                  .type = type});
        return 0;
    }

    size_t mpls(uint16_t type) {
        constexpr Be32 bottom(0x100);
        for (const Be32 lse : k_.mpls) {
            out_.mpls(lse.host(), type);
            if (lse & bottom) break;
        }
        return 0;
    }

    size_t ip4() {
        const bool later = k_.nw_frag & frag_later;
        const uint16_t frag = later ? later_fragment : k_.nw_frag ? ipv4_more_fragments : 0;
        out_.ip4(k_.nw_src, k_.nw_dst,
                 {.tos = k_.nw_tos, .ttl = k_.nw_ttl, .frag = frag, .proto = k_.nw_proto});
        return later ? 0 : l4();
    }

    size_t ip6() {
        out_.ip6(k_.ipv6_src, k_.ipv6_dst,
                 {.tos = k_.nw_tos, .ttl = k_.nw_ttl, .label = k_.ipv6_label.host(), .proto = k_.nw_proto});
        return k_.nw_frag & frag_later ? 0 : l4();
    }

    size_t l4() {
        const uint16_t src = k_.tp_src.host(), dst = k_.tp_dst.host();
        const bool v6 = k_.eth_type.host() == ethertype::ipv6;
        switch (k_.nw_proto) {
            case ipproto::tcp: {
                constexpr uint16_t fin_syn_rst = 7;
                out_.tcp(src, dst, k_.tcp_flags.host());
                return k_.tcp_flags.host() & fin_syn_rst ? 0 : default_payload;
            }
            case ipproto::udp:
                out_.udp(src, dst);
                return default_payload;
            case ipproto::sctp:
                out_.sctp(src, dst);
                return 0;
            case ipproto::icmp:
                return v6 ? 0 : icmp(0, 8);
            case ipproto::icmpv6:
                return v6 ? icmpv6() : 0;
            case ipproto::igmp:
                if (!v6) out_.igmp(static_cast<uint8_t>(src), static_cast<uint8_t>(dst), k_.igmp_group);
                return 0;
            default:
                return 0;
        }
    }

    /// Type and code; echoes have a payload.
    size_t icmp(uint8_t echo_reply, uint8_t echo_request) {
        const auto type = static_cast<uint8_t>(k_.tp_src.host());
        out_.icmp(type, static_cast<uint8_t>(k_.tp_dst.host()));
        return type == echo_reply || type == echo_request ? default_payload : 0;
    }

    size_t icmpv6() {
        const auto type = static_cast<uint8_t>(k_.tp_src.host());
        const bool nd = (type == 135 || type == 136) && !k_.tp_dst;
        if (!nd) return icmp(129, 128);
        out_.icmp(type, 0, k_.nd_reserved.host()).nd_target(k_.nd_target);
        if (!k_.arp_sha.is_zero()) out_.nd_option(1, k_.arp_sha);
        if (!k_.arp_tha.is_zero()) out_.nd_option(2, k_.arp_tha);
        return 0;
    }

    const PacketBlock& k_;
    PacketBuilder& out_;
};

}  // namespace

Bytes compose_packet(const FlowKey& key) {
    PacketBuilder out;
    const size_t payload = Composer(key, out).compose();
    return out.payload(payload).bytes();
}

Bytes compose_packet(const FlowKey& key, ByteSpan payload) {
    PacketBuilder out;
    Composer(key, out).compose();
    return out.raw(Bytes(payload.begin(), payload.end())).bytes();
}

Result<Bytes> compose_packet(const FlowKey& key, size_t size) {
    PacketBuilder out;
    Composer(key, out).compose();
    if (out.size() > size)
        return fail("too small packet len: the headers alone take " + std::to_string(out.size()) + " bytes");
    return out.raw(Bytes(size - out.size())).bytes();
}

}  // namespace weft::flow
