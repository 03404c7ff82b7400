// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// What is to become of a packet: the port that it came by, its flow, and whether that is forwarded here. The
// same at every hook.
#pragma once

#include "bpf/hold.h"
#include "bpf/parse.h"
#include "bpf/upcall.h"

/// The port of a device; 0: it has none.
ALWAYS_INLINE __u32 port_of(__u32 ifindex) {
    for (__u32 i = 0; i < weft_port_probes; i++) {
        const struct weft_in_port* p = &state.in_ports[(ifindex + i) & (weft_port_slots - 1)];
        if (p->ifindex == ifindex) return p->port;
        if (p->ifindex == 0) return 0;
    }
    return 0;
}

ALWAYS_INLINE void fill_metadata(struct packet* p, const struct metadata* meta) {
    p->key.in_port = bpf_htonl(meta->in_port);
    p->key.recirc_id = bpf_htonl(meta->recirc_id);
    p->key.dp_hash = bpf_htonl(meta->dp_hash);
    p->key.pkt_mark = bpf_htonl(meta->mark);
    p->key.skb_priority = bpf_htonl(meta->priority);
}

/// A word of the key or the code; 0 behind the end.
ALWAYS_INLINE __u64 word(const struct weft_entry* e, __u32 at) {
    OPAQUE(at);
    return at < weft_entry_words ? e->words[at] : 0;
}

ALWAYS_INLINE __u8* hint_for(const struct packet* p) {
    const __u32 zero = 0;
    struct weft_hint_table* table = bpf_map_lookup_elem(&hints, &zero);
    if (!table) return 0;
    __u32 at = hint_hash(p);
    OPAQUE(at);
    return &table->mask[at & (weft_hints - 1)];
}

/// The mask that packets of this flow are looked up by first.
ALONE __u32 hinted_mask(const struct packet* p) {
    const __u8* hint = p ? hint_for(p) : 0;
    return hint ? *hint : 0;
}
ALONE int keep_hint(const struct packet* p, __u32 mask) {
    __u8* hint = p && state.hints ? hint_for(p) : 0;
    if (hint) *hint = mask;
    return 0;
}

static __attribute__((noinline)) struct weft_entry* find(const struct packet* p) {
    const __u32 table = *(const volatile __u32*)&state.table;
    struct search s = {
        .words = p->words,
        .pieces = (table >> weft_table_shift) * weft_bucket_pieces_max,
        .bucket_mask = table & ~(1u << weft_table_shift),
        .first = state.hints ? hinted_mask(p) : state.order[0],
    };
    if (!try_first(&s)) bpf_loop(state.n_masks, try_next, &s, 0);
    add(&counters()->masks_tried, s.tried);
    if (s.found && s.found->mask != s.first) keep_hint(p, s.found->mask);
    return s.found;
}

/// A packet with this key has just gone up.
ALONE int hold_flow(const struct packet* p) {
    struct weft_entry* e = p ? find(p) : 0;
    if (e) extend_hold(e);
    return 0;
}

/// The packet goes up; if its flow is known here by now, the next ones wait behind it.
ALWAYS_INLINE void go_up(context* c, const struct packet* p, const struct metadata* meta,
                         enum weft_cause why) {
    if (sent_up(c, meta, why) && p) hold_flow(p);
}

/// Of the last tick: the kernel is asked once in each.
ALWAYS_INLINE __u64 now_ns(void) {
    struct weft_counters* c = counters();
    const __u64 tick = bpf_jiffies64();
    if (c->tick != tick) {
        c->tick_ns = bpf_ktime_get_coarse_ns();
        c->tick = tick;
    }
    return c->tick_ns;
}

ALWAYS_INLINE void count(const struct weft_entry* e, const struct packet* p, __u32 size) {
    __u32 at = (e->stats >> weft_piece_shift) * config.stripes + stripe();
    void* map = bpf_map_lookup_elem(&statistics, &at);
    if (!map) return;
    at = e->stats & ((1u << weft_piece_shift) - 1);
    struct weft_flow_stats* s = bpf_map_lookup_elem(map, &at);
    if (!s) return;
    add(&s->packets, 1);
    add(&s->bytes, size);
    s->used_ns = now_ns();
    const __u64 flags = bpf_ntohs(p->key.tcp_flags);
    if (flags & ~s->tcp_flags) __sync_fetch_and_or(&s->tcp_flags, flags);
}

/// User space does what this flow wants.
ALWAYS_INLINE int is_punt(const struct weft_entry* e) {
    return e->code_words == 1 && (word(e, e->key_words) & 0xff) == weft_op_punt;
}

/// Some of the packets that are to be dropped are shown.
ALWAYS_INLINE int is_sample(const struct weft_entry* e) {
    if (!(e->flags & weft_drops) || !state.drop_samples) return 0;
    state.drop_samples--;  // a race shows one more
    return 1;
}

enum { forward_here = -1, drop_here = -2 };

/// Why the packet goes up, or that it does not.
ALWAYS_INLINE int why_up(struct weft_entry* e, const struct packet* p) {
    if (!e) return weft_miss;
    if (is_punt(e)) return (word(e, e->key_words) >> 8 & 0xff) % weft_n_causes;
    const enum hold hold = held(e);
    if (hold != hold_none) return hold == hold_up ? weft_held : drop_here;
    if (state.all_up) return weft_tapped;
    if (is_sample(e)) return weft_sample;
    if (!(e->flags & weft_edits)) return forward_here;
    return p->odd || (e->flags & weft_edits_nd && !p->nd) ? weft_odd_packet : forward_here;
}
