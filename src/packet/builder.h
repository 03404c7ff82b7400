// SPDX-License-Identifier: Apache-2.0
// Builds frames header by header, for tests and for tools that make packets out of text.
#pragma once

#include "base/bytes.h"
#include "packet/headers.h"

namespace weft::packet {

/// Value type. Each header names its predecessor's next type; bytes() fills in lengths and checksums:
/// PacketBuilder().eth(a, b).vlan(5).ip4(h1, h2).udp(1, 2).payload(64).bytes().
class PacketBuilder {
  public:
    struct IpOptions {
        uint8_t tos = 0, ttl = 64;
        uint16_t frag = 0, id = 0;  ///< IPv4 only
        uint32_t label = 0;         ///< IPv6 only
        uint8_t proto = 0;          ///< if no header of this builder follows
    };
    struct ArpOptions {
        uint16_t op = 1;
        Mac sha, tha;
        Be32 spa, tpa;
        uint16_t type = ethertype::arp;
    };

    PacketBuilder& eth(const Mac& src, const Mac& dst, uint16_t type = 0);
    PacketBuilder& vlan(uint16_t tci, uint16_t tpid = ethertype::vlan, uint16_t type = 0);
    PacketBuilder& mpls(uint32_t lse, uint16_t type = ethertype::mpls);
    PacketBuilder& arp(const ArpOptions& o);
    PacketBuilder& ip4(Be32 src, Be32 dst, const IpOptions& o);
    PacketBuilder& ip4(Be32 src, Be32 dst) { return ip4(src, dst, IpOptions()); }
    PacketBuilder& ip6(const Ip6& src, const Ip6& dst, const IpOptions& o);
    PacketBuilder& ip6(const Ip6& src, const Ip6& dst) { return ip6(src, dst, IpOptions()); }
    PacketBuilder& tcp(uint16_t src, uint16_t dst, uint16_t flags = 0);
    PacketBuilder& udp(uint16_t src, uint16_t dst);
    PacketBuilder& sctp(uint16_t src, uint16_t dst);
    /// ICMP in IPv4, ICMPv6 in IPv6; `rest` is the second word.
    PacketBuilder& icmp(uint8_t type, uint8_t code, uint32_t rest = 0);
    PacketBuilder& igmp(uint8_t type, uint8_t code, Be32 group);
    /// Neighbour discovery's target, and one of its address options, after icmp().
    PacketBuilder& nd_target(const Ip6& target);
    PacketBuilder& nd_option(uint8_t type, const Mac& address);
    PacketBuilder& raw(ByteSpan bytes);
    /// n bytes 00 01 02 ...
    PacketBuilder& payload(size_t n);

    Bytes bytes() const;
    size_t size() const { return out_.size(); }

  private:
    static constexpr size_t none = ~size_t{0};
    template <class T>
    void append(const T& header) {
        const auto* p = reinterpret_cast<const uint8_t*>(&header);
        out_.insert(out_.end(), p, p + sizeof header);
    }
    void set_type(uint16_t type);
    void begin_l4(uint8_t proto);

    Bytes out_;
    size_t type_at_ = none;  // the last Ethertype
    size_t l3_ = none, l4_ = none;
    bool v6_ = false;
    uint8_t proto_ = 0;
};

}  // namespace weft::packet
