// SPDX-License-Identifier: Apache-2.0
#include "dp/ebpf/hint_switch.h"

#include <gtest/gtest.h>

namespace weft::dp {
namespace {

/// In how many of a hundred steps hints are used, if so many masks are tried for a packet without and with
/// them.
int steps_with_hints(double without, double with) {
    constexpr int steps = 100, packets = 20'000;
    HintSwitch hints;
    int on = 0;
    for (int i = 0; i < steps; ++i) {
        on += hints.on();
        hints.step(packets, static_cast<uint64_t>(packets * (hints.on() ? with : without)));
    }
    return on;
}

TEST(HintSwitch, hints_are_used_where_they_save_more_than_they_cost) {
    EXPECT_GT(steps_with_hints(25.5, 1.2), 90);
    EXPECT_GT(steps_with_hints(25.5, 8), 90);
    EXPECT_LT(steps_with_hints(25.5, 22), 10) << "more flows than hints";
    EXPECT_LT(steps_with_hints(5.5, 5.2), 10);
    EXPECT_LT(steps_with_hints(1.1, 1), 10) << "most packets have the first mask";
}

TEST(HintSwitch, what_changes_is_noticed) {
    HintSwitch hints;
    const auto steps = [&](double without, double with) {
        for (int i = 0; i < 70; ++i)
            hints.step(20'000, static_cast<uint64_t>(20'000 * (hints.on() ? with : without)));
        return hints.on();
    };
    EXPECT_TRUE(steps(20, 1));
    EXPECT_FALSE(steps(20, 20));
    EXPECT_TRUE(steps(20, 1));
}

TEST(HintSwitch, a_few_packets_tell_nothing) {
    HintSwitch hints;
    hints.step(100, 3000);
    EXPECT_TRUE(hints.on());
}

}  // namespace
}  // namespace weft::dp
