// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Runs the code of a flow at tc.
#pragma once

#include <linux/pkt_cls.h>

#include "bpf/at_tc.h"
#include "bpf/hash.h"
#include "bpf/label.h"
#include "bpf/run.h"

/// What the device does not count.
ALWAYS_INLINE void count_sent(const struct __sk_buff* skb, __u32 port) {
    OPAQUE(port);
    if (port >= weft_ports_max) return;
    struct weft_port_counters* sent = &state.sent[stripe()][port];
    add(&sent->packets, 1);
    add(&sent->bytes, skb->len);
}

/// The port to send by, if the frame fits; null: it is dropped.
ALWAYS_INLINE const struct weft_out_port* way_out(struct __sk_buff* skb, __u32 port) {
    OPAQUE(port);
    if (port >= weft_ports_max) return 0;
    const struct weft_out_port* out = &state.out_ports[port];
    const __u32 tags = skb->vlan_present ? 4 : 8;  // two are allowed for; one may not be in the frame yet
    if (!out->ifindex) {
        lose(weft_invalid_port);
        return 0;
    }
    if (!skb->gso_size && skb->len > out->frame_max + tags) {
        lose(weft_beyond_mtu);
        return 0;
    }
    if (out->flags) count_sent(skb, port);
    return out;
}

/// Whether the frame is for the device's other end itself, which then need not take it from a queue. A frame
/// for anybody else must be told from its own there, as arriving by the device does.
ALWAYS_INLINE int is_straight(const struct __sk_buff* skb, const struct weft_out_port* out) {
    const __u64 address = bpf_cpu_to_be64(~0xffffull);
    const void* data = (void*)(long)skb->data;
    if (data + sizeof(__u64) > (void*)(long)skb->data_end) return 0;
    return (*(const __u64*)data & address) == *(const volatile __u64*)&out->straight_to &&
           now_ns() < *(const volatile __u64*)&state.straight_until;
}

/// A packet that is as it came: what tells its protocol goes with it.
ALWAYS_INLINE int send_straight(struct __sk_buff* skb, const struct weft_out_port* out, __u32 port) {
    enum { to_itself = 0 };  // PACKET_HOST
    bpf_skb_change_type(skb, to_itself);
    skb->mark = 0;  // one of this namespace's
    count_sent(skb, port);
    return bpf_redirect_peer(out->ifindex, 0);
}

enum last { not_last, last_of_changed, last_of_plain };

/// Sends the packet, or unless it is the last a copy of it; the TC_ACT_ code that ends the packet's way here.
ALONE int send_by(struct __sk_buff* skb, __u32 port, int last) {
    const struct weft_out_port* out = way_out(skb, port);
    if (out && last == last_of_plain && is_straight(skb, out)) return send_straight(skb, out, port);
    if (out && last) return bpf_redirect(out->ifindex, out->flags);
    if (out) bpf_clone_redirect(skb, out->ifindex, out->flags);
    return TC_ACT_SHOT;
}

ALWAYS_INLINE void output(struct run* r, __u64 w, enum last last) {
    const __u32 n = w >> 8 & 0xff;
    for (__u32 i = 0; i < 3 && i < n; i++)
        r->result = send_by(r->at, w >> (16 + 16 * i) & 0xffff, i + 1 == n ? last : not_last);
}

ALWAYS_INLINE int change_labels(struct run* r, __u64 w) {
    const __u32 type = w >> 16 & 0xffff;
    return (w & 0xff) == weft_op_push_mpls ? push_label(r->at, &r->layers, w >> 32, type)
                                           : pop_label(r->at, &r->layers, type);
}

ALWAYS_INLINE void set_mark(struct run* r, __u64 w) {
    const __u64 mark = data_word(r, w, 0);
    r->meta->mark = (r->meta->mark & ~(__u32)(mark >> 32)) | (__u32)mark;
    r->at->mark = r->meta->mark;
}

/// The key of the packet as it is now.
ALONE int parse_frame(struct __sk_buff* skb, struct packet* p) {
    if (!p) return key_unknown;
    const struct frame f = {
        .data = (void*)(long)skb->data,
        .data_end = (void*)(long)skb->data_end,
        .size = skb->len,
        .tpid = skb->vlan_present ? skb->vlan_proto : 0,
        .tci = bpf_htons(skb->vlan_tci),
    };
    return parse(&f, p, state.vlan_tags);
}

ALWAYS_INLINE int hash_packet(struct run* r, __u64 w) {
    if (w >> 16 & 0xff && parse_frame(r->at, r->packet) != key_known) return -1;
    r->meta->dp_hash = flow_hash(r->packet, w >> 32, w >> 8 & 0xff);
    return 0;
}

/// Only the next output follows, and nothing sees what is gone.
ALWAYS_INLINE int cut(struct __sk_buff* skb, __u32 size) {
    const __u32 tag = skb->vlan_present ? 4 : 0;
    return skb->len + tag > size ? bpf_skb_change_tail(skb, size - tag, 0) : 0;
}

/// What an output in word number i is if it is that of its last port.
ALWAYS_INLINE enum last last_if(const struct run* r, __u32 i) {
    const __u32 n = r->entry->code_words;
    if (i + 1 < n) return not_last;
    return n == 1 && !r->meta->recirc_id ? last_of_plain : last_of_changed;
}

/// The word number i; 1: the end. What it leaves behind for the next is unknown to the verifier, so that it
/// looks at one round only.
static long run_word(__u32 i, struct run* r) {
    const __u32 n = r->entry->code_words;
    if (i >= n) return 1;
    if (i < r->next) return 0;
    const __u64 w = word(r->entry, r->entry->key_words + i);
    int failed = 0;
    switch (w & 0xff) {
        case weft_op_output:
            output(r, w, last_if(r, i));
            return 0;
        case weft_op_set:
        case weft_op_push_vlan:
        case weft_op_pop_vlan:
        case weft_op_meter:
            return run_edit(r, w);
        case weft_op_push_mpls:
        case weft_op_pop_mpls:
            failed = change_labels(r, w);
            break;
        case weft_op_mark:
            set_mark(r, w);
            break;
        case weft_op_priority:
            r->meta->priority = w >> 32;
            r->at->priority = w >> 32;
            break;
        case weft_op_drop:
            lose(weft_drop_action);
            return 1;
        case weft_op_hash:
            failed = hash_packet(r, w);
            break;
        case weft_op_recirc:
            r->meta->recirc_id = w >> 32;
            break;
        case weft_op_part:
            if (bpf_get_prandom_u32() <= w >> 32) send_part_up(r, w >> 8 & 0xffff, weft_part);
            return 0;
        case weft_op_sample:
            if (bpf_get_prandom_u32() > w >> 32) r->next = i + 1 + (w >> 8 & 0xffff);
            return 0;
        case weft_op_cut:
            failed = cut(r->at, w >> 32);
            break;
        default:
            return 1;
    }
    return failed ? stop(r, weft_edit_failed) : 0;
}

/// A TC_ACT_ code.
ALWAYS_INLINE int run_code(struct __sk_buff* skb, struct packet* p, const struct weft_entry* e,
                           struct metadata* meta) {
    struct run r = {
        .at = skb,
        .packet = p,
        .entry = e,
        .meta = meta,
        .layers = layers_of(p),
        .result = TC_ACT_SHOT,
    };
    // Most often just an output.
    if (e->code_words == 1)
        run_word(0, &r);
    else if (e->code_words)
        bpf_loop(e->code_words, run_word, &r, 0);
    else
        lose(weft_dropped);
    return r.result;
}
