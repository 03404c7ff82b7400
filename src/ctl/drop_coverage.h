// SPDX-License-Identifier: Apache-2.0
// Dropped packets in coverage/show, under the names that Open vSwitch has for them.
#pragma once

#include <map>
#include <string>

#include "bridge/switch.h"
#include "obs/coverage.h"

namespace weft::ctl {

/// Resource type; belongs to the control thread.
class DropCoverage {
  public:
    DropCoverage(obs::Coverage& coverage, bridge::Switch& sw);

    /// Adds what was dropped since the last time, if that is a while ago.
    void run(Time now);

  private:
    obs::Coverage& coverage_;
    bridge::Switch& sw_;
    std::map<std::string, uint64_t> told_;
    Time next_{};
};

}  // namespace weft::ctl
