// SPDX-License-Identifier: Apache-2.0
#include "pipeline/snapshot.h"

namespace weft::pipeline {

std::shared_ptr<const Config> State::config() const {
    const std::lock_guard hold(mutex_);
    return config_;
}

void State::publish(std::shared_ptr<const Config> config) {
    const std::lock_guard hold(mutex_);
    config_.swap(config);  // the old one is let go by the caller's copy, outside the lock
}

}  // namespace weft::pipeline
