// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// The datapath as an XDP program, before forward_tc.bpf.c on the same device: what has one output to a device
// that takes frames from XDP, perhaps changed on its way, what is dropped, and what misses. The rest goes on
// to tc, flow by flow.
#include "bpf/at_xdp.h"
#include "bpf/run.h"

/// Whether the sender of a veth's frame left work to the hardware, which XDP cannot pass on: a checksum, a
/// tag.
ALWAYS_INLINE int has_work_left(struct xdp_md* ctx, __u32 port) {
    OPAQUE(port);
    if (port >= weft_ports_max) return 1;
    if (!(state.out_ports[port].xdp & weft_xdp_veth)) return 0;
    if (!bpf_core_type_exists(struct veth_xdp_buff)) return 1;
    const struct sk_buff* skb = made_of(ctx);
    if (!skb) return 0;  // it came from XDP
    return BPF_CORE_READ_BITFIELD(skb, ip_summed) == checksum_partial || skb->vlan_proto;
}

ALONE int parse_xdp_frame(struct xdp_md* ctx, struct packet* p, __u32 size) {
    if (!p) return key_unknown;
    const struct frame f = {
        .data = (void*)(long)ctx->data,
        .data_end = (void*)(long)ctx->data_end,
        .size = size,
    };
    return parse(&f, p, state.vlan_tags);
}

/// Where the flow's packets go, if all that it does can be done here and the device takes them from XDP; else
/// null.
ALWAYS_INLINE const struct weft_out_port* only_output(const struct weft_entry* e) {
    if (!(e->flags & weft_for_xdp)) return 0;
    __u32 port = word(e, e->key_words + e->code_words - 1) >> 16 & 0xffff;
    OPAQUE(port);
    if (port >= weft_ports_max) return 0;
    const struct weft_out_port* out = &state.out_ports[port];
    return out->ifindex && out->xdp & weft_xdp_takes ? out : 0;
}

static long run_word(__u32 i, struct run* r) {
    if (i + 1 >= r->entry->code_words) return 1;
    return run_edit(r, word(r->entry, r->entry->key_words + i));
}

/// All but the output; false: the packet goes no further.
ALWAYS_INLINE int run_edits(struct xdp_md* ctx, struct packet* p, const struct weft_entry* e,
                            struct metadata* meta) {
    struct run r = {.at = ctx, .packet = p, .entry = e, .meta = meta, .layers = layers_of(p)};
    bpf_loop(e->code_words, run_word, &r, 0);
    return !meta->stopped;
}

ALWAYS_INLINE int drop(const struct weft_entry* e) {
    lose(e->code_words ? weft_drop_action : weft_dropped);
    return XDP_DROP;
}

ALWAYS_INLINE int send_by(const struct weft_out_port* out, __u32 size) {
    enum { tags = 8 };
    if (size <= out->frame_max + tags) return bpf_redirect(out->ifindex, 0);
    lose(weft_beyond_mtu);
    return XDP_DROP;
}

/// To ask the length of a frame that may be in pieces costs each a call.
ALWAYS_INLINE __u32 size_of(struct xdp_md* ctx, int pieces) {
    return pieces ? length(ctx) : linear_length(ctx);
}

ALWAYS_INLINE int forward(struct xdp_md* ctx, int pieces) {
    struct metadata meta = {.in_port = port_of(ctx->ingress_ifindex)};
    if (!meta.in_port || has_work_left(ctx, meta.in_port)) return XDP_PASS;
    struct packet p;
    const __u32 size = size_of(ctx, pieces);
    if (parse_xdp_frame(ctx, &p, size) != key_known) return XDP_PASS;
    fill_metadata(&p, &meta);
    struct weft_entry* e = find(&p);
    const struct weft_out_port* out = e ? only_output(e) : 0;
    if (e && !out && !(e->flags & weft_drops)) return XDP_PASS;
    if (pieces && out && !(out->xdp & weft_xdp_takes_fragments) && size > linear_length(ctx)) return XDP_PASS;
    const int why = why_up(e, &p);
    if (why >= 0) go_up(ctx, &p, &meta, why);
    if (why == drop_here) lose(weft_overrun);
    if (!e || why != forward_here) return XDP_DROP;
    add(&counters()->hit, 1);
    count(e, &p, size);
    if (!out) return drop(e);
    if (e->code_words == 1) return send_by(out, size);
    return run_edits(ctx, &p, e, &meta) ? send_by(out, size_of(ctx, pieces)) : XDP_DROP;
}

SEC("xdp") int weft_xdp(struct xdp_md* ctx) { return forward(ctx, 0); }
SEC("xdp.frags") int weft_xdp_jumbo(struct xdp_md* ctx) { return forward(ctx, 1); }

/// Whether frames of a veth tell what they were made of here; XDP_PASS: they do.
SEC("xdp") int weft_knows_veth(struct xdp_md* ctx __attribute__((unused))) {
    return bpf_core_type_exists(struct veth_xdp_buff) ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "Dual BSD/GPL";
