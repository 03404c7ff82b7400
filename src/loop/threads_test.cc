// SPDX-License-Identifier: Apache-2.0
// Mailboxes and epochs under threads; the tsan preset checks them for races.
#include <gtest/gtest.h>

#include <map>
#include <thread>
#include <vector>

#include "loop/epoch.h"
#include "loop/mailbox.h"

namespace weft::loop {
namespace {

TEST(Mailbox, a_full_box_refuses_and_counts_on_the_sender) {
    Mailbox<int> box{{.depth_max = 4, .name = "upcall0"}};
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(box.push(i));
    EXPECT_FALSE(box.push(4));
    EXPECT_EQ(box.take(), 0);
    EXPECT_TRUE(box.push(5));
    for (const int expected : {1, 2, 3, 5}) EXPECT_EQ(box.take(), expected);
    EXPECT_EQ(box.take(), std::nullopt);
}

TEST(Mailbox, every_message_of_many_senders_arrives_once_and_in_its_senders_order) {
    constexpr int senders = 4, each = 5000;
    Clock clock;
    Loop loop(clock);
    Mailbox<std::unique_ptr<std::pair<int, int>>> box{{.depth_max = 64}};
    std::map<int, int> next;
    int received = 0;
    box.deliver_on(loop, [&](std::unique_ptr<std::pair<int, int>> message) {
        EXPECT_EQ(next[message->first]++, message->second);
        if (++received == senders * each) loop.stop();
    });
    std::vector<std::thread> threads;
    for (int s = 0; s < senders; ++s)
        threads.emplace_back([&, s] {
            for (int i = 0; i < each; ++i)
                while (!box.push(std::make_unique<std::pair<int, int>>(s, i))) std::this_thread::yield();
        });
    loop.run();
    for (auto& t : threads) t.join();
    EXPECT_EQ(received, senders * each);
}

TEST(Doorbell, may_end_while_a_ring_is_on_its_way) {
    Clock clock(Clock::Kind::simulated);
    Loop loop(clock);
    int answered = 0;
    {
        Doorbell bell(loop, [&] { ++answered; });
        bell.ring(), bell.ring();
        loop.run_ready();
        EXPECT_EQ(answered, 1);
        bell.ring();
    }
    loop.run_ready();
    EXPECT_EQ(answered, 1);
}

TEST(Epoch, what_a_pinned_reader_may_hold_is_kept) {
    EpochDomain domain;
    Published<int> value(domain, std::make_unique<const int>(1));
    EpochReader reader(domain), idle(domain);
    {
        const auto pin = reader.pin();
        const int& seen = value.read(pin);
        value.publish(std::make_unique<const int>(2));
        EXPECT_EQ(domain.collect(), 0u);
        EXPECT_EQ(seen, 1);
        const auto nested = reader.pin();
        EXPECT_EQ(value.read(nested), 2);
    }
    EXPECT_EQ(domain.pending(), 1u);
    EXPECT_EQ(domain.collect(), 1u);
}

TEST(Epoch, a_reader_that_pins_later_does_not_hold_what_was_retired_before) {
    EpochDomain domain;
    Published<int> value(domain, std::make_unique<const int>(1));
    EpochReader reader(domain);
    value.publish(std::make_unique<const int>(2));
    const auto pin = reader.pin();
    EXPECT_EQ(domain.collect(), 1u);
}

TEST(Epoch, readers_never_see_a_freed_version) {
    struct Version {
        explicit Version(int v) : a(v), b(-v) {}
        ~Version() { a = b = 1; }
        int a, b;
    };
    EpochDomain domain;
    Published<Version> current(domain, std::make_unique<const Version>(0));
    std::atomic<bool> done{false};
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i)
        readers.emplace_back([&] {
            EpochReader reader(domain);
            int last = 0;
            while (!done) {
                const auto pin = reader.pin();
                const auto& version = current.read(pin);
                ASSERT_EQ(version.a, -version.b);
                ASSERT_GE(version.a, last);
                last = version.a;
            }
        });
    size_t freed = 0;
    for (int v = 1; v <= 3000; ++v) {
        current.publish(std::make_unique<const Version>(v));
        freed += domain.collect();
        if (v % 64 == 0) std::this_thread::yield();
    }
    done = true;
    for (auto& t : readers) t.join();
    freed += domain.collect();
    EXPECT_EQ(freed, 3000u);
}

}  // namespace
}  // namespace weft::loop
