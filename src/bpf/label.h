// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// MPLS labels, at tc.
#pragma once

#include "bpf/at_tc.h"
#include "bpf/edit.h"

/// Puts a label in front of what Ethernet carries. There are no tags (weft_moves_headers).
ALONE int push_label(struct __sk_buff* skb, struct layers* l, __u32 entry, __u32 type) {
    enum { addresses = 12, ethernet = 14, label = 4 };
    __u8 header[ethernet];
    if (!l) return -1;
    if (bpf_skb_load_bytes(skb, 0, header, sizeof header) != 0) return -1;
    if (bpf_skb_change_head(skb, label, 0) != 0) return -1;
    *(__u16*)(header + addresses) = bpf_htons(type);
    if (bpf_skb_store_bytes(skb, 0, header, sizeof header, 0) != 0) return -1;
    if (bpf_skb_store_bytes(skb, ethernet, &entry, sizeof entry, 0) != 0) return -1;
    *l = (struct layers){.l3 = ethernet, .eth_type = type};
    return 0;
}

/// Takes the first label away. No helper does that, but there is one for tags: with one in front, put there
/// for that, it takes tags away that are such in name only, and lets the packet's own protocol follow.
ALONE int pop_label(struct __sk_buff* skb, struct layers* l, __u32 type) {
    enum { ethernet = 14, tag = 4 };
    if (!l) return -1;
    if (!is_mpls(l->eth_type) || skb->len < ethernet + tag) return 0;
    const __u16 vlan = bpf_htons(type_vlan), rest = bpf_htons(type);
    if (bpf_skb_vlan_push(skb, vlan, 0) != 0 || bpf_skb_vlan_push(skb, vlan, 0) != 0) return -1;
    // tag | Ethertype -> VLAN | label's first half | its second -> the type of the rest
    if (bpf_skb_store_bytes(skb, ethernet + tag - 2, &vlan, 2, 0) != 0) return -1;
    if (bpf_skb_store_bytes(skb, ethernet + tag + 2, &rest, 2, BPF_F_RECOMPUTE_CSUM) != 0) return -1;
    for (int i = 0; i < 3; i++)
        if (bpf_skb_vlan_pop(skb) != 0) return -1;
    *l = (struct layers){.l3 = ethernet, .eth_type = type};
    return 0;
}
