// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Counts packets and bytes, then drops them.
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct counters {
    __u64 packets, bytes;
};
struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct counters);
} counted SEC(".maps");

SEC("xdp") int sink(struct xdp_md* ctx) {
    __u32 zero = 0;
    struct counters* c = bpf_map_lookup_elem(&counted, &zero);
    if (c) {
        c->packets++;
        c->bytes += ctx->data_end - ctx->data;
    }
    return XDP_DROP;
}

char _license[] SEC("license") = "Dual BSD/GPL";
