// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Sends each frame it is run on to a device, as the next of `n_flows` UDP flows, no faster than asked.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

volatile const struct {
    __u32 ifindex, n_flows, burst, burst_ns, random;
} config = {0, 1, 32, 0, 0};  // burst_ns 0: as fast as it goes

__u64 sequence = 0, next_burst_ns = 0;

static long wait_until(__u32 i, void* deadline) { return bpf_ktime_get_ns() >= *(__u64*)deadline; }

static __always_inline void pace(__u64 n) {
    if (config.burst_ns == 0 || n % config.burst != 0) return;
    const __u64 now = bpf_ktime_get_ns();
    if (next_burst_ns + 10000000 < now) next_burst_ns = now;  // 10 ms late: give up catching up
    __u64 deadline = next_burst_ns;
    if (now < deadline) bpf_loop(1 << 20, wait_until, &deadline, 0);
    next_burst_ns = deadline + config.burst_ns;
}

SEC("xdp") int generate(struct xdp_md* ctx) {
    void *data = (void*)(long)ctx->data, *end = (void*)(long)ctx->data_end;
    struct iphdr* ip = data + sizeof(struct ethhdr);
    struct udphdr* udp = (void*)(ip + 1);
    if ((void*)(udp + 1) > end) return XDP_ABORTED;

    const __u64 n = sequence++;
    pace(n);
    const __u32 flow = (config.random ? bpf_get_prandom_u32() : n) % config.n_flows;
    ip->saddr = bpf_htonl(0x0a000001u + (flow & 0xfffff));
    udp->source = bpf_htons(1024 + flow % 60000);
    udp->check = 0;
    ip->check = 0;
    __u32 sum = 0;
    for (int i = 0; i < 10; i++) sum += ((__u16*)ip)[i];
    sum = (sum & 0xffff) + (sum >> 16);
    ip->check = ~((sum & 0xffff) + (sum >> 16));
    return bpf_redirect(config.ifindex, 0);
}

char _license[] SEC("license") = "Dual BSD/GPL";
