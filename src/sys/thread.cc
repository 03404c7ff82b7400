// SPDX-License-Identifier: Apache-2.0
#include "sys/thread.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "sys/fd.h"

namespace weft::sys {

void set_thread_name(const std::string& name) {
    pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
}

void lower_thread_priority() {
    constexpr int this_thread = 0, nice = 10;  // weight 110 against 1024
    (void)::setpriority(PRIO_PROCESS, this_thread, nice);
}

SignalsBlocked::SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
}

SignalsBlocked::~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

Result<void> pin_to_core(int core) {
    if (core < 0 || core >= CPU_SETSIZE) return fail("there is no core " + std::to_string(core));
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    if (const int code = pthread_setaffinity_np(pthread_self(), sizeof set, &set))
        return fail_code("bind a thread to core " + std::to_string(core), code);
    return {};
}

CoreTour::CoreTour()
    : thread_([](const std::stop_token& stop) {
          set_thread_name("core-tour");
          const SignalsBlocked blocked;
          std::mutex mutex;
          std::condition_variable_any ended;
          for (std::unique_lock lock(mutex); !stop.stop_requested();) {
              for (int core = 0; core < static_cast<int>(possible_cores()); ++core) (void)pin_to_core(core);
              ended.wait_for(lock, stop, std::chrono::milliseconds(1), [] { return false; });
          }
      }) {}

std::vector<int> usable_cores() {
    std::vector<int> out;
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0) return {0};
    for (int core = 0; core < CPU_SETSIZE; ++core)
        if (CPU_ISSET(core, &set)) out.push_back(core);
    return out;
}

unsigned possible_cores() { return static_cast<unsigned>(std::max(1L, ::sysconf(_SC_NPROCESSORS_CONF))); }

}  // namespace weft::sys
