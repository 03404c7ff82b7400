// SPDX-License-Identifier: Apache-2.0
#include "pipeline/snapshot.h"

namespace weft::pipeline {

std::shared_ptr<const Config> State::config() const {
    const std::lock_guard hold(mutex_);
    return config_;
}

uint64_t State::generation() const {
    const std::lock_guard hold(mutex_);
    return generation_;
}

Snapshot State::snapshot() {
    std::shared_ptr<const Config> config;
    uint64_t generation;
    {
        const std::lock_guard hold(mutex_);
        config = config_;
        generation = generation_;
    }
    return {std::move(config), generation, *this};
}

void State::publish(std::shared_ptr<const Config> config) {
    const std::lock_guard hold(mutex_);
    ++generation_;
    config_.swap(config);  // the old one is let go by the caller's copy, outside the lock
}

}  // namespace weft::pipeline
