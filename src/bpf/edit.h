// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Rewriting headers; checksums follow, also those that the sender left to the hardware. For any hook: its
// context comes first (at_tc.h, at_xdp.h).
#pragma once

#include "bpf/crc.h"
#include "bpf/parse.h"

struct layers {
    __u16 l3, l4, eth_type;  ///< host order
    __u16 l4_size, nd_source, nd_target;
    __u8 protocol;
};

struct set {
    __u64 value[2], mask[2];
    __u32 layer, offset, size, csum;
    __u8 protocol;  ///< that weft_l4 must have
};

/// Where a weft_layer begins; -1: the packet has none, so it is left alone.
ALWAYS_INLINE int layer_start(const struct layers* l, const struct set* s) {
    switch (s->layer) {
        case weft_l2:
            return 0;
        case weft_l3_ip4:
            return l->eth_type == type_ip4 && l->l3 ? l->l3 : -1;
        case weft_l3_ip6:
            return l->eth_type == type_ip6 && l->l3 ? l->l3 : -1;
        case weft_l3_arp:
            return (l->eth_type == type_arp || l->eth_type == type_rarp) && l->l3 ? l->l3 : -1;
        case weft_l3_mpls:
            return is_mpls(l->eth_type) && l->l3 ? l->l3 : -1;
        case weft_nd_source:
            return l->l4 && l->nd_source ? l->l4 + l->nd_source : -1;
        case weft_nd_target:
            return l->l4 && l->nd_target ? l->l4 + l->nd_target : -1;
        case weft_l4:
            return l->l4 && l->protocol == s->protocol ? l->l4 : -1;
        default:
            return -1;
    }
}

/// Offset of the checksum in a transport header; 0: none that follows.
ALWAYS_INLINE __u32 transport_checksum(__u8 protocol, int of_addresses) {
    switch (protocol) {
        case proto_tcp:
            return 16;
        case proto_udp:
            return 6;
        case proto_icmpv6:
            return 2;
        case proto_icmp:
            return of_addresses ? 0 : 2;
        default:
            return 0;
    }
}

ALWAYS_INLINE int follow(context* c, const struct layers* l, enum weft_csum how, __u64 change) {
    if (how == weft_csum_ip || how == weft_csum_address4)
        if (change_ip_checksum(c, l->l3 + 10, change) != 0) return -1;
    if (how < weft_csum_address4 || !l->l4) return 0;
    const int of_addresses = how != weft_csum_payload;
    const __u32 at = transport_checksum(l->protocol, of_addresses);
    if (!at) return 0;
    return change_transport_checksum(c, l->l4 + at, change, of_addresses, l->protocol == proto_udp);
}

/// RFC 9260 6.8: a CRC of all that IP carries. A wrong one stays wrong in the same bits.
ALONE int follow_sctp(context* c, const struct layers* l, __u32 change) {
    enum { field = 8 };
    if (!l || is_partial(c)) return 0;
    __u32 crc;
    if (read_bytes(c, l->l4 + field, &crc, sizeof crc) != 0) return -1;
    crc ^= crc32c_change(change, l->l4_size);
    return write_bytes(c, l->l4 + field, &crc, sizeof crc, sum_changes);
}

/// 0, or -1 if the packet could not be changed.
ALONE int set_bytes(context* c, const struct layers* l, const struct set* s) {
    if (!l || !s) return -1;
    const int start = layer_start(l, s);
    if (start < 0) return 0;
    __u32 size = s->size;
    OPAQUE(size);
    if (size == 0 || size > 16) return -1;
    __u64 old[2] = {}, new[2];
    if (read_bytes(c, start + s->offset, old, size) != 0) return -1;
    new[0] = (old[0] & ~s->mask[0]) | s->value[0];
    new[1] = (old[1] & ~s->mask[1]) | s->value[1];
    const __s64 change = bpf_csum_diff((__be32*)old, sizeof old, (__be32*)new, sizeof new, 0);
    if (change < 0) return -1;
    // What no checksum covers changes the sum of the whole that a device may have computed.
    const int covered = s->csum != weft_csum_none && s->csum != weft_csum_sctp;
    const enum sum sum = covered || s->layer == weft_l2 ? sum_stays : sum_changes;
    if (write_bytes(c, start + s->offset, new, size, sum) != 0) return -1;
    if (s->csum == weft_csum_sctp) return follow_sctp(c, l, (__u32)(old[0] ^ new[0]));
    return s->csum == weft_csum_none ? 0 : follow(c, l, s->csum, (__u32)change);
}

/// After a tag came or went: the headers behind it may have moved in the buffer.
ALONE int find_layers_again(context* c, struct layers* l) {
    if (!l || !l->l3) return 0;
    __u16 at = 14;
    for (int i = 0; i < 3; i++) {
        __u16 type;
        if (read_bytes(c, at - 2, &type, 2) != 0) return -1;
        if (!is_vlan(bpf_ntohs(type))) break;
        at += 4;
    }
    if (l->l4) l->l4 = l->l4 - l->l3 + at;
    l->l3 = at;
    return 0;
}
