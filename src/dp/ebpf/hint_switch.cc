// SPDX-License-Identifier: Apache-2.0
#include "dp/ebpf/hint_switch.h"

namespace weft::dp {
namespace {

constexpr uint64_t packets_min = 10'000;  ///< of a measurement
constexpr unsigned steps_between_trials = 32;
// In tries, as measured (doc/performance.md): to ask for a hint, and to keep another when it was none.
constexpr double hint_cost = 2, failure_cost = 5;

}  // namespace

void HintSwitch::step(uint64_t packets, uint64_t tried) {
    if (packets < packets_min) return;
    tries_[on_] = static_cast<double>(tried) / static_cast<double>(packets);
    const bool both_known = tries_[0] > 0 && tries_[1] > 0;
    const bool is_trial = ++steps_ % steps_between_trials == 0;
    on_ = both_known ? pays() != is_trial : !on_;
}

bool HintSwitch::pays() const {
    const double failures = (tries_[1] - 1) / tries_[0];
    return tries_[1] + hint_cost + failures * failure_cost < tries_[0];
}

}  // namespace weft::dp
