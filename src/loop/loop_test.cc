// SPDX-License-Identifier: Apache-2.0
#include "loop/loop.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "loop/time_commands.h"

namespace weft::loop {
namespace {

struct SimulatedLoop : testing::Test {
    Clock clock{Clock::Kind::simulated};
    Loop loop{clock};
};

TEST_F(SimulatedLoop, timers_fire_by_deadline_then_in_the_order_they_were_set) {
    std::string order;
    Timer a(loop, [&] { order += 'a'; }), b(loop, [&] { order += 'b'; }), c(loop, [&] { order += 'c'; });
    c.after(1s), a.after(2s), b.after(1s);
    loop.run_for(10s);
    EXPECT_EQ(order, "cba");
    EXPECT_FALSE(a.is_set());
}

TEST_F(SimulatedLoop, an_hour_passes_at_once) {
    int ticks = 0;
    Timer timer(loop, [&] { ++ticks, timer.after(1s); });
    timer.after(1s);
    EXPECT_TRUE(loop.run_until([&] { return ticks == 3600; }, 2h));
    EXPECT_EQ(loop.now(), Time(3601s));
    EXPECT_EQ(clock.since_1970(), std::chrono::nanoseconds(1'700'003'601s));
}

TEST_F(SimulatedLoop, waiting_in_vain_ends_at_the_limit) {
    const Time start = loop.now();
    EXPECT_FALSE(loop.run_until([] { return false; }, 5s));
    EXPECT_EQ(loop.now() - start, 5s);
}

TEST_F(SimulatedLoop, a_timer_may_destroy_itself_or_another) {
    std::unique_ptr<Timer> self, other;
    int fired = 0;
    self = std::make_unique<Timer>(loop, [&] { ++fired, self.reset(), other.reset(); });
    other = std::make_unique<Timer>(loop, [&] { ++fired; });
    self->after(1s), other->after(1s);
    loop.run_for(3s);
    EXPECT_EQ(fired, 1);
}

TEST_F(SimulatedLoop, events_that_never_run_out_do_not_starve_timers) {
    int events = 0, at_timer = 0;
    std::function<void()> event = [&] {
        if (++events == 1000) return loop.stop();
        loop.post(event);
    };
    Timer second(loop, [&] { at_timer = events; });
    Timer first(loop, [&] { second.at(Time{}); });
    first.at(Time{});
    loop.post(event);
    loop.when_idle([] {});
    loop.run();
    EXPECT_EQ(events, 1000);
    EXPECT_LE(at_timer, 2);
    EXPECT_GT(at_timer, 0);
}

TEST_F(SimulatedLoop, a_timer_that_is_always_due_does_not_starve_others) {
    int mine = 0;
    Timer busy(loop, [&] {
        if (++mine < 100) busy.at(Time{});
    });
    bool other_ran = false;
    Timer other(loop, [&] {
        other_ran = true;
        EXPECT_LT(mine, 3);
    });
    busy.at(Time{}), other.at(Time{});
    loop.run_ready();
    EXPECT_TRUE(other_ran);
}

TEST_F(SimulatedLoop, setting_a_timer_again_replaces_its_deadline) {
    int fired = 0;
    Timer timer(loop, [&] { ++fired; });
    timer.after(1s);
    timer.after(3s);
    loop.run_for(2s);
    EXPECT_EQ(fired, 0);
    timer.cancel();
    loop.run_for(5s);
    EXPECT_EQ(fired, 0);
}

TEST_F(SimulatedLoop, posts_keep_their_order_and_may_post) {
    std::string order;
    loop.post([&] { order += '1', loop.post([&] { order += '3'; }); });
    loop.post([&] { order += '2'; });
    EXPECT_TRUE(loop.run_ready());
    EXPECT_EQ(order, "123");
    EXPECT_FALSE(loop.run_ready());
}

struct TimeCommands : SimulatedLoop {
    TimeCommands() { add_time_commands(table, loop); }
    std::string run(std::string_view name, std::vector<std::string> args) {
        std::string out;
        table.execute(name, args, obs::CommandReply([&](Result<std::string> r) {
                          out = r ? *r : "error: " + r.error().message;
                      }));
        loop.run_ready();
        return out;
    }
    obs::CommandTable table;
};

TEST_F(TimeCommands, warp_passes_time_in_steps_and_serves_what_is_due_between_them) {
    std::vector<int64_t> seen;
    Timer timer(loop, [&] { seen.push_back(to_ms(loop.now())), timer.after(1ms); });
    timer.after(1ms);
    EXPECT_EQ(run("time/warp", {"1000", "300"}), "warped");
    EXPECT_EQ(seen, (std::vector<int64_t>{1300, 1600, 1900, 2000}));
    EXPECT_EQ(run("time/warp", {"5000"}), "warped");
    EXPECT_EQ(seen.back(), 7000);
}

TEST_F(TimeCommands, refuse_what_is_no_time) {
    EXPECT_EQ(run("time/warp", {"x"}), "error: invalid MSECS");
    EXPECT_EQ(run("time/warp", {"0"}), "error: invalid MSECS");
    EXPECT_EQ(run("time/warp", {"10", "-1"}), "error: invalid MSECS");
    EXPECT_EQ(run("time/stop", {}), "");
}

TEST(Loop, a_running_clock_may_be_warped_and_then_stopped) {
    Clock clock;
    const Time before = clock.now();
    const auto day_before = clock.since_1970();
    clock.advance(24h);
    EXPECT_GE(clock.now() - before, 24h);
    EXPECT_GE(clock.since_1970() - day_before, 24h);
    clock.stop();
    EXPECT_GE(clock.now() - before, 24h);
    EXPECT_EQ(clock.now(), clock.now());
}

TEST(Loop, stops_from_another_thread) {
    Clock clock;
    Loop loop(clock);
    std::thread other([&] { loop.post([&] { loop.stop(); }); });
    loop.run();
    other.join();
}

TEST(Loop, stopped_time_is_warped_by_another_thread) {
    Clock clock;
    clock.stop();
    Loop loop(clock);
    Timer timer(loop, [&] { loop.stop(); });
    timer.after(1h);
    std::thread other([&] { clock.advance(59min), clock.advance(1min); });
    loop.run();
    other.join();
    EXPECT_FALSE(timer.is_set());
}

TEST(Loop, a_real_timer_fires) {
    Clock clock;
    Loop loop(clock);
    Timer timer(loop, [&] { loop.stop(); });
    timer.after(1ms);
    const Time start = loop.now();
    loop.run();
    EXPECT_GE(loop.now() - start, 1ms);
}

struct Pipe : testing::Test {
    Pipe() { EXPECT_EQ(::pipe(ends), 0); }
    ~Pipe() override {
        ::close(ends[0]);
        ::close(ends[1]);
    }
    int ends[2];
    Clock clock;
    Loop loop{clock};
};

TEST_F(Pipe, a_readable_descriptor_calls_until_it_is_read) {
    int calls = 0;
    FdWatch watch(loop, ends[0], {.readable = [&] {
                      char c;
                      if (++calls == 3) EXPECT_EQ(::read(ends[0], &c, 1), 1);
                  }});
    watch.watch(true, false);
    EXPECT_EQ(::write(ends[1], "x", 1), 1);
    loop.run_ready();
    EXPECT_EQ(calls, 3);
    watch.watch(false, false);
    EXPECT_EQ(::write(ends[1], "x", 1), 1);
    loop.run_ready();
    EXPECT_EQ(calls, 3);
    watch.watch(true, false);
    loop.post([&] { watch.watch(false, false); });
    loop.run_ready();
    EXPECT_LE(calls, 4);
}

TEST_F(Pipe, a_watch_may_be_destroyed_by_its_callback) {
    int calls = 0;
    std::unique_ptr<FdWatch> watch;
    watch =
        std::make_unique<FdWatch>(loop, ends[1], FdWatch::Calls{.writable = [&] { ++calls, watch.reset(); }});
    watch->watch(false, true);
    loop.run_ready();
    loop.run_ready();
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(::write(ends[1], "x", 1), 1) << "the descriptor stays open";
}

TEST(Loop, catches_signals) {
    Clock clock;
    Loop loop(clock);
    int caught = 0;
    SignalWatch watch(loop, {SIGUSR1}, [&](int number) { caught = number, loop.stop(); });
    ::raise(SIGUSR1);
    loop.run();
    EXPECT_EQ(caught, SIGUSR1);
}

TEST(Loop, serves_timers_and_calls_while_it_stays_awake) {
    Clock clock;
    Loop loop(clock);
    loop.stay_awake(1h);
    int ticks = 0;
    Timer timer(loop, [&] {
        timer.after(1ms);
        if (++ticks == 3) loop.stop();
    });
    timer.after(1ms);
    loop.run();
    EXPECT_EQ(ticks, 3);
    timer.cancel();
    std::jthread other([&] { loop.post([&] { loop.stop(); }); });
    loop.run();
}

}  // namespace
}  // namespace weft::loop
