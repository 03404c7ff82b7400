// SPDX-License-Identifier: Apache-2.0
// What the eBPF datapath tells of itself.
#include <algorithm>

#include "dp/ebpf/ebpf_datapath.h"

namespace weft::dp {
namespace {

struct Named {
    std::string_view name, text;
};
constexpr Named causes[] = {
    {"miss", "no flow in the kernel matched"},
    {"held", "the flow's earlier packets were still on their way through user space"},
    {"action", "the flow has actions that only user space can do"},
    {"odd_packet", "the program could not tell its headers, or where to rewrite them"},
    {"no_port", "to a port that only user space sends by"},
    {"sample", "one of those to be dropped, to be shown"},
    {"tapped", "somebody wants to see all packets"},
    {"part", "a copy, for what only user space does; the kernel did the rest"},
};
static_assert(std::size(causes) == weft_n_causes);
constexpr Named losses[] = {
    {"ring_full", "too much waited for user space"},
    {"too_long", "too long for user space"},
    {"mtu", "longer than the port's MTU"},
    {"recirculation", "too many rounds"},
    {"flow", "its flow has no actions"},
    {"drop_action", "a drop action"},
    {"invalid_port", "the port is gone"},
    {"edit_failed", "no memory to rewrite it"},
    {"overrun", "its flow was too fast for user space before the kernel took it over"},
    {"share_used", "enough of its port's packets waited for user space"},
    {"meter", "a meter's rate was exceeded"},
};
static_assert(std::size(losses) == weft_n_losses);

using Times = obs::Histogram::Snapshot;

/// Microseconds that so many of a hundred took at most, rounded up to a bucket's bound.
uint64_t quantile_us(const Times& times, uint64_t percent) {
    uint64_t total = 0, sum = 0;
    for (const uint64_t n : times.counts) total += n;
    size_t i = 0;
    while (i + 1 < obs::Histogram::bounds.size() && (sum += times.counts[i]) * 100 < total * percent) ++i;
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(obs::Histogram::bounds[i]).count();
    return total ? static_cast<uint64_t>(us) : 0;
}

}  // namespace

std::vector<DatapathFact> EbpfDatapath::facts() const {
    const weft_counters c = program_counters();
    const KernelFlows::Counts flows = flow_counts();
    std::vector<DatapathFact> out;
    const auto add = [&](std::string_view group, Named what, uint64_t value, bool is_gauge = false) {
        out.push_back({group, what.name, what.text, value, is_gauge});
    };
    add("kernel", {"hits", "packets forwarded by the kernel"}, c.hit);
    add("kernel", {"masks_tried", "masks tried for packets"}, c.masks_tried);
    add("kernel", {"hints", "1: a hint tells which mask to try first"}, program_->state().hints, true);
    add("kernel", {"flows", "flows in the kernel"}, flows.flows, true);
    add("kernel", {"masks", "their masks"}, flows.masks, true);
    add("kernel", {"bytes", "memory of the kernel's flows"}, flows.memory, true);
    for (size_t i = 0; i < std::size(causes); ++i) add("upcalls", causes[i], c.up[i]);
    const auto add_times = [&](std::string_view group, const Times& times, Named half, Named most) {
        add(group, half, quantile_us(times, 50), true);
        add(group, most, quantile_us(times, 99), true);
    };
    add_times("upcall_wait", upcalls_ ? upcalls_->waits().snapshot() : Times{},
              {"p50_us", "half of the upcalls waited at most so long"},
              {"p99_us", "99 of 100 upcalls waited at most so long"});
    add_times("upcall_latency", upcall_latency(),
              {"p50_us", "half of the packets that went up were sent on within so long"},
              {"p99_us", "99 of 100 packets that went up were sent on within so long"});
    for (size_t i = 0; i < std::size(losses); ++i) add("lost", losses[i], c.lost[i]);
    add("user_flows", {"no_room", "flows for which the kernel had no room"},
        flows.left_out - flows.no_mask - flows.no_block);
    add("user_flows", {"no_block", "flows that match what keys in the kernel have not"}, flows.no_block);
    add("user_flows", {"no_mask", "flows whose masks were too many for the kernel"}, flows.no_mask);
    for (size_t i = 0; i < flows.not_in_kernel.size(); ++i) {
        const auto why = static_cast<NotInKernel>(i);
        add("user_flows", {name_of(why), "flows whose actions user space does, by what keeps them there"},
            flows.not_in_kernel[i]);
    }
    return out;
}

}  // namespace weft::dp
