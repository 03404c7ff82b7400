// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// The datapath at tc ingress: parse, look up, act; what it has no flow for goes up. README.md tells how it
// hangs together.
#include "bpf/actions.h"
#include "bpf/hold.h"

/// Meanings of skb->cb from one program to the next.
enum { cb_in_port_depth, cb_recirc_id, cb_mark, cb_priority, cb_hash };

/// The port of a device; 0: it has none.
ALWAYS_INLINE __u32 port_of(__u32 ifindex) {
    for (__u32 i = 0; i < weft_port_probes; i++) {
        const struct weft_in_port* p = &state.in_ports[(ifindex + i) & (weft_port_slots - 1)];
        if (p->ifindex == ifindex) return p->port;
        if (p->ifindex == 0) return 0;
    }
    return 0;
}

ALWAYS_INLINE int know_key(struct __sk_buff* skb, struct packet* p, const struct metadata* meta) {
    enum { headers = 256 };
    int v = parse_frame(skb, p);
    if (v == key_cut) {
        __u32 size = skb->len;
        if (size > headers) size = headers;
        if (bpf_skb_pull_data(skb, size) != 0) return 0;
        v = parse_frame(skb, p);
    }
    p->key.in_port = bpf_htonl(meta->in_port);
    p->key.recirc_id = bpf_htonl(meta->recirc_id);
    p->key.dp_hash = bpf_htonl(meta->dp_hash);
    p->key.pkt_mark = bpf_htonl(meta->mark);
    p->key.skb_priority = bpf_htonl(meta->priority);
    return v == key_known;
}

static __attribute__((noinline)) struct weft_entry* find(const struct packet* p) {
    __u32 zero = 0;
    struct search s = {.words = p->words, .table = bpf_map_lookup_elem(&buckets, &zero)};
    if (!s.table) return 0;
    s.bucket_mask = state.bucket_mask;
    bpf_loop(state.n_masks, try_mask, &s, 0);
    add(&counters()->masks_tried, s.tried);
    return s.found;
}

/// A packet with this key has just gone up.
ALONE int hold_flow(const struct packet* p) {
    struct weft_entry* e = p ? find(p) : 0;
    if (e) extend_hold(e);
    return 0;
}

/// The packet goes up; if its flow is known here by now, the next ones wait behind it.
ALWAYS_INLINE int go_up(struct __sk_buff* skb, const struct packet* p, const struct metadata* meta,
                        enum weft_cause why) {
    const int lost = send_up(skb, meta, why);
    if (lost >= 0) {
        lose(lost);
        return TC_ACT_SHOT;
    }
    count_up(why);
    if (p) hold_flow(p);
    return TC_ACT_SHOT;
}

ALWAYS_INLINE void count(const struct weft_entry* e, const struct packet* p, __u32 size) {
    __u32 at = (e->stats >> weft_chunk_shift) * config.stripes + stripe();
    void* map = bpf_map_lookup_elem(&statistics, &at);
    if (!map) return;
    at = e->stats & ((1u << weft_chunk_shift) - 1);
    struct weft_flow_stats* s = bpf_map_lookup_elem(map, &at);
    if (!s) return;
    add(&s->packets, 1);
    add(&s->bytes, size);
    s->used_ns = bpf_ktime_get_coarse_ns();
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
    return p->odd && e->flags & weft_edits ? weft_odd_packet : forward_here;
}

ALWAYS_INLINE int forward(struct __sk_buff* skb, struct metadata* meta, __u32 depth) {
    struct packet p;
    if (!know_key(skb, &p, meta)) return go_up(skb, 0, meta, weft_odd_packet);
    struct weft_entry* e = find(&p);
    const int why = why_up(e, &p);
    if (why >= 0) return go_up(skb, &p, meta, why);
    if (why == drop_here) lose(weft_overrun);
    if (!e || why == drop_here) return TC_ACT_SHOT;
    add(&counters()->hit, 1);
    count(e, &p, skb->len + (skb->vlan_present ? 4 : 0));
    const int result = run_code(skb, &p, e, meta);
    if (!(e->flags & weft_recirculates) || meta->failed) return result;
    skb->cb[cb_in_port_depth] = meta->in_port | (depth + 1) << 16;
    skb->cb[cb_recirc_id] = meta->recirc_id;
    skb->cb[cb_mark] = meta->mark;
    skb->cb[cb_priority] = meta->priority;
    skb->cb[cb_hash] = meta->dp_hash;
    bpf_tail_call(skb, &next_program, 0);
    return TC_ACT_SHOT;
}

SEC("tc") int weft_ingress(struct __sk_buff* skb) {
    struct metadata meta = {.in_port = port_of(skb->ifindex)};
    if (!meta.in_port) return TC_ACT_OK;  // not ours, or not yet
    return forward(skb, &meta, 0);
}

SEC("tc") int weft_recirculate(struct __sk_buff* skb) {
    struct metadata meta = {
        .in_port = skb->cb[cb_in_port_depth] & 0xffff,
        .recirc_id = skb->cb[cb_recirc_id],
        .mark = skb->cb[cb_mark],
        .priority = skb->cb[cb_priority],
        .dp_hash = skb->cb[cb_hash],
    };
    const __u32 depth = skb->cb[cb_in_port_depth] >> 16;
    if (depth > weft_recirculations_max) {
        lose(weft_too_deep);
        return TC_ACT_SHOT;
    }
    return forward(skb, &meta, depth);
}

char _license[] SEC("license") = "Dual BSD/GPL";
