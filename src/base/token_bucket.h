// SPDX-License-Identifier: Apache-2.0
// A token bucket in virtual time.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.h"

namespace weft {

/// Value type. Starts full. rate_per_s == 0 means unlimited.
class TokenBucket {
  public:
    TokenBucket(uint64_t rate_per_s, uint64_t burst)
        : rate_(rate_per_s), burst_(burst), tokens_(static_cast<double>(burst)) {}

    /// Takes n tokens if they are there at `now`; time never runs backwards for the caller.
    bool take(Time now, uint64_t n = 1) {
        if (rate_ == 0) return true;
        const double seconds = std::chrono::duration<double>(now - filled_).count();
        if (seconds > 0) {
            tokens_ = std::min(static_cast<double>(burst_), tokens_ + seconds * static_cast<double>(rate_));
            filled_ = now;
        }
        if (tokens_ < static_cast<double>(n)) return false;
        tokens_ -= static_cast<double>(n);
        return true;
    }

  private:
    uint64_t rate_, burst_;
    double tokens_;
    Time filled_{};
};

}  // namespace weft
