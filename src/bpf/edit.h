// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Rewriting headers; checksums follow, also those that the sender left to the hardware.
#pragma once

#include "bpf/crc.h"
#include "bpf/sk_buff.h"

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

/// RFC 9260 6.8: a CRC of all that IP carries. A wrong one stays wrong in the same bits.
ALONE int follow_sctp(struct __sk_buff* skb, const struct layers* l, __u32 change) {
    enum { field = 8 };
    if (!l || is_partial(skb)) return 0;
    __u32 crc;
    if (bpf_skb_load_bytes(skb, l->l4 + field, &crc, sizeof crc) != 0) return -1;
    crc ^= crc32c_change(change, l->l4_size);
    return bpf_skb_store_bytes(skb, l->l4 + field, &crc, sizeof crc, BPF_F_RECOMPUTE_CSUM) != 0 ? -1 : 0;
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
    const int covered = s->csum != weft_csum_none && s->csum != weft_csum_sctp;
    const __u64 flags = !covered && s->layer != weft_l2 ? BPF_F_RECOMPUTE_CSUM : 0;
    if (bpf_skb_store_bytes(skb, start + s->offset, new, size, flags) != 0) return -1;
    if (s->csum == weft_csum_sctp) return follow_sctp(skb, l, (__u32)(old[0] ^ new[0]));
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

/// Puts a label in front of what Ethernet carries. There are no tags (weft_moves_headers).
ALONE int push_label(struct __sk_buff* skb, struct layers* l, __u32 entry, __u32 type) {
    enum { addresses = 12, ethernet = 14, label = 4 };
    __u8 header[ethernet];
    if (!l) return -1;
    if (bpf_skb_load_bytes(skb, 0, header, sizeof header) != 0) return -1;
    if (bpf_skb_change_head(skb, label, 0) != 0) return -1;
    *(__u16*)(header + addresses) = bpf_htons(type);
    if (bpf_skb_store_bytes(skb, 0, header, sizeof header, 0) != 0) return -1;
    if (bpf_skb_store_bytes(skb, ethernet, &entry, sizeof entry, 0) != 0) return -1;
    *l = (struct layers){.l3 = ethernet, .eth_type = type};
    return 0;
}

/// Takes the first label away. No helper does that, but there is one for tags: with one in front, put there
/// for that, it takes tags away that are such in name only, and lets the packet's own protocol follow.
ALONE int pop_label(struct __sk_buff* skb, struct layers* l, __u32 type) {
    enum { ethernet = 14, tag = 4 };
    if (!l) return -1;
    if (!is_mpls(l->eth_type) || skb->len < ethernet + tag) return 0;
    const __u16 vlan = bpf_htons(type_vlan), rest = bpf_htons(type);
    if (bpf_skb_vlan_push(skb, vlan, 0) != 0 || bpf_skb_vlan_push(skb, vlan, 0) != 0) return -1;
    // tag | Ethertype -> VLAN | label's first half | its second -> the type of the rest
    if (bpf_skb_store_bytes(skb, ethernet + tag - 2, &vlan, 2, 0) != 0) return -1;
    if (bpf_skb_store_bytes(skb, ethernet + tag + 2, &rest, 2, BPF_F_RECOMPUTE_CSUM) != 0) return -1;
    for (int i = 0; i < 3; i++)
        if (bpf_skb_vlan_pop(skb) != 0) return -1;
    *l = (struct layers){.l3 = ethernet, .eth_type = type};
    return 0;
}
