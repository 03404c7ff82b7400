// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Transport headers, as flow::extract reads them.
#pragma once

#include "bpf/cursor.h"

enum {
    proto_icmp = 1,
    proto_igmp = 2,
    proto_tcp = 6,
    proto_udp = 17,
    proto_icmpv6 = 58,
    proto_sctp = 132,
};

ALWAYS_INLINE enum verdict parse_ports(const struct cursor* c, struct packet* p, __u32 header) {
    if (!has(c, header)) {
        p->odd = 1;
        return key_known;
    }
    const void* h = reach(c, 4);
    if (!h) return key_cut;
    p->key.tp_src = raw16_at(h, 0);
    p->key.tp_dst = raw16_at(h, 2);
    return key_known;
}

ALWAYS_INLINE enum verdict parse_tcp(const struct cursor* c, struct packet* p) {
    p->odd = 1;
    if (!has(c, 20)) return key_known;
    const void* tcp = reach(c, 20);
    if (!tcp) return key_cut;
    const __u32 header = (u8_at(tcp, 12) >> 4) * 4;
    if (header < 20 || !has(c, header)) return key_known;
    p->odd = 0;
    p->key.tp_src = raw16_at(tcp, 0);
    p->key.tp_dst = raw16_at(tcp, 2);
    p->key.tcp_flags = raw16_at(tcp, 12) & bpf_htons(0x0fff);
    return key_known;
}

/// ICMP, IGMP and ICMPv6 begin alike.
ALWAYS_INLINE enum verdict parse_icmp(const struct cursor* c, struct packet* p) {
    if (!has(c, 8)) {
        p->odd = 1;
        return key_known;
    }
    const void* icmp = reach(c, 8);
    if (!icmp) return key_cut;
    p->key.tp_src = bpf_htons(u8_at(icmp, 0));
    p->key.tp_dst = bpf_htons(u8_at(icmp, 1));
    if (p->protocol == proto_igmp) p->key.igmp_group = raw32_at(icmp, 4);
    return key_known;
}

/// RFC 4861 4.6.1: link-layer address options. One that comes twice makes all of them worthless.
ALWAYS_INLINE enum verdict parse_nd_options(struct cursor* c, struct packet* p) {
    enum { options_max = 4 };
    for (int i = 0; i < options_max; i++) {
        if (!has(c, 8)) return key_known;
        const void* option = reach(c, 8);
        if (!option) return key_cut;
        const __u8 type = u8_at(option, 0);
        const __u32 size = u8_at(option, 1) * 8;
        if (size == 0 || !has(c, size)) return key_known;
        if (size == 8 && (type == 1 || type == 2)) {
            __u16* option_at = type == 1 ? &p->nd_source : &p->nd_target;
            if (*option_at) return key_unknown;
            *option_at = c->at - p->l4;
            copy6(type == 1 ? p->key.arp_sha : p->key.arp_tha, option + 2);
            p->key.nd_options_type = type;
        }
        c->at += size;
    }
    return has(c, 8) ? key_unknown : key_known;
}

ALWAYS_INLINE enum verdict parse_icmpv6(struct cursor* c, struct packet* p) {
    const enum verdict v = parse_icmp(c, p);
    if (v != key_known || p->odd) return v;
    const void* nd = reach(c, 2);
    if (!nd) return key_cut;
    const __u8 type = u8_at(nd, 0);
    if ((type != 135 && type != 136) || u8_at(nd, 1) != 0) return key_known;
    if (!has(c, 24)) return key_known;
    nd = reach(c, 24);
    if (!nd) return key_cut;
    p->nd = 1;
    p->key.nd_reserved = raw32_at(nd, 4);
    copy16(p->key.nd_target, nd + 8);
    c->at += 24;
    return parse_nd_options(c, p);
}

ALWAYS_INLINE enum verdict parse_l4(struct cursor* c, struct packet* p, int v6) {
    p->l4 = c->at;
    p->l4_size = c->end - c->at;
    p->protocol = p->key.nw_proto;
    switch (p->protocol) {
        case proto_tcp:
            return parse_tcp(c, p);
        case proto_udp:
            return parse_ports(c, p, 8);
        case proto_sctp:
            return parse_ports(c, p, 12);
        case proto_icmp:
        case proto_igmp:
            if (!v6) return parse_icmp(c, p);
            break;
        case proto_icmpv6:
            if (v6) return parse_icmpv6(c, p);
            break;
        default:
            return key_known;
    }
    p->odd = 1;  // of the other family
    return key_known;
}
