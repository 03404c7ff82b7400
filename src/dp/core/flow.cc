// SPDX-License-Identifier: Apache-2.0
#include "dp/core/flow.h"

namespace weft::dp {

SparseMask sparse_mask(const flow::FlowMask& mask) {
    SparseMask out;
    const auto w = flow::words(mask);
    for (size_t i = 0; i < w.size(); ++i)
        if (w[i]) out.push_back({static_cast<uint16_t>(i), w[i]});
    return out;
}

Flow::Flow(const Key& k, uint64_t hash, std::unique_ptr<const Plan> plan)
    : id_(k.id),
      mask_(k.mask),
      hash_(hash),
      plan_(plan.release()),
      values_(std::make_unique_for_overwrite<uint64_t[]>(k.mask.size())) {
    const auto w = flow::words(k.key);
    for (size_t i = 0; i < mask_.size(); ++i) values_[i] = w[mask_[i].index] & mask_[i].bits;
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

FlowInfo Flow::info() const {
    FlowInfo out;
    out.id = id_;
    const auto key = flow::words(out.match.key);
    const auto mask = flow::words(out.match.mask);
    for (size_t i = 0; i < mask_.size(); ++i) {
        mask[mask_[i].index] = mask_[i].bits;
        key[mask_[i].index] = values_[i];
    }
    out.actions = plan().actions;
    out.stats = stats();
    return out;
}

}  // namespace weft::dp
