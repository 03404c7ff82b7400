// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// From a key to its flow: the mask that a hint names, then each in turn; one cache line of the hash table for
// each.
#pragma once

#include "bpf/maps.h"

struct search {
    const __u64* words;  ///< the packet's key
    __u32 pieces;        ///< the number of the first of the table's
    __u32 bucket_mask;
    __u32 first;  ///< the mask that is tried before all
    __u32 tried;
    struct weft_entry* found;
};

/// NH (RFC 4418 5.2.2) over the masked words: with secret keys nobody can choose packets that collide.
ALWAYS_INLINE __u64 masked_hash(const __u64* words, const struct weft_mask* m) {
    __u64 h = m->seed;
    for (__u32 i = 0; i < weft_key_words && i < m->words; i++) {
        __u32 at = m->index[i];
        OPAQUE(at);
        if (at >= weft_key_words) break;
        const __u64 w = words[at] & m->bits[i];
        h += (__u64)(__u32)((__u32)w + config.hash_key[2 * i]) *
             (__u32)((__u32)(w >> 32) + config.hash_key[2 * i + 1]);
    }
    h ^= h >> 29;
    h *= 0x9e3779b97f4a7c15ull;
    return h ^ h >> 32;
}

/// Of what tells flows apart most often: it need not tell all. Keyed, so that nobody can choose packets that
/// push out others' hints.
ALWAYS_INLINE __u32 hint_hash(const struct packet* p) {
    __u64 h = 0;
#define TAKE(i)                                                          \
    h += (__u64)(__u32)((__u32)p->words[i] + config.hash_key[2 * (i)]) * \
         (__u32)((__u32)(p->words[i] >> 32) + config.hash_key[2 * (i) + 1])
    TAKE(0);  // port, recirculation
    TAKE(1);  // hash
    TAKE(3);  // Ethernet
    TAKE(4);
    TAKE(5);   // VLAN
    TAKE(8);   // IPv4
    TAKE(9);   // protocol
    TAKE(22);  // ports
    if (p->key.ipv6_src[0]) {
        TAKE(10);
        TAKE(11);
        TAKE(12);
        TAKE(13);
    }
#undef TAKE
    return (h ^ h >> 29) * 0x9e3779b97f4a7c15ull >> 32;
}

ALWAYS_INLINE int same(const __u64* words, const struct weft_mask* m, const struct weft_entry* e) {
    for (__u32 i = 0; i < weft_key_words && i < m->words; i++) {
        __u32 at = m->index[i];
        OPAQUE(at);
        if (at >= weft_key_words || (words[at] & m->bits[i]) != e->words[i]) return 0;
    }
    return 1;
}

ALWAYS_INLINE struct weft_entry* entry_at(__u32 reference) {
    const __u32 piece = reference >> weft_piece_shift, place = reference & ((1u << weft_piece_shift) - 1);
    void* map = bpf_map_lookup_elem(&entries, &piece);
    return map ? bpf_map_lookup_elem(map, &place) : 0;
}

ALWAYS_INLINE const struct weft_bucket* bucket_at(const struct search* s, __u32 number) {
    const __u32 piece = s->pieces + (number >> weft_piece_buckets_shift);
    const __u32 place = number & ((1u << weft_piece_buckets_shift) - 1);
    void* map = bpf_map_lookup_elem(&buckets, &piece);
    return map ? bpf_map_lookup_elem(map, &place) : 0;
}

/// The first slot with that tag, in the buckets that may hold it; 0: there is none. That two flows of a
/// bucket have one tag of 32 bits does not happen in practice: the second would be forwarded by user space.
ALWAYS_INLINE __u64 find_slot(const struct search* s, __u64 hash) {
    for (__u32 k = 0; k < weft_bucket_probes; k++) {
        const __u32 at = ((__u32)hash + k) & s->bucket_mask;
        const struct weft_bucket* b = bucket_at(s, at);
        if (!b) return 0;
        for (int i = 0; i < weft_bucket_slots; i++) {
            const __u64 slot = *(const volatile __u64*)&b->slot[i];
            if (slot == weft_slot_free) return 0;
            if (slot >> 32 == hash >> 32 && (__u32)slot >= weft_slot_first) return slot;
        }
    }
    return 0;
}

ALWAYS_INLINE int try_mask(struct search* s, __u32 number, const struct weft_mask* m) {
    const __u64 slot = find_slot(s, masked_hash(s->words, m));
    s->tried++;
    if (!slot) return 0;
    struct weft_entry* e = entry_at((__u32)slot - weft_slot_first);
    if (!e || e->mask != number || !same(s->words, m, e)) return 0;
    s->found = e;
    return 1;
}

ALWAYS_INLINE int try_first(struct search* s) {
    __u32 number = s->first;
    OPAQUE(number);
    if (number >= weft_masks_max) return 0;
    const struct weft_mask* m = &state.masks[number];
    return *(const volatile __u32*)&m->words && try_mask(s, number, m);
}

static long try_next(__u32 i, struct search* s) {
    if (i >= weft_masks_max) return 1;
    const __u32 number = state.order[i];
    if (number >= weft_masks_max) return 1;
    const struct weft_mask* m = &state.masks[number];
    return (number != s->first || !m->words) && try_mask(s, number, m);
}
