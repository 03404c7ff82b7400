// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// A frame at XDP. Its sender has left nothing to the hardware (has_work_left).
#pragma once

#include "bpf/context.h"
#include "bpf/cursor.h"

typedef struct xdp_md context;

/// What veth hands to XDP: a frame, and the packet that it was made of. Not to be had of other drivers.
struct veth_xdp_buff {
    struct sk_buff* skb;
} __attribute__((preserve_access_index));
struct sk_buff {
    __be16 vlan_proto;
    __u8 ip_summed : 2;
} __attribute__((preserve_access_index));
struct pt_regs {};

extern void* bpf_cast_to_kern_ctx(void* ctx) __ksym;
extern void* bpf_rdonly_cast(const void* memory, __u32 type) __ksym;

/// The packet that a veth's frame was made of, or null. What is read so costs no call. Type numbers must be
/// the kernel's own, but veth may be a module: so its struct is read as one that is nothing but long words.
ALWAYS_INLINE const struct sk_buff* made_of(context* c) {
    const void* words = bpf_rdonly_cast(bpf_cast_to_kern_ctx(c), bpf_core_type_id_kernel(struct pt_regs));
    const void* skb = *(void**)(words + bpf_core_field_offset(struct veth_xdp_buff, skb));
    return skb ? bpf_rdonly_cast(skb, bpf_core_type_id_kernel(struct sk_buff)) : 0;
}

/// Of what can be read directly: all of a frame, or its first piece. Computed at once: the compiler may keep
/// no half of a pointer for later, which the verifier forbids.
ALWAYS_INLINE __u32 linear_length(const context* c) {
    const volatile context* now = c;
    __u32 n = now->data_end - now->data;
    OPAQUE(n);
    return n;
}
ALWAYS_INLINE __u32 length(context* c) { return bpf_xdp_get_buff_len(c); }
ALWAYS_INLINE __u32 frame_size(context* c) { return length(c); }
ALWAYS_INLINE int is_partial(context* c __attribute__((unused))) { return 0; }

ALWAYS_INLINE long read_bytes(context* c, __u32 at, void* to, __u32 size) {
    return bpf_xdp_load_bytes(c, at, to, size);
}
ALWAYS_INLINE long write_bytes(context* c, __u32 at, void* from, __u32 size,
                               enum sum sum __attribute__((unused))) {
    return bpf_xdp_store_bytes(c, at, from, size);
}

/// RFC 1624, equation 3.
ALONE int change_checksum(context* c, __u32 at, __u64 change, int udp) {
    __u16 field;
    if (bpf_xdp_load_bytes(c, at, &field, sizeof field) != 0) return -1;
    if (udp && !field) return 0;  // it has none
    __u64 sum = (__u16)~field + (__u32)change;
    for (int i = 0; i < 3; i++) sum = (sum & 0xffff) + (sum >> 16);
    field = ~sum;
    if (udp && !field) field = 0xffff;
    return bpf_xdp_store_bytes(c, at, &field, sizeof field);
}
ALWAYS_INLINE long change_ip_checksum(context* c, __u32 at, __u64 change) {
    return change_checksum(c, at, change, 0);
}
ALWAYS_INLINE long change_transport_checksum(context* c, __u32 at, __u64 change,
                                             int of_addresses __attribute__((unused)), int udp) {
    return change_checksum(c, at, change, udp);
}

ALONE int push_tag(context* c, __u32 tpid, __u32 tci) {
    __u16 header[8];
    enum { addresses = 12, tag = 4 };
    if (bpf_xdp_load_bytes(c, 0, header, addresses) != 0 || bpf_xdp_adjust_head(c, -tag) != 0) return -1;
    header[6] = bpf_htons(tpid);
    header[7] = bpf_htons(tci);
    return bpf_xdp_store_bytes(c, 0, header, sizeof header);
}

ALONE int pop_tag(context* c) {
    __u16 header[9];
    enum { addresses = 12, tag = 4, vlan = 0x8100, qinq = 0x88a8 };
    if (bpf_xdp_load_bytes(c, 0, header, sizeof header) != 0) return 0;
    if (header[6] != bpf_htons(vlan) && header[6] != bpf_htons(qinq)) return 0;
    return bpf_xdp_adjust_head(c, tag) != 0 ? -1 : bpf_xdp_store_bytes(c, 0, header, addresses);
}

ALWAYS_INLINE void fill_offload(context* c __attribute__((unused)), struct weft_upcall* up) {
    up->vlan_tpid = up->vlan_tci = 0;
    up->gso_size = up->gso_type = 0;
    up->csum = up->csum_start = up->csum_offset = 0;
}
