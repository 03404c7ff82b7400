// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// The kernel's own packet at tc: the fields that __sk_buff does not show.
#pragma once

#include <bpf/bpf_core_read.h>

#include "bpf/parse.h"

struct sk_buff {
    unsigned char *head, *data;
    unsigned int end;
    __u16 csum_start, csum_offset, transport_header;
    __u8 ip_summed : 2;
} __attribute__((preserve_access_index));
struct skb_shared_info {
    unsigned int gso_type;
} __attribute__((preserve_access_index));

/// The sender left the checksum to the hardware.
ALWAYS_INLINE int is_partial(struct __sk_buff* ctx) {
    enum { checksum_partial = 3 };
    const struct sk_buff* skb = (const struct sk_buff*)ctx;
    return BPF_CORE_READ_BITFIELD_PROBED(skb, ip_summed) == checksum_partial;
}
