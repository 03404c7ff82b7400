// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// A packet under way: its key, and where its headers lie.
#pragma once

#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "dp/ebpf/abi.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))
/// A function that the verifier looks at once, by itself, whatever its callers know: what keeps the cost of
/// verification a sum instead of a product. It must check its pointers for null.
#define ALONE __attribute__((noinline))
/// Keeps the compiler from proving bounds that the verifier then misses.
#define OPAQUE(x) asm volatile("" : "+r"(x))

enum verdict {
    key_known,
    key_cut,      ///< a header lies beyond the linear part of the buffer
    key_unknown,  ///< user space must look itself
};

struct packet {
    union {
        struct weft_key key;
        __u64 words[weft_key_words];
    };
    __u16 l3, l4;                ///< offsets; 0: there is none
    __u16 l4_size;               ///< to the end of what IP carries
    __u16 nd_source, nd_target;  ///< offsets of options from l4; 0: there is none
    __u8 protocol;               ///< of l4
    __u8 nd;                     ///< neighbor discovery, whole
    __u8 odd;  ///< malformed behind what the key shows: where to rewrite it is user space's business
};
