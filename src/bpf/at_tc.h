// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// A packet at tc.
#pragma once

#include "bpf/context.h"

typedef struct __sk_buff context;

/// The kernel's own packet: the fields that __sk_buff does not show.
struct sk_buff {
    unsigned char *head, *data;
    unsigned int end;
    __u16 csum_start, csum_offset, transport_header;
    __u8 ip_summed : 2;
} __attribute__((preserve_access_index));
struct skb_shared_info {
    unsigned int gso_type;
} __attribute__((preserve_access_index));

ALWAYS_INLINE __u32 length(const context* c) { return c->len; }
/// With the tag that the kernel keeps beside the frame.
ALWAYS_INLINE __u32 frame_size(const context* c) { return c->len + (c->vlan_present ? 4 : 0); }

ALWAYS_INLINE int is_partial(context* c) {
    const struct sk_buff* skb = (const struct sk_buff*)c;
    return BPF_CORE_READ_BITFIELD_PROBED(skb, ip_summed) == checksum_partial;
}

ALWAYS_INLINE long read_bytes(context* c, __u32 at, void* to, __u32 size) {
    return bpf_skb_load_bytes(c, at, to, size);
}
ALWAYS_INLINE long write_bytes(context* c, __u32 at, const void* from, __u32 size, enum sum sum) {
    return bpf_skb_store_bytes(c, at, from, size, sum == sum_changes ? BPF_F_RECOMPUTE_CSUM : 0);
}

ALWAYS_INLINE long change_ip_checksum(context* c, __u32 at, __u64 change) {
    return bpf_l3_csum_replace(c, at, 0, change, 0);
}
ALWAYS_INLINE long change_transport_checksum(context* c, __u32 at, __u64 change, int of_addresses, int udp) {
    const __u64 flags = (of_addresses ? BPF_F_PSEUDO_HDR : 0) | (udp ? BPF_F_MARK_MANGLED_0 : 0);
    return bpf_l4_csum_replace(c, at, 0, change, flags);
}

ALWAYS_INLINE long push_tag(context* c, __u16 tpid, __u16 tci) {
    return bpf_skb_vlan_push(c, bpf_htons(tpid), tci);
}
ALWAYS_INLINE long pop_tag(context* c) { return bpf_skb_vlan_pop(c); }

/// What the kernel keeps beside the frame.
ALWAYS_INLINE void fill_offload(context* c, struct weft_upcall* up) {
    const struct sk_buff* skb = (const struct sk_buff*)c;
    const unsigned char* head = BPF_CORE_READ(skb, head);
    const __u32 data = BPF_CORE_READ(skb, data) - head;
    up->vlan_tpid = c->vlan_present ? c->vlan_proto : 0;
    up->vlan_tci = c->vlan_tci;
    up->csum = BPF_CORE_READ_BITFIELD_PROBED(skb, ip_summed);
    up->csum_start = BPF_CORE_READ(skb, csum_start) - data;
    up->csum_offset = BPF_CORE_READ(skb, csum_offset);
    up->gso_size = c->gso_size;
    up->gso_type = 0;
    if (!up->gso_size) return;
    const struct skb_shared_info* shared = (const void*)(head + BPF_CORE_READ(skb, end));
    up->gso_type = BPF_CORE_READ(shared, gso_type);
}
