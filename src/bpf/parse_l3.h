// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// What follows Ethernet and its tags, as flow::extract reads it.
#pragma once

#include "bpf/parse_l4.h"

enum { frag_any = 1, frag_later = 2 };

ALWAYS_INLINE enum verdict parse_ip4(struct cursor* c, struct packet* p) {
    p->odd = 1;
    if (!has(c, 20)) return key_known;
    const void* ip = reach(c, 20);
    if (!ip) return key_cut;
    const __u32 header = (u8_at(ip, 0) & 15) * 4, total = u16_at(ip, 2);
    if (header < 20 || total < header || !has(c, total)) return key_known;
    p->odd = 0;
    c->end = c->at + total;
    *(__u64*)&p->key.nw_src = raw64_at(ip, 12);
    p->key.nw_proto = u8_at(ip, 9);
    p->key.nw_tos = u8_at(ip, 1);
    p->key.nw_ttl = u8_at(ip, 8);
    const __u16 frag = u16_at(ip, 6);
    if (frag & 0x3fff) {
        p->key.nw_frag = frag_any;
        if (frag & 0x1fff) {
            p->key.nw_frag = frag_any | frag_later;
            return key_known;
        }
    }
    c->at += header;
    return parse_l4(c, p, 0);
}

/// Extension headers (RFC 8200 4) up to what is none; a later fragment ends at its fragment header.
ALWAYS_INLINE enum verdict skip_ip6_extensions(struct cursor* c, struct packet* p, __u8* next, __u8* frag) {
    enum { extensions_max = 5, hop_by_hop = 0, routing = 43, fragment = 44, ah = 51, destination = 60 };
    for (int i = 0; i < extensions_max; i++) {
        const int options = *next == hop_by_hop || *next == routing || *next == destination;
        if (!options && *next != ah && *next != fragment) return key_known;
        p->odd = 1;
        if (!has(c, 8)) return key_known;
        const void* h = reach(c, 8);
        if (!h) return key_cut;
        const __u32 n = u8_at(h, 1);
        const __u32 size = options ? (n + 1) * 8 : *next == fragment ? 8 : (n + 2) * 4;
        if (!has(c, size)) return key_known;
        if (*next == fragment && raw16_at(h, 2)) {
            *frag = frag_any;
            if (u16_at(h, 2) & 0xfff8) {
                *frag = frag_any | frag_later;
                p->odd = 0;
                return key_known;
            }
        }
        if (*next == routing) return key_unknown;  // its addresses are not those of the pseudo header
        p->odd = 0;
        *next = u8_at(h, 0);
        c->at += size;
    }
    return key_unknown;
}

ALWAYS_INLINE enum verdict parse_ip6(struct cursor* c, struct packet* p) {
    p->odd = 1;
    if (!has(c, 40)) return key_known;
    const void* ip = reach(c, 40);
    if (!ip) return key_cut;
    const __u32 total = 40 + u16_at(ip, 4);
    if (!has(c, total)) return key_known;
    p->odd = 0;
    c->end = c->at + total;
    copy16(p->key.ipv6_src, ip + 8);
    copy16(p->key.ipv6_dst, ip + 24);
    const __u32 first = bpf_ntohl(raw32_at(ip, 0));
    const __u8 hop_limit = u8_at(ip, 7);
    __u8 next = u8_at(ip, 6), frag = 0;
    c->at += 40;
    const enum verdict v = skip_ip6_extensions(c, p, &next, &frag);
    if (v != key_known || p->odd) return v;
    p->key.ipv6_label = bpf_htonl(first & 0xfffff);
    p->key.nw_tos = first >> 20;
    p->key.nw_ttl = hop_limit;
    p->key.nw_proto = next;
    p->key.nw_frag = frag;
    return frag & frag_later ? key_known : parse_l4(c, p, 1);
}

ALWAYS_INLINE enum verdict parse_arp(struct cursor* c, struct packet* p) {
    p->odd = 1;
    if (!has(c, 28)) return key_known;
    const void* arp = reach(c, 28);
    if (!arp) return key_cut;
    p->odd = 0;
    const __u64 kind = bpf_cpu_to_be64(0x0001080006040000ull);  // Ethernet and IPv4
    if ((raw64_at(arp, 0) & bpf_cpu_to_be64(~0xffffull)) != kind) return key_known;
    p->key.nw_src = raw32_at(arp, 14);
    p->key.nw_dst = raw32_at(arp, 24);
    if (u8_at(arp, 6) == 0) p->key.nw_proto = u8_at(arp, 7);
    copy6(p->key.arp_sha, arp + 8);
    copy6(p->key.arp_tha, arp + 18);
    return key_known;
}

ALWAYS_INLINE enum verdict parse_mpls(struct cursor* c, struct packet* p) {
    for (int i = 0; i < 3; i++) {
        if (!has(c, 4)) {
            p->odd |= i == 0;
            return key_known;
        }
        const void* label = reach(c, 4);
        if (!label) return key_cut;
        p->key.mpls[i] = raw32_at(label, 0);
        if (u8_at(label, 2) & 1) return key_known;
        c->at += 4;
    }
    return key_known;
}
