// SPDX-License-Identifier: Apache-2.0
// The type of time. A core gets `Time now` as an argument; only loop/ reads a clock.
#pragma once

#include <chrono>

namespace weft {

using Duration = std::chrono::nanoseconds;

/// Tag of the monotonic time line. It has no now() on purpose.
struct Timeline {
    using duration = Duration;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<Timeline, duration>;
    static constexpr bool is_steady = true;
};

using Time = Timeline::time_point;
inline constexpr Time never = Time::max();

/// Milliseconds since the time line's start.
constexpr int64_t to_ms(Time t) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(t.time_since_epoch()).count();
}
constexpr int64_t to_ms(Duration d) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(d).count();
}

using namespace std::chrono_literals;

}  // namespace weft
