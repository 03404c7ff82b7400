// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// The maps, and the state that user space maps into its memory.
#pragma once

#include "bpf/packet.h"

/// An inner map that user space makes and maps into its memory. All of a kind have one length, since only
/// then does the kernel put lookups in line; calls take a fifth of the time of a packet.
#define MAPPED_ARRAY(name, value, length)  \
    struct name {                          \
        __uint(type, BPF_MAP_TYPE_ARRAY);  \
        __uint(map_flags, BPF_F_MMAPABLE); \
        __uint(max_entries, length);       \
        __uint(key_size, sizeof(__u32));   \
        __uint(value_size, sizeof(value)); \
    }
MAPPED_ARRAY(bucket_map, struct weft_bucket, 1 << weft_piece_buckets_shift);
MAPPED_ARRAY(entry_map, struct weft_entry, 1 << weft_piece_shift);
MAPPED_ARRAY(stats_map, struct weft_flow_stats, 1 << weft_piece_shift);
MAPPED_ARRAY(meter_map, struct weft_meter, weft_meters_chunk);

/// The hash table of all flows, in pieces: one of two (weft_state::table), the other is filled to replace it.
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
    __uint(max_entries, 2 * weft_bucket_pieces_max);
    __type(key, __u32);
    __array(values, struct bucket_map);
} buckets SEC(".maps");
/// Entries and their statistics, in pieces that are added as they are needed.
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
    __uint(max_entries, weft_pieces_max);
    __type(key, __u32);
    __array(values, struct entry_map);
} entries SEC(".maps");
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
    __uint(max_entries, weft_pieces_max* weft_stripes_max);
    __type(key, __u32);
    __array(values, struct stats_map);
} statistics SEC(".maps");

/// The mask that last matched a packet with such a key: the one to try first. A guess, so that nothing keeps
/// it up to date.
struct weft_hint_table {
    __u8 mask[weft_hints];
};
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct weft_hint_table);
} hints SEC(".maps");

/// Meters by number, in chunks that are made as they are needed.
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
    __uint(max_entries, weft_meter_chunks_max);
    __type(key, __u32);
    __array(values, struct meter_map);
} meters SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, weft_ring_size);
} upcalls SEC(".maps");

/// Programs that a packet goes on in.
struct {
    __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u32);
} next_program SEC(".maps");

const volatile struct weft_config config = {};
struct weft_state state = {};

ALWAYS_INLINE __u32 stripe(void) {
    return bpf_get_smp_processor_id() & (config.stripes - 1) & (weft_stripes_max - 1);
}

ALWAYS_INLINE void add(__u64* counter, __u64 n) {
    if (config.one_core_per_stripe)
        *counter += n;
    else
        __sync_fetch_and_add(counter, n);
}
ALWAYS_INLINE struct weft_counters* counters(void) { return &state.counters[stripe()]; }
