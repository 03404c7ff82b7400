// SPDX-License-Identifier: Apache-2.0
#include "bridge/drop_counters.h"

namespace weft::bridge {

DropCounters::CellPtr DropCounters::cell(DropReason reason, DpPort in_port) {
    const std::lock_guard lock(mutex_);
    CellPtr& cell = cells_[{in_port.value, reason}];
    if (!cell) cell = std::make_shared<DropCell>();
    return cell;
}

std::vector<DropCounters::Count> DropCounters::counts() const {
    const std::lock_guard lock(mutex_);
    std::vector<Count> out;
    out.reserve(cells_.size());
    for (const auto& [key, cell] : cells_)
        out.push_back({key.second, DpPort{key.first}, cell->packets.load(std::memory_order_relaxed),
                       cell->bytes.load(std::memory_order_relaxed)});
    return out;
}

}  // namespace weft::bridge
