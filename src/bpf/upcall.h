// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// A packet's way up: whole, with what its sender left to the hardware.
#pragma once

#include <bpf/bpf_core_read.h>

#include "bpf/lookup.h"

/// The kernel's own packet: the fields that __sk_buff does not show.
struct sk_buff {
    unsigned char *head, *data;
    unsigned int end;
    __u16 csum_start, csum_offset;
    __u8 ip_summed : 2;
} __attribute__((preserve_access_index));
struct skb_shared_info {
    unsigned int gso_type;
} __attribute__((preserve_access_index));

/// What a packet carries from one lookup to the next.
struct metadata {
    __u32 in_port, recirc_id, mark, priority, dp_hash;
    __u32 failed;  ///< an edit: it goes nowhere
};

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

ALWAYS_INLINE void fill_upcall(struct __sk_buff* skb, const struct metadata* meta, __u32 why,
                               struct weft_upcall* up) {
    up->in_port = meta->in_port;
    up->recirc_id = meta->recirc_id;
    up->mark = meta->mark;
    up->priority = meta->priority;
    up->dp_hash = meta->dp_hash;
    up->vlan_tpid = skb->vlan_present ? skb->vlan_proto : 0;
    up->vlan_tci = skb->vlan_tci;
    up->cause = why;
    up->pad2 = 0;
    up->pad3 = 0;
    up->sent_ns = bpf_ktime_get_ns();
    fill_offload(skb, up);
}

/// Whether the port may have that much more of the ring.
ALWAYS_INLINE int has_share(const struct weft_share* share, __u32 bytes) {
    const __u64 waits = *(const volatile __u64*)&share->sent - *(const volatile __u64*)&share->done;
    const __u64 used = bpf_ringbuf_query(&upcalls, BPF_RB_AVAIL_DATA);
    return used + 2 * (waits + bytes) <= weft_ring_size;
}

/// One size class: records have a fixed size, so that the frame is copied once. `capacity` is a constant.
ALWAYS_INLINE int send_up_in(struct __sk_buff* skb, const struct metadata* meta, __u32 why, __u32 capacity) {
    __u32 port = meta->in_port;
    OPAQUE(port);
    if (port >= weft_ports_max) return weft_ring_full;
    struct weft_share* share = &state.shares[port];
    const __u32 bytes = sizeof(struct weft_upcall) + capacity;
    const int fair = has_share(share, bytes);
    struct weft_upcall* up = fair ? bpf_ringbuf_reserve(&upcalls, bytes, 0) : 0;
    if (!up) {
        __sync_fetch_and_add(&share->lost, 1);
        return fair ? weft_ring_full : weft_share_used;
    }
    __sync_fetch_and_add(&share->sent, bytes);
    fill_upcall(skb, meta, why, up);
    __u32 size = skb->len;
    OPAQUE(size);
    if (size > capacity) size = capacity;
    if (size == 0 || bpf_skb_load_bytes(skb, 0, up + 1, size) != 0) size = 0;
    up->size = size;
    // Who falls asleep says so first and looks for reserved room then; ours was reserved before this.
    bpf_ringbuf_submit(up, *(const volatile __u32*)&state.awake ? BPF_RB_NO_WAKEUP : 0);
    return -1;
}

enum { small_frame = 152, usual_frame = 1600, jumbo_frame = 9600, super_frame = 68 << 10 };

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

ALWAYS_INLINE void lose(enum weft_loss why) {
    __u32 i = why;
    OPAQUE(i);
    if (i < weft_n_losses) add(&counters()->lost[i], 1);
}
ALWAYS_INLINE void count_up(enum weft_cause why) {
    __u32 i = why;
    OPAQUE(i);
    if (i < weft_n_causes) add(&counters()->up[i], 1);
}
