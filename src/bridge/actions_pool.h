// SPDX-License-Identifier: Apache-2.0
// Equal lists of datapath actions as one object: a million megaflows often do one of a few things.
#pragma once

#include <array>
#include <mutex>

#include "dp/datapath.h"

namespace weft::bridge {

/// Resource type, thread-safe. Remembers some lists: those it has forgotten become another object.
class ActionsPool {
  public:
    dp::ActionsPtr share(action::dp::Actions&& actions);

  private:
    static constexpr size_t n_slots = 256;

    std::mutex mutex_;
    std::array<dp::ActionsPtr, n_slots> slots_;
};

}  // namespace weft::bridge
