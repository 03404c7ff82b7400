// SPDX-License-Identifier: Apache-2.0
// How many packets were dropped, by reason and the port they came in by. Counts of the datapath's own reasons
// are the datapath's.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "base/ids.h"
#include "bridge/drop_reason.h"

namespace weft::bridge {

/// Any thread may add or read.
struct DropCell {
    std::atomic<uint64_t> packets{0}, bytes{0};

    void count(uint64_t n_packets, uint64_t n_bytes) {
        packets.fetch_add(n_packets, std::memory_order_relaxed);
        bytes.fetch_add(n_bytes, std::memory_order_relaxed);
    }
};

/// Resource type, one for each datapath; any thread. Grows with ports and reasons, not with packets.
class DropCounters {
  public:
    using CellPtr = std::shared_ptr<DropCell>;

    /// The cell, made if it is not there.
    CellPtr cell(DropReason reason, DpPort in_port);
    struct Count {
        DropReason reason;
        DpPort in_port;
        uint64_t packets, bytes;
    };
    /// In order of ports and reasons.
    std::vector<Count> counts() const;

  private:
    mutable std::mutex mutex_;  ///< guards the map, not the cells
    std::map<std::pair<uint32_t, DropReason>, CellPtr> cells_;
};

}  // namespace weft::bridge
