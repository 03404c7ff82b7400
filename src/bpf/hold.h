// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// The order of a flow's packets, when some of them went up and the flow is forwarded here from now on: it is
// held until user space has sent on all that was in the ring.
#pragma once

#include "bpf/lookup.h"

enum hold { hold_none, hold_up, hold_drop };

/// What becomes of a packet: hold_up while earlier ones are on their way through user space.
ALWAYS_INLINE enum hold held(struct weft_entry* e) {
    const __u64 hold = *(volatile __u64*)&e->hold;
    if (!hold) return hold_none;
    if (hold & weft_hold_open) return hold_up;
    const __u64 position = hold & ~weft_hold_closed;
    if (bpf_ringbuf_query(&upcalls, BPF_RB_CONS_POS) >= position) {
        e->held = 0;
        __sync_val_compare_and_swap(&e->hold, hold, 0);  // whoever has extended it meanwhile wins
        return hold_none;
    }
    if (hold & weft_hold_closed) return hold_drop;
    if (e->held++ < weft_held_max) return hold_up;
    __sync_val_compare_and_swap(&e->hold, hold, hold | weft_hold_closed);
    return hold_drop;
}

/// A packet of the flow has just gone up.
ALWAYS_INLINE void extend_hold(struct weft_entry* e) {
    const __u64 position = bpf_ringbuf_query(&upcalls, BPF_RB_PROD_POS);
    enum { tries = 8 };
    for (int i = 0; i < tries; i++) {
        const __u64 hold = *(volatile __u64*)&e->hold;
        const __u64 flags = hold & (weft_hold_open | weft_hold_closed);
        if ((hold ^ flags) >= position) return;
        const __u64 next = flags | position;
        if (__sync_val_compare_and_swap(&e->hold, hold, next) == hold) return;
    }
}
