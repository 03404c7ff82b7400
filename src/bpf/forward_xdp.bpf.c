// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// The datapath as an XDP program, before forward_tc.bpf.c on the same device: what has one output to a device
// that takes frames from XDP, what is dropped, and what misses. The rest goes on to tc, flow by flow.
#include <bpf/bpf_core_read.h>

#include "bpf/decide.h"

/// What veth hands to XDP: a frame, and the packet that it was made of. Not to be had of other drivers.
struct veth_xdp_buff {
    struct sk_buff* skb;
} __attribute__((preserve_access_index));
struct sk_buff {
    __be16 vlan_proto;
    __u8 ip_summed : 2;
} __attribute__((preserve_access_index));

/// Whether the sender of a veth's frame left work to the hardware, which XDP cannot pass on: a checksum, a
/// tag.
ALWAYS_INLINE int has_work_left(const struct xdp_md* ctx, __u32 port) {
    enum { checksum_partial = 3 };
    OPAQUE(port);
    if (port >= weft_ports_max) return 1;
    if (!(state.out_ports[port].xdp & weft_xdp_veth)) return 0;
    if (!bpf_core_type_exists(struct veth_xdp_buff)) return 1;
    const struct sk_buff* skb = BPF_CORE_READ((const struct veth_xdp_buff*)ctx, skb);
    if (!skb) return 0;  // it came from XDP
    return BPF_CORE_READ_BITFIELD_PROBED(skb, ip_summed) == checksum_partial ||
           BPF_CORE_READ(skb, vlan_proto);
}

ALONE int parse_xdp_frame(struct xdp_md* ctx, struct packet* p) {
    if (!p) return key_unknown;
    const struct frame f = {
        .data = (void*)(long)ctx->data,
        .data_end = (void*)(long)ctx->data_end,
        .size = ctx->data_end - ctx->data,
    };
    return parse(&f, p, state.vlan_tags);
}

/// One size class; `capacity` is a constant.
ALWAYS_INLINE int send_up_in(struct xdp_md* ctx, const struct metadata* meta, __u32 why, __u32 capacity) {
    int lost;
    struct weft_upcall* up = reserve_upcall(meta, capacity, &lost);
    if (!up) return lost;
    fill_upcall(meta, why, up);
    up->vlan_tpid = up->vlan_tci = 0;
    up->gso_size = up->gso_type = 0;
    up->csum = up->csum_start = up->csum_offset = 0;
    __u32 size = ctx->data_end - ctx->data;
    OPAQUE(size);
    if (size > capacity) size = capacity;
    if (size == 0 || bpf_xdp_load_bytes(ctx, 0, up + 1, size) != 0) size = 0;
    up->size = size;
    submit_upcall(up);
    return -1;
}

/// Sends the packet up; -1, or why it was lost. A frame has at most a page.
ALONE int send_up(struct xdp_md* ctx, const struct metadata* meta, __u32 why) {
    if (!meta) return weft_too_long;
    const __u32 size = ctx->data_end - ctx->data;
    if (size <= small_frame) return send_up_in(ctx, meta, why, small_frame);
    if (size <= usual_frame) return send_up_in(ctx, meta, why, usual_frame);
    if (size <= jumbo_frame) return send_up_in(ctx, meta, why, jumbo_frame);
    return weft_too_long;
}

ALWAYS_INLINE int go_up(struct xdp_md* ctx, const struct packet* p, const struct metadata* meta,
                        enum weft_cause why) {
    const int lost = send_up(ctx, meta, why);
    if (lost >= 0) {
        lose(lost);
        return XDP_DROP;
    }
    count_up(why);
    hold_flow(p);
    return XDP_DROP;
}

/// Where the flow's packets go, if that is all that it does and the device takes them from XDP; else null.
ALWAYS_INLINE const struct weft_out_port* only_output(const struct weft_entry* e) {
    if (e->code_words != 1) return 0;
    const __u64 w = word(e, e->key_words);
    if ((w & 0xffff) != (weft_op_output | 1 << 8)) return 0;
    __u32 port = w >> 16 & 0xffff;
    OPAQUE(port);
    if (port >= weft_ports_max) return 0;
    const struct weft_out_port* out = &state.out_ports[port];
    return out->ifindex && out->xdp & weft_xdp_takes ? out : 0;
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

SEC("xdp") int weft_xdp(struct xdp_md* ctx) {
    const struct metadata meta = {.in_port = port_of(ctx->ingress_ifindex)};
    if (!meta.in_port || has_work_left(ctx, meta.in_port)) return XDP_PASS;
    struct packet p;
    if (parse_xdp_frame(ctx, &p) != key_known) return XDP_PASS;
    fill_metadata(&p, &meta);
    struct weft_entry* e = find(&p);
    const struct weft_out_port* out = e ? only_output(e) : 0;
    if (e && !out && !(e->flags & weft_drops)) return XDP_PASS;
    const int why = why_up(e, &p);
    if (why >= 0) return go_up(ctx, &p, &meta, why);
    if (why == drop_here) lose(weft_overrun);
    if (!e || why == drop_here) return XDP_DROP;
    const __u32 size = ctx->data_end - ctx->data;
    add(&counters()->hit, 1);
    count(e, &p, size);
    return out ? send_by(out, size) : drop(e);
}

/// Whether frames of a veth tell what they were made of here; XDP_PASS: they do.
SEC("xdp") int weft_knows_veth(struct xdp_md* ctx __attribute__((unused))) {
    return bpf_core_type_exists(struct veth_xdp_buff) ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "Dual BSD/GPL";
