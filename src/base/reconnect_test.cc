// SPDX-License-Identifier: Apache-2.0
#include "base/reconnect.h"

#include <gtest/gtest.h>

#include <vector>

namespace weft {
namespace {

struct ReconnectTest : testing::Test {
    /// Fails every attempt until `end`; the times of the attempts.
    std::vector<int64_t> attempts_until(Time end) {
        std::vector<int64_t> out;
        for (; r.deadline() <= end; r.failed(now)) {
            now = r.deadline();
            r.connecting(now);
            out.push_back(to_ms(now) / 1000);
        }
        return out;
    }
    Reconnect r{{}};
    Time now{};
};

TEST_F(ReconnectTest, backs_off_to_eight_seconds) {
    r.start(now);
    EXPECT_EQ(attempts_until(Time{32s}), (std::vector<int64_t>{0, 1, 3, 7, 15, 23, 31}));
    r.stop();
    EXPECT_EQ(r.deadline(), never);
}

TEST_F(ReconnectTest, starts_afresh_after_a_connection_that_lasted) {
    r.start(now);
    attempts_until(Time{10s});
    now = r.deadline();
    r.connecting(now), r.connected(now);
    EXPECT_EQ(r.deadline(), never);
    now += 2s;
    r.failed(now);
    EXPECT_EQ(r.deadline(), now + 8s) << "shorter than the backoff: did not count";
    now = r.deadline();
    r.connecting(now), r.connected(now);
    now += 1min;
    r.failed(now);
    EXPECT_EQ(r.deadline(), now + 1s);
}

TEST_F(ReconnectTest, fails_over_at_once_but_does_not_spin) {
    r.set_remotes(2);
    r.start(now);
    int attempts = 0;
    for (; attempts < 10 && r.due(now); ++attempts) r.connecting(now), r.connected(now), r.failed(now);
    EXPECT_EQ(attempts, 2);
}

TEST_F(ReconnectTest, tries_every_remote_before_it_waits) {
    r.set_remotes(3);
    r.start(now);
    std::vector<size_t> tried;
    for (int i = 0; i < 6; ++i) {
        now = r.deadline();
        tried.push_back(r.remote());
        r.connecting(now), r.failed(now);
    }
    EXPECT_EQ(tried, (std::vector<size_t>{0, 1, 2, 0, 1, 2}));
    EXPECT_EQ(r.deadline(), Time{3s});
}

TEST_F(ReconnectTest, an_attempt_that_hangs_is_given_up) {
    r.start(now);
    r.connecting(now);
    EXPECT_FALSE(r.due(now));
    EXPECT_TRUE(r.due(now + 1s));
    EXPECT_EQ(r.state(), Reconnect::State::connecting);
}

}  // namespace
}  // namespace weft
