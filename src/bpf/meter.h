// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Meters: what dp/core/meter.cc does, on the same cells.
#pragma once

#include "bpf/maps.h"

ALWAYS_INLINE struct weft_meter* meter_at(__u32 number) {
    const __u32 chunk = number / weft_meters_chunk, place = number % weft_meters_chunk;
    void* map = bpf_map_lookup_elem(&meters, &chunk);
    return map ? bpf_map_lookup_elem(map, &place) : 0;
}

/// Whether the band has that much time left; then it is taken.
ALONE int take(struct weft_meter_band* b, __u64 cost_ns, __u64 now) {
    enum { tries = 8 };
    if (!b) return 1;
    const __u64 empty = now + b->capacity_ns;
    for (int i = 0; i < tries; i++) {
        const __u64 seen = *(volatile __u64*)&b->full_at;
        const __u64 next = (seen < now ? now : seen) + cost_ns;
        if (next > empty) {
            // What a band of another rate left behind: it would stay empty for long.
            if (seen > empty) __sync_val_compare_and_swap(&b->full_at, seen, empty);
            return 0;
        }
        if (__sync_val_compare_and_swap(&b->full_at, seen, next) == seen) return 1;
    }
    return 1;
}

/// Counts a packet; 0 if a band drops it: of those whose rate is exceeded, the one with the highest counts.
ALONE int admit(__u32 number, __u32 size) {
    struct weft_meter* m = meter_at(number);
    if (!m || !m->in_use) return 1;
    __sync_fetch_and_add(&m->packets, 1);
    __sync_fetch_and_add(&m->bytes, size);
    const __u64 now = bpf_ktime_get_ns(), units = m->by_bytes ? size : 1;
    struct weft_meter_band* drop = 0;
    for (__u32 i = 0; i < weft_bands_max && i < m->bands; i++) {
        struct weft_meter_band* b = &m->band[i];
        if (take(b, units * b->unit >> weft_meter_shift, now)) continue;
        if (!drop || b->rate >= drop->rate) drop = b;
    }
    if (!drop) return 1;
    __sync_fetch_and_add(&drop->packets, 1);
    __sync_fetch_and_add(&drop->bytes, size);
    return 0;
}
