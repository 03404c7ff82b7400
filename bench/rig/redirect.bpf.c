// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// What any switch can at best be: each frame goes to one device, at XDP or at tc ingress.
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

volatile const struct {
    __u32 ifindex;
} config = {0};

SEC("xdp") int redirect_xdp(struct xdp_md* ctx __attribute__((unused))) {
    return bpf_redirect(config.ifindex, 0);
}
SEC("tc") int redirect_tc(struct __sk_buff* skb __attribute__((unused))) {
    return bpf_redirect(config.ifindex, 0);
}

char _license[] SEC("license") = "Dual BSD/GPL";
