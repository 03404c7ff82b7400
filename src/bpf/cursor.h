// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Reading a frame from front to back. A step first asks has() whether the frame goes on, then reach() whether
// the kernel has it in one piece here.
#pragma once

#include "bpf/packet.h"

struct cursor {
    void *data, *data_end;
    __u32 at, end;  ///< offsets: the next byte, and the end of the frame or of what IP says it is
};

enum { header_room = 1024 };  ///< offsets beyond are user space's

ALWAYS_INLINE int has(const struct cursor* c, __u32 n) { return c->at + n <= c->end; }

/// n bytes at the cursor, or null. n is a constant.
ALWAYS_INLINE void* reach(const struct cursor* c, __u32 n) {
    __u32 at = c->at;
    OPAQUE(at);
    if (at > header_room) return 0;
    void* p = c->data + at;
    return p + n <= c->data_end ? p : 0;
}

ALWAYS_INLINE __u8 u8_at(const void* p, int at) { return *(const __u8*)(p + at); }
ALWAYS_INLINE __u16 raw16_at(const void* p, int at) { return *(const __u16*)(p + at); }
ALWAYS_INLINE __u16 u16_at(const void* p, int at) { return bpf_ntohs(raw16_at(p, at)); }
ALWAYS_INLINE __u32 raw32_at(const void* p, int at) { return *(const __u32*)(p + at); }
ALWAYS_INLINE __u64 raw64_at(const void* p, int at) { return *(const __u64*)(p + at); }
ALWAYS_INLINE void copy6(__u8* to, const void* from) {
    *(__u16*)to = raw16_at(from, 0);
    *(__u16*)(to + 2) = raw16_at(from, 2);
    *(__u16*)(to + 4) = raw16_at(from, 4);
}
ALWAYS_INLINE void copy16(__u64* to, const void* from) {
    to[0] = raw64_at(from, 0);
    to[1] = raw64_at(from, 8);
}
