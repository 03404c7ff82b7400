// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Where the flows are: the memory of buckets, entries and statistics, which user space makes as it is needed.
// Where the kernel has arenas (Linux 6.10) it is one, with WEFT_ARENA; else maps in maps of maps, at the
// price of two calls for each access.
#pragma once

#include "bpf/maps.h"

enum { chunk_place = (1u << weft_chunk_shift) - 1 };

#ifdef WEFT_ARENA

#define SHARED __attribute__((address_space(1)))

struct {
    __uint(type, weft_map_type_arena);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, weft_arena_pages);
} arena SEC(".maps");

typedef __u32 table_ref;  ///< a place in the arena; 0: none

/// The program that calls it has the arena: the verifier wants to see that.
ALWAYS_INLINE table_ref open_table(__u32 which) {
    asm volatile("" ::"r"(&arena));
    return *(const volatile __u32*)&state.tables_at[which & 1];
}
ALWAYS_INLINE const struct weft_bucket SHARED* bucket_at(table_ref table, __u32 at) {
    return (const struct weft_bucket SHARED*)(__u64)(table + at * (__u32)sizeof(struct weft_bucket));
}
ALWAYS_INLINE struct weft_entry SHARED* entry_at(__u32 reference) {
    const __u32 chunk = state.entries_at[reference >> weft_chunk_shift];
    return (struct weft_entry SHARED*)(__u64)(chunk +
                                              (reference & chunk_place) * (__u32)sizeof(struct weft_entry));
}
ALWAYS_INLINE struct weft_flow_stats SHARED* statistics_at(__u32 reference, __u32 stripe) {
    const __u32 chunk = state.statistics_at[reference >> weft_chunk_shift][stripe & (weft_stripes_max - 1)];
    return (struct weft_flow_stats SHARED*)(__u64)(chunk + (reference & chunk_place) *
                                                               (__u32)sizeof(struct weft_flow_stats));
}

#else

#define SHARED

MAPPED_ARRAY(bucket_map, struct weft_bucket);
MAPPED_ARRAY(entry_map, struct weft_entry);
MAPPED_ARRAY(stats_map, struct weft_flow_stats);

/// The hash table of all flows: one of two inner maps (weft_state::table), the other is filled to replace it.
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
    __uint(max_entries, 2);
    __type(key, __u32);
    __array(values, struct bucket_map);
} buckets SEC(".maps");
/// Entries and their statistics, in chunks that are added as they are needed.
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
    __uint(max_entries, weft_chunks_max);
    __type(key, __u32);
    __array(values, struct entry_map);
} entries SEC(".maps");
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
    __uint(max_entries, weft_chunks_max* weft_stripes_max);
    __type(key, __u32);
    __array(values, struct stats_map);
} statistics SEC(".maps");

typedef void* table_ref;

ALWAYS_INLINE table_ref open_table(__u32 which) { return bpf_map_lookup_elem(&buckets, &which); }
ALWAYS_INLINE const struct weft_bucket* bucket_at(table_ref table, __u32 at) {
    return bpf_map_lookup_elem(table, &at);
}
ALWAYS_INLINE struct weft_entry* entry_at(__u32 reference) {
    __u32 chunk = reference >> weft_chunk_shift, place = reference & chunk_place;
    void* map = bpf_map_lookup_elem(&entries, &chunk);
    return map ? bpf_map_lookup_elem(map, &place) : 0;
}
ALWAYS_INLINE struct weft_flow_stats* statistics_at(__u32 reference, __u32 stripe) {
    __u32 chunk = (reference >> weft_chunk_shift) * config.stripes + stripe, place = reference & chunk_place;
    void* map = bpf_map_lookup_elem(&statistics, &chunk);
    return map ? bpf_map_lookup_elem(map, &place) : 0;
}

#endif

typedef struct weft_entry SHARED* entry_ref;
