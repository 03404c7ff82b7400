// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// The hash that the hash action leaves with a packet: as dp/core/flow_hash.cc has it.
#pragma once

#include "bpf/packet.h"

/// The halves of a 128-bit product, folded.
ALWAYS_INLINE __u64 multiply_fold(__u64 a, __u64 b) {
    const __u64 a0 = (__u32)a, a1 = a >> 32, b0 = (__u32)b, b1 = b >> 32;
    const __u64 low = a0 * b0, cross = a1 * b0, other = a0 * b1;
    const __u64 middle = (low >> 32) + (__u32)cross + (__u32)other;
    return (middle << 32 | (__u32)low) ^ (a1 * b1 + (cross >> 32) + (other >> 32) + (middle >> 32));
}

ALWAYS_INLINE __u64 hash_mix(__u64 seed, __u64 word) {
    return multiply_fold(seed ^ 0xa0761d6478bd642full, word ^ 0xe7037ed1a0b428dbull);
}

ALWAYS_INLINE __u64 hash_address6(const __u64* address) {
    return hash_mix(hash_mix(hash_mix(hash_mix(0, 16), address[0]), address[1]), 0);
}

ALWAYS_INLINE __u64 mac_number(const __u8* mac) {
    __u64 n = 0;
    for (int i = 0; i < 6; i++) n = n << 8 | mac[i];
    return n;
}

/// With `symmetric` both directions of a connection have the same.
ALONE __u32 flow_hash(const struct packet* p, __u32 basis, int symmetric) {
    if (!p) return 1;
    const struct weft_key* k = &p->key;
#define PAIR(a, b) (symmetric ? hash_mix((a) + (b), (a) ^ (b)) : hash_mix(a, b))
    __u64 h = hash_mix(basis, (__u64)bpf_ntohs(k->eth_type) << 8 | k->nw_proto);
    if (symmetric) {
        const __u64 src = mac_number(k->eth_src), dst = mac_number(k->eth_dst);
        h = hash_mix(h, PAIR(src, dst));
    }
    const __u64 src4 = bpf_ntohl(k->nw_src), dst4 = bpf_ntohl(k->nw_dst);
    h = hash_mix(h, PAIR(src4, dst4));
    const __u64 src6 = hash_address6(k->ipv6_src), dst6 = hash_address6(k->ipv6_dst);
    h = hash_mix(h, PAIR(src6, dst6));
    if (!k->nw_frag) {
        const __u64 src = bpf_ntohs(k->tp_src), dst = bpf_ntohs(k->tp_dst);
        h = hash_mix(h, PAIR(src, dst));
    }
#undef PAIR
    const __u32 out = h ^ h >> 32;
    return out ? out : 1;
}
