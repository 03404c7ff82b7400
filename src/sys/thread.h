// SPDX-License-Identifier: Apache-2.0
// What the system knows of threads: names, priorities and cores.
#pragma once

#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"

namespace weft::sys {

/// Names the calling thread, as `top -H` shows it; the kernel keeps 15 characters.
void set_thread_name(const std::string& name);
/// From now on the calling thread has about a tenth of a core that it shares with a thread of usual priority.
void lower_thread_priority();

/// Keeps signals from the calling thread, and from threads that it starts, while it lives. Resource type, one
/// thread.
class SignalsBlocked {
  public:
    SignalsBlocked();
    ~SignalsBlocked();
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

  private:
    sigset_t before_;
};
/// Binds the calling thread to one core.
Result<void> pin_to_core(int core);
/// While it lives a thread goes from core to core, every millisecond, so that each switches tasks: what waits
/// for the kernel's RCU takes some milliseconds then. A core that does nothing but forward in softirqs
/// lets it wait for a tenth of a second otherwise. Resource type.
class CoreTour {
  public:
    CoreTour();

  private:
    std::jthread thread_;
};
/// Cores this process may run on, ascending.
std::vector<int> usable_cores();
/// Cores that the machine may ever have, those that are off included.
unsigned possible_cores();

}  // namespace weft::sys
