// SPDX-License-Identifier: Apache-2.0
// Who keeps a copy of the flows elsewhere, as dp/ebpf does in the kernel.
#pragma once

#include <span>

namespace weft::dp {

class Flow;

/// Called by FlowTable under its lock, so one call at a time. What it keeps of a flow it may note in
/// Flow::mirrored.
class FlowMirror {
  public:
    virtual ~FlowMirror() = default;
    /// The flow is new, or has other actions. Readers of the table find it already.
    virtual void put(Flow& flow) = 0;
    /// It is about to go; its counts are complete afterwards.
    virtual void remove(Flow& flow) = 0;
    virtual void clear() = 0;
    /// Adds to each flow what the copy has counted since the last time.
    virtual void refresh(std::span<const Flow* const> flows) = 0;
};

}  // namespace weft::dp
