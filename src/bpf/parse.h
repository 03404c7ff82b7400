// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// From a frame to its key: what flow::extract does, step by step, or a verdict that it must do it.
#pragma once

#include "bpf/parse_l3.h"

enum {
    type_ip4 = 0x0800,
    type_arp = 0x0806,
    type_rarp = 0x8035,
    type_vlan = 0x8100,
    type_ip6 = 0x86dd,
    type_mpls = 0x8847,
    type_mpls_multicast = 0x8848,
    type_qinq = 0x88a8,
    type_nsh = 0x894f,
    type_min = 0x0600,   ///< smaller: the length of an 802.3 frame
    type_none = 0x05ff,  ///< in a key: an 802.3 frame without SNAP
    vlan_present = 0x1000,
};

ALWAYS_INLINE int is_vlan(__u16 type) { return type == type_vlan || type == type_qinq; }
ALWAYS_INLINE int is_mpls(__u16 type) { return type == type_mpls || type == type_mpls_multicast; }

/// What comes with a frame beside its bytes.
struct frame {
    void *data, *data_end;
    __u32 size;
    __u16 tpid, tci;  ///< tag that the kernel has taken off, network order; tpid 0: none
};

ALWAYS_INLINE enum verdict parse_payload(struct cursor* c, struct packet* p, __u16 type) {
    p->l3 = c->at;
    if (is_mpls(type)) return parse_mpls(c, p);
    switch (type) {
        case type_ip4:
            return parse_ip4(c, p);
        case type_ip6:
            return parse_ip6(c, p);
        case type_arp:
        case type_rarp:
            return parse_arp(c, p);
        case type_nsh:
            return key_unknown;
        default:
            p->odd = is_vlan(type);  // more tags than keys show: an edit looks behind them
            return key_known;
    }
}

/// The Ethertype at the cursor, or that of a SNAP header; type_none with `cut` if it lies too far.
ALWAYS_INLINE __u16 take_type(struct cursor* c, int* cut, int* snap) {
    const void* h = reach(c, 2);
    *cut = !h;
    if (!h) return type_none;
    const __u16 type = u16_at(h, 0);
    c->at += 2;
    *snap = type < type_min;
    if (!*snap) return type;
    if (!has(c, 8)) return type_none;
    h = reach(c, 8);
    *cut = !h;
    if (!h) return type_none;
    const __u64 llc = bpf_cpu_to_be64(0xaaaa030000000000ull);
    if ((raw64_at(h, 0) & bpf_cpu_to_be64(~0xffffull)) != llc) return type_none;
    c->at += 8;
    const __u16 inner = u16_at(h, 6);
    return inner >= type_min ? inner : type_none;
}

/// Fills all of `p` but where the packet came from.
ALWAYS_INLINE enum verdict parse(const struct frame* f, struct packet* p, __u32 vlan_tags) {
    struct cursor c = {.data = f->data, .data_end = f->data_end, .at = 0, .end = f->size};
    __builtin_memset(p, 0, sizeof *p);
    if (!has(&c, 14)) return key_unknown;
    const void* ethernet = reach(&c, 14);
    if (!ethernet) return key_cut;
    *(__u64*)p->key.eth_dst = raw64_at(ethernet, 0);
    *(__u32*)(p->key.eth_src + 2) = raw32_at(ethernet, 8);
    c.at = 12;
    __u32 n = 0;
    if (f->tpid) {
        if (vlan_tags == 0) {
            p->key.eth_type = f->tpid;
            p->odd = 1;
            return key_known;
        }
        p->key.vlan[0].tpid = f->tpid;
        p->key.vlan[0].tci = f->tci | bpf_htons(vlan_present);
        n = 1;
    }
    for (int i = 0; i < 2; i++) {
        const void* tag = reach(&c, 2);
        if (!tag) return key_cut;
        if (n >= vlan_tags || n > 1 || !is_vlan(u16_at(tag, 0)) || !has(&c, 6)) break;
        tag = reach(&c, 4);
        if (!tag) return key_cut;
        p->key.vlan[n & 1].tpid = raw16_at(tag, 0);
        p->key.vlan[n & 1].tci = raw16_at(tag, 2) | bpf_htons(vlan_present);
        c.at += 4;
        n++;
    }
    int cut, snap = 0;
    const __u16 type = take_type(&c, &cut, &snap);
    if (cut) return key_cut;
    p->key.eth_type = bpf_htons(type);
    const enum verdict v = parse_payload(&c, p, type);
    if (snap) p->odd = 1;  // edits do not look into those
    return v;
}
