// SPDX-License-Identifier: Apache-2.0
// Packets that were lost before anybody saw them: the receive queues of ports, looked at now and then.
#pragma once

#include <map>
#include <vector>

#include "bridge/flight_recorder.h"
#include "bridge/flow_cache.h"

namespace weft::bridge {

/// Resource type; belongs to the control thread.
class OverflowWatch {
  public:
    static constexpr Duration interval = 500ms;

    bool is_due(Time now) const { return next_ <= now; }
    /// Counts what was lost since the last look, and gives one sample for each port that lost some. If most
    /// packets of that time needed translation, that is the reason.
    std::vector<DropSample> look(const dp::Datapath& datapath, FlowCache& cache, Time now);

  private:
    std::map<uint32_t, uint64_t> seen_;  ///< lost by port
    uint64_t hit_ = 0, missed_ = 0;
    Time next_{};
};

}  // namespace weft::bridge
