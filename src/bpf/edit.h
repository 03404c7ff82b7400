// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Rewriting headers; checksums follow, also those that the sender left to the hardware.
#pragma once

#include "bpf/parse.h"

struct layers {
    __u16 l3, l4, eth_type;  ///< host order
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

ALWAYS_INLINE int follow(struct __sk_buff* skb, const struct layers* l, enum weft_csum how, __u64 change) {
    if (how == weft_csum_ip || how == weft_csum_address4)
        if (bpf_l3_csum_replace(skb, l->l3 + 10, 0, change, 0) != 0) return -1;
    if (how < weft_csum_address4 || !l->l4) return 0;
    const int of_addresses = how != weft_csum_payload;
    const __u32 at = transport_checksum(l->protocol, of_addresses);
    if (!at) return 0;
    __u64 flags = of_addresses ? BPF_F_PSEUDO_HDR : 0;
    if (l->protocol == proto_udp) flags |= BPF_F_MARK_MANGLED_0;
    return bpf_l4_csum_replace(skb, l->l4 + at, 0, change, flags);
}

/// 0, or -1 if the packet could not be changed.
ALONE int set_bytes(struct __sk_buff* skb, const struct layers* l, const struct set* s) {
    if (!l || !s) return -1;
    const int start = layer_start(l, s);
    if (start < 0) return 0;
    __u32 size = s->size;
    OPAQUE(size);
    if (size == 0 || size > 16) return -1;
    __u64 old[2] = {}, new[2];
    if (bpf_skb_load_bytes(skb, start + s->offset, old, size) != 0) return -1;
    new[0] = (old[0] & ~s->mask[0]) | s->value[0];
    new[1] = (old[1] & ~s->mask[1]) | s->value[1];
    const __s64 change = bpf_csum_diff((__be32*)old, sizeof old, (__be32*)new, sizeof new, 0);
    if (change < 0) return -1;
    // What no checksum covers changes the sum of the whole that a device may have computed.
    const __u64 flags = s->csum == weft_csum_none && s->layer != weft_l2 ? BPF_F_RECOMPUTE_CSUM : 0;
    if (bpf_skb_store_bytes(skb, start + s->offset, new, size, flags) != 0) return -1;
    return s->csum == weft_csum_none ? 0 : follow(skb, l, s->csum, (__u32)change);
}

/// After a tag came or went: the headers behind it may have moved in the buffer.
ALONE int find_layers_again(struct __sk_buff* skb, struct layers* l) {
    if (!l || !l->l3) return 0;
    __u16 at = 14;
    for (int i = 0; i < 3; i++) {
        __u16 type;
        if (bpf_skb_load_bytes(skb, at - 2, &type, 2) != 0) return -1;
        if (!is_vlan(bpf_ntohs(type))) break;
        at += 4;
    }
    if (l->l4) l->l4 = l->l4 - l->l3 + at;
    l->l3 = at;
    return 0;
}
