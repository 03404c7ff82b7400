// SPDX-License-Identifier: Apache-2.0
#include "dp/core/flow.h"

#include "flow/set_words.h"

namespace weft::dp {

MaskWords::MaskWords(const flow::FlowMask& mask) {
    flow::for_each_set_word(
        mask, [&](size_t i, uint64_t bits) { words_[size_++] = {static_cast<uint16_t>(i), bits}; });
}

std::unique_ptr<Flow> Flow::make(FlowId id, const SparseMask& mask, const flow::FlowKey& key,
                                 ActionsPtr actions) {
    static_assert(alignof(Flow) <= alignof(std::max_align_t));
    std::unique_ptr<Flow> flow(new (mask.size()) Flow(id, mask, key, std::move(actions)));
    auto* value = reinterpret_cast<uint64_t*>(flow.get() + 1);
    for (const MaskWord& m : mask) *value++ = flow::words(key)[m.index] & m.bits;
    return flow;
}

void Flow::add(const FlowStats& counted) const {
    packets_.fetch_add(counted.packets, std::memory_order_relaxed);
    bytes_.fetch_add(counted.bytes, std::memory_order_relaxed);
    tcp_flags_.fetch_or(counted.tcp_flags, std::memory_order_relaxed);
    if (!counted.used) return;
    const int64_t then = counted.used->time_since_epoch().count();
    if (then > used_.load(std::memory_order_relaxed)) used_.store(then, std::memory_order_relaxed);
}

FlowStats Flow::stats() const {
    FlowStats s;
    s.packets = packets_.load(std::memory_order_relaxed);
    s.bytes = bytes_.load(std::memory_order_relaxed);
    s.tcp_flags = tcp_flags_.load(std::memory_order_relaxed);
    if (const int64_t used = used_.load(std::memory_order_relaxed); used != unused)
        s.used = Time(Duration(used));
    return s;
}

}  // namespace weft::dp
