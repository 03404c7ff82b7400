// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// For tests: the key of a frame, as the datapath's program would look it up.
#include "bpf/parse.h"

struct weft_extracted extracted = {};

SEC("tc") int weft_extract(struct __sk_buff* skb) {
    const struct frame f = {
        .data = (void*)(long)skb->data, .data_end = (void*)(long)skb->data_end, .size = skb->len};
    struct packet p;
    extracted.verdict = parse(&f, &p, extracted.vlan_tags);
    extracted.odd = p.odd;
    extracted.key = p.key;
    return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
