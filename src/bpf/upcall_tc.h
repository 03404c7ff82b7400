// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// From tc a packet goes up whole, with what its sender left to the hardware.
#pragma once

#include "bpf/sk_buff.h"
#include "bpf/upcall.h"

ALWAYS_INLINE void fill_offload(const struct __sk_buff* ctx, struct weft_upcall* up) {
    const struct sk_buff* skb = (const struct sk_buff*)ctx;
    const unsigned char* head = BPF_CORE_READ(skb, head);
    const __u32 data = BPF_CORE_READ(skb, data) - head;
    up->csum = BPF_CORE_READ_BITFIELD_PROBED(skb, ip_summed);
    up->csum_start = BPF_CORE_READ(skb, csum_start) - data;
    up->csum_offset = BPF_CORE_READ(skb, csum_offset);
    up->gso_size = ctx->gso_size;
    up->gso_type = 0;
    if (!up->gso_size) return;
    const struct skb_shared_info* shared = (const void*)(head + BPF_CORE_READ(skb, end));
    up->gso_type = BPF_CORE_READ(shared, gso_type);
}

/// Whether a frame may be cut to so many bytes here: not if its checksum is still to be computed over all of
/// it, and bpf_skb_change_tail() leaves it its network headers.
ALONE int can_be_cut(struct __sk_buff* ctx, __u32 size) {
    enum { ethernet = 14, pushed = 8, unset = 0xffff };
    const struct sk_buff* skb = (const struct sk_buff*)ctx;
    if (ctx->gso_size || is_partial(ctx)) return 0;
    const __u32 data = BPF_CORE_READ(skb, data) - BPF_CORE_READ(skb, head);
    const __u32 transport = BPF_CORE_READ(skb, transport_header);
    const __u32 headers = transport != unset && transport > data + ethernet ? transport - data : ethernet;
    return headers + pushed <= size;
}

/// One size class; `capacity` is a constant.
ALWAYS_INLINE int send_up_in(struct __sk_buff* skb, const struct metadata* meta, __u32 why, __u32 capacity) {
    int lost;
    struct weft_upcall* up = reserve_upcall(meta, capacity, &lost);
    if (!up) return lost;
    fill_upcall(meta, why, up);
    up->vlan_tpid = skb->vlan_present ? skb->vlan_proto : 0;
    up->vlan_tci = skb->vlan_tci;
    fill_offload(skb, up);
    __u32 size = skb->len;
    OPAQUE(size);
    if (size > capacity) size = capacity;
    if (size == 0 || bpf_skb_load_bytes(skb, 0, up + 1, size) != 0) size = 0;
    up->size = size;
    submit_upcall(up);
    return -1;
}

/// Sends the packet up; -1, or why it was lost.
ALONE int send_up(struct __sk_buff* skb, const struct metadata* meta, __u32 why) {
    if (!meta) return weft_too_long;
    const __u32 size = skb->len;
    if (size <= small_frame) return send_up_in(skb, meta, why, small_frame);
    if (size <= usual_frame) return send_up_in(skb, meta, why, usual_frame);
    if (size <= jumbo_frame) return send_up_in(skb, meta, why, jumbo_frame);
    if (size <= super_frame) return send_up_in(skb, meta, why, super_frame);
    return weft_too_long;
}
