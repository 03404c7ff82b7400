// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// The datapath at tc ingress: parse, look up, act; what it has no flow for goes up. README.md tells how it
// hangs together.
#include "bpf/actions_tc.h"

/// Meanings of skb->cb from one program to the next.
enum { cb_in_port_depth, cb_recirc_id, cb_mark, cb_priority, cb_hash };

ALWAYS_INLINE int know_key(struct __sk_buff* skb, struct packet* p, const struct metadata* meta) {
    enum { headers = 256 };
    int v = parse_frame(skb, p);
    if (v == key_cut) {
        __u32 size = skb->len;
        if (size > headers) size = headers;
        if (bpf_skb_pull_data(skb, size) != 0) return 0;
        v = parse_frame(skb, p);
    }
    fill_metadata(p, meta);
    return v == key_known;
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

/// What not every packet of a flow can have done here.
enum { picky = weft_cuts | weft_moves_headers };

ALONE int can_be_done(struct __sk_buff* skb, const struct packet* p, const struct weft_entry* e) {
    enum { ethernet = 14 };
    if (!p || !e) return 0;
    if (e->flags & weft_moves_headers && (skb->gso_size || skb->vlan_present || p->l3 != ethernet)) return 0;
    return !(e->flags & weft_cuts) || can_be_cut(skb, word(e, e->key_words + e->code_words - 2) >> 32);
}

ALWAYS_INLINE int forward(struct __sk_buff* skb, struct metadata* meta, __u32 depth) {
    struct packet p;
    if (!know_key(skb, &p, meta)) {
        go_up(skb, 0, meta, weft_odd_packet);
        return TC_ACT_SHOT;
    }
    struct weft_entry* e = find(&p);
    int why = why_up(e, &p);
    if (why == forward_here && e && e->flags & picky && !can_be_done(skb, &p, e)) why = weft_action;
    if (why >= 0) go_up(skb, &p, meta, why);
    if (why == drop_here) lose(weft_overrun);
    if (!e || why != forward_here) return TC_ACT_SHOT;
    add(&counters()->hit, 1);
    count(e, &p, frame_size(skb));
    const int result = run_code(skb, &p, e, meta);
    if (!(e->flags & weft_recirculates) || meta->stopped) return result;
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
