// SPDX-License-Identifier: Apache-2.0
// Turns the crank: calls the switch when time, a packet or a command gives it something to do.
#pragma once

#include <functional>
#include <vector>

#include "bridge/inbox.h"
#include "bridge/switch.h"
#include "loop/loop.h"

namespace weft::bridge {

/// Resource type; belongs to the loop's thread. It ends before the switch does.
class Driver {
  public:
    Driver(loop::Loop& loop, Switch& sw, Inbox& inbox);

    /// Something changed: the switch runs in the loop's next turn.
    void wake() { timer_.at(loop_.now()); }
    /// Called after each run.
    void after_run(std::function<void(Time)> call) { after_.push_back(std::move(call)); }

  private:
    void run();

    loop::Loop& loop_;
    Switch& switch_;
    std::vector<std::function<void(Time)>> after_;
    loop::Timer timer_;
};

}  // namespace weft::bridge
