// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// A packet's way up: whole, with what its sender left to the hardware. Room in the ring is shared fairly
// between ports. For any hook: its context comes first (at_tc.h, at_xdp.h).
#pragma once

#include "bpf/lookup.h"

/// What a packet carries from one lookup to the next.
struct metadata {
    __u32 in_port, recirc_id, mark, priority, dp_hash;
    __u32 part;     ///< as weft_upcall has it
    __u32 stopped;  ///< an edit failed, or a meter drops it: it goes nowhere
};

/// Whether the port may have that much more of the ring.
ALWAYS_INLINE int has_share(const struct weft_share* share, __u32 bytes) {
    const __u64 waits = *(const volatile __u64*)&share->sent - *(const volatile __u64*)&share->done;
    const __u64 used = bpf_ringbuf_query(&upcalls, BPF_RB_AVAIL_DATA);
    return used + 2 * (waits + bytes) <= weft_ring_size;
}

/// Room for a frame of up to `capacity` bytes, a constant; null: `lost` tells why there is none.
ALWAYS_INLINE struct weft_upcall* reserve_upcall(const struct metadata* meta, __u32 capacity, int* lost) {
    __u32 port = meta->in_port;
    OPAQUE(port);
    *lost = weft_ring_full;
    if (port >= weft_ports_max) return 0;
    struct weft_share* share = &state.shares[port];
    const __u32 bytes = sizeof(struct weft_upcall) + capacity;
    const int fair = has_share(share, bytes);
    struct weft_upcall* up = fair ? bpf_ringbuf_reserve(&upcalls, bytes, 0) : 0;
    if (!up) {
        __sync_fetch_and_add(&share->lost, 1);
        if (!fair) *lost = weft_share_used;
        return 0;
    }
    __sync_fetch_and_add(&share->sent, bytes);
    return up;
}

ALWAYS_INLINE void fill_upcall(const struct metadata* meta, __u32 why, struct weft_upcall* up) {
    up->in_port = meta->in_port;
    up->recirc_id = meta->recirc_id;
    up->mark = meta->mark;
    up->priority = meta->priority;
    up->dp_hash = meta->dp_hash;
    up->cause = why;
    up->part = meta->part;
    up->pad3 = 0;
    up->sent_ns = bpf_ktime_get_ns();
}

/// Who falls asleep says so first and looks for reserved room then; ours was reserved before this.
ALWAYS_INLINE void submit_upcall(struct weft_upcall* up) {
    bpf_ringbuf_submit(up, *(const volatile __u32*)&state.awake ? BPF_RB_NO_WAKEUP : 0);
}

/// Records have a fixed size, so that the frame is copied once.
enum { small_frame = 152, usual_frame = 1600, jumbo_frame = 9600, super_frame = 68 << 10 };

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

/// One size class; `capacity` is a constant.
ALWAYS_INLINE int send_up_in(context* c, const struct metadata* meta, __u32 why, __u32 capacity) {
    int lost;
    struct weft_upcall* up = reserve_upcall(meta, capacity, &lost);
    if (!up) return lost;
    fill_upcall(meta, why, up);
    fill_offload(c, up);
    __u32 size = length(c);
    OPAQUE(size);
    if (size > capacity) size = capacity;
    if (size == 0 || read_bytes(c, 0, up + 1, size) != 0) size = 0;
    up->size = size;
    submit_upcall(up);
    return -1;
}

/// Sends the packet up; -1, or why it was lost.
ALONE int send_up(context* c, const struct metadata* meta, __u32 why) {
    if (!meta) return weft_too_long;
    const __u32 size = length(c);
    if (size <= small_frame) return send_up_in(c, meta, why, small_frame);
    if (size <= usual_frame) return send_up_in(c, meta, why, usual_frame);
    if (size <= jumbo_frame) return send_up_in(c, meta, why, jumbo_frame);
    if (size <= super_frame) return send_up_in(c, meta, why, super_frame);
    return weft_too_long;
}

/// The same, counted; false: it was lost.
ALWAYS_INLINE int sent_up(context* c, const struct metadata* meta, enum weft_cause why) {
    const int lost = send_up(c, meta, why);
    if (lost >= 0)
        lose(lost);
    else
        count_up(why);
    return lost < 0;
}
