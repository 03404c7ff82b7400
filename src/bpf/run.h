// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// What of a flow's code runs at any hook: its context comes first (at_tc.h, at_xdp.h).
#pragma once

#include "bpf/decide.h"
#include "bpf/edit.h"
#include "bpf/meter.h"

struct run {
    context* at;
    struct packet* packet;
    const struct weft_entry* entry;
    struct metadata* meta;
    struct layers layers;
    __u32 next;  ///< words before that one are left out
    int result;  ///< what becomes of the packet, as the hook says it
};

ALWAYS_INLINE struct layers layers_of(const struct packet* p) {
    return (struct layers){.l3 = p->l3,
                           .l4 = p->l4,
                           .eth_type = bpf_ntohs(p->key.eth_type),
                           .l4_size = p->l4_size,
                           .nd_source = p->nd_source,
                           .nd_target = p->nd_target,
                           .protocol = p->protocol};
}

/// A word of the data that the code refers to.
ALWAYS_INLINE __u64 data_word(const struct run* r, __u64 w, __u32 i) {
    return word(r->entry, r->entry->key_words + (w >> weft_data_shift) + i);
}

ALWAYS_INLINE int set_field(struct run* r, __u64 w) {
    const struct set s = {
        .value = {data_word(r, w, 0), data_word(r, w, 1)},
        .mask = {data_word(r, w, 2), data_word(r, w, 3)},
        .layer = w >> 8 & 0xff,
        .offset = w >> 16 & 0xff,
        .size = w >> 24 & 0xff,
        .csum = w >> 32 & 0xff,
        .protocol = w >> 40 & 0xff,
    };
    return set_bytes(r->at, &r->layers, &s);
}

ALWAYS_INLINE int change_tag(struct run* r, __u64 w) {
    const int failed = (w & 0xff) == weft_op_push_vlan ? push_tag(r->at, w >> 16 & 0xffff, w >> 32 & 0xffff)
                                                       : pop_tag(r->at);
    return failed ? failed : find_layers_again(r->at, &r->layers);
}

/// A copy goes up for one of the flow's actions, or it is lost; the packet goes on.
ALWAYS_INLINE void send_part_up(struct run* r, __u16 part, enum weft_cause why) {
    r->meta->part = part;
    sent_up(r->at, r->meta, why);
    r->meta->part = 0;
}

/// The packet goes no further.
ALWAYS_INLINE long stop(struct run* r, enum weft_loss why) {
    lose(why);
    r->meta->stopped = 1;
    return 1;
}

/// Some of those that a meter drops are shown; user space finds the meter by its place in the flow's list.
ALWAYS_INLINE void show_metered(struct run* r, __u64 w) {
    const __u16 part = w >> 8 & 0xffff;
    if (!part || !state.drop_samples) return;
    state.drop_samples--;  // a race shows one more
    send_part_up(r, part, weft_sample);
}

ALWAYS_INLINE long pass_meter(struct run* r, __u64 w) {
    if (admit(w >> 32, frame_size(r->at))) return 0;
    __u32 port = r->meta->in_port;
    OPAQUE(port);
    if (port < weft_ports_max) __sync_fetch_and_add(&state.shares[port].over_rate, 1);
    show_metered(r, w);
    return stop(r, weft_over_rate);
}

/// 1: the packet's way ends here.
ALWAYS_INLINE long run_edit(struct run* r, __u64 w) {
    int failed = 0;
    switch (w & 0xff) {
        case weft_op_set:
            failed = set_field(r, w);
            break;
        case weft_op_push_vlan:
        case weft_op_pop_vlan:
            failed = change_tag(r, w);
            break;
        case weft_op_meter:
            return pass_meter(r, w);
    }
    return failed ? stop(r, weft_edit_failed) : 0;
}
