// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// The datapath's programs for designs.cc, which compiles this for AT_XDP or tc and perhaps with a find() of
// its own (FIND): each run is a packet of the next flow.
#ifdef AT_XDP
#include "bpf/at_xdp.h"
#else
#include "bpf/at_tc.h"
#endif
#ifdef MEMORY
#include MEMORY
#endif
#ifdef FIND
#define find generic_find
#include "bpf/decide.h"
#undef find
#include FIND
#endif
#ifdef AT_XDP
#include "bpf/forward_xdp.bpf.c"
#define HOOK "xdp"
#else
#include "bpf/forward_tc.bpf.c"
#define HOOK "tc"
#endif

/// The frame's payload says which flow the last packet was of, and how many there are; the UDP source tells.
ALWAYS_INLINE void next_flow(context* c) {
    enum { udp_source = 34, payload = 42, size = 60 };
    __u8* frame = (void*)(long)c->data;
    if (frame + size > (__u8*)(long)c->data_end) return;
    __u32* flow = (__u32*)(frame + payload);
    __u32 n = flow[0] + 1;
    if (n >= flow[1]) n = 0;
    flow[0] = n;
    *(__u16*)(frame + udp_source) = bpf_htons(n);
}

SEC(HOOK) int bench(context* c) {
    next_flow(c);
#ifdef AT_XDP
    return forward(c, 0);
#else
    struct metadata meta = {.in_port = port_of(c->ifindex)};
    return forward(c, &meta, 0);
#endif
}

SEC(HOOK) int trivial(context* c) {
    next_flow(c);
    return bpf_redirect(1, 0);
}
