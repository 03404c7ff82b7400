// SPDX-License-Identifier: Apache-2.0
#include "dp/core/meter.h"

#include <gtest/gtest.h>

#include <thread>

namespace weft::dp {
namespace {

namespace flag = action::meter_flag;
constexpr Time t0(100s);

int admitted(Meter& m, int n, uint64_t bytes, Time now) {
    int out = 0;
    for (int i = 0; i < n; ++i) out += m.admit(bytes, now);
    return out;
}

TEST(Meter, lets_a_second_pass_at_once_and_then_the_rate) {
    Meter m({.flags = flag::pktps, .bands = {{.rate = 10}}}, t0);
    EXPECT_EQ(admitted(m, 50, 100, t0), 10);
    EXPECT_EQ(admitted(m, 50, 100, t0 + 100ms), 1);
    EXPECT_EQ(admitted(m, 50, 100, t0 + 600ms), 5);
    EXPECT_EQ(admitted(m, 50, 100, t0 + 1h), 10) << "it holds no more than a second's";
    EXPECT_EQ(m.counts(), (action::MeterCounts{200, 20000, {{174, 17400}}}));
}

TEST(Meter, takes_a_burst_of_its_own) {
    Meter m({.flags = flag::pktps | flag::burst, .bands = {{.rate = 10, .burst = 3}}}, t0);
    EXPECT_EQ(admitted(m, 50, 100, t0), 3);
    EXPECT_EQ(admitted(m, 50, 100, t0 + 10s), 3);
}

TEST(Meter, counts_bits_where_told_so) {
    Meter m({.flags = flag::kbps, .bands = {{.rate = 8}}}, t0);  // 1000 bytes a second
    EXPECT_EQ(admitted(m, 50, 100, t0), 10);
    EXPECT_EQ(admitted(m, 50, 250, t0 + 500ms), 2);
    EXPECT_FALSE(m.admit(2000, t0 + 1h)) << "more than it can ever hold";
}

TEST(Meter, of_the_bands_exceeded_the_highest_counts) {
    Meter m({.flags = flag::pktps, .bands = {{.rate = 5}, {.rate = 2}, {.rate = 9}}}, t0);
    EXPECT_EQ(admitted(m, 20, 1, t0), 2);
    const auto counts = m.counts();
    EXPECT_EQ(counts.bands[1].packets, 3u);  // the 3rd to the 5th
    EXPECT_EQ(counts.bands[0].packets, 4u);  // up to the 9th
    EXPECT_EQ(counts.bands[2].packets, 11u);
}

TEST(Meter, of_one_cell_share_a_budget_and_what_a_slower_rate_left_behind_is_forgotten) {
    const action::MeterSpec slow{.flags = flag::pktps | flag::burst, .bands = {{.rate = 1, .burst = 1000}}};
    const action::MeterSpec fast{.flags = flag::pktps, .bands = {{.rate = 10}}};
    const auto cell = std::make_shared<MeterCell>();
    Meter first(slow, t0, cell);
    EXPECT_EQ(admitted(first, 900, 1, t0), 900);
    Meter second(fast, t0, cell);
    EXPECT_EQ(admitted(second, 4, 1, t0), 4);
    EXPECT_EQ(second.counts().packets, 4u) << "not the first's";
    first.admit(1, t0);
    EXPECT_EQ(second.counts().packets, 5u) << "who still holds the first uses the same cell";
    cell->bands[0].full_at = static_cast<uint64_t>((t0 + 500s).time_since_epoch().count());
    EXPECT_FALSE(second.admit(1, t0));
    EXPECT_TRUE(second.admit(1, t0 + 100ms)) << "as if it had been empty";
    second.retire();
    EXPECT_EQ(cell->in_use, 0u);
}

TEST(Meter, threads_share_one_rate) {
    Meter m({.flags = flag::pktps, .bands = {{.rate = 1000}}}, t0);
    std::atomic<int> sum{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { sum += admitted(m, 1000, 1, t0); });
    for (auto& t : threads) t.join();
    EXPECT_EQ(sum, 1000);
    EXPECT_EQ(m.counts().packets, 4000u);
}

TEST(Meters, numbers_are_the_lowest_that_are_free) {
    loop::EpochDomain domain;
    Meters meters(domain);
    const action::MeterSpec spec{.flags = flag::pktps, .bands = {{.rate = 5}}};
    EXPECT_EQ(meters.set(std::nullopt, spec, t0), 0u);
    EXPECT_EQ(meters.set(std::nullopt, spec, t0), 1u);
    EXPECT_EQ(meters.set(std::nullopt, spec, t0), 2u);
    meters.remove(1);
    EXPECT_FALSE(meters.counts(1));
    EXPECT_EQ(meters.set(std::nullopt, spec, t0), 1u);
    EXPECT_EQ(meters.set(7, spec, t0), 7u);
    EXPECT_TRUE(meters.counts(7));
    EXPECT_FALSE(meters.set(Meters::ids_max, spec, t0));
    domain.collect();
}

}  // namespace
}  // namespace weft::dp
