// SPDX-License-Identifier: Apache-2.0
// Meters in the kernel: one budget and one count with user space. Needs root.
#include <chrono>

#include "dp/ebpf/ebpf_pairs.h"
#include "dp/ebpf/frames.h"

namespace weft::dp {
namespace {

namespace act = action::dp;
namespace flag = action::meter_flag;

class EbpfMeter : public testing::EbpfPairs {
  protected:
    void put(act::Actions list) {
        flow::Match match{};
        match.mask.packet.in_port = be_max<Be32>;
        match.key.set_in_port(DpPort{1});
        const auto actions = std::make_shared<const act::Actions>(std::move(list));
        dp_->put_flow({7, 1}, match, actions, PutMode::create_or_modify).value();
        ebpf_->settle();
    }
    bool passes_kernel(ByteSpan frame) {
        constexpr uint32_t redirected = 7;  // TC_ACT_REDIRECT
        const sys::TestRun run{.frame = frame, .ifindex = static_cast<uint32_t>(index("s1"))};
        return sys::test_run(ebpf_->ingress_program(), run)->code == redirected;
    }
    /// As what had to go up.
    void pass_user_space(ByteSpan frame) {
        flow::FlowKey key{};
        flow::extract(frame, key.packet);
        key.set_in_port(DpPort{1});
        dp_->execute(packet::Packet::copy_of(frame), key, dp_->flow({7, 1})->actions);
    }
    action::MeterCounts counts(uint32_t meter) const { return *dp_->meter_counts(meter); }
    uint64_t drops() const { return dp_->drops()[static_cast<size_t>(Drop::meter)]; }

    const Bytes frame_ = testing::usual_frames()[0];
    const Time start_ = clock_.now();
    /// What a band may have earned since the test began.
    uint64_t earned(uint64_t rate) const {
        return rate *
               static_cast<uint64_t>(std::chrono::ceil<std::chrono::seconds>(clock_.now() - start_).count());
    }
};

TEST_F(EbpfMeter, the_kernel_and_user_space_draw_on_one_budget_and_count_together) {
    constexpr uint32_t burst = 50, rate = 1;
    constexpr uint64_t n = 200;
    const uint32_t meter =
        dp_->set_meter(std::nullopt,
                       {.flags = flag::pktps | flag::burst, .bands = {{.rate = rate, .burst = burst}}},
                       clock_.now())
            .value();
    put({act::Meter{meter}, act::Output{DpPort{2}}});
    uint64_t passed = 0;
    for (uint64_t i = 0; i < n; ++i) {
        const uint64_t dropped = drops();
        if (i % 3 == 0)
            pass_user_space(frame_);
        else
            EXPECT_EQ(passes_kernel(frame_), drops() == dropped);
        passed += drops() == dropped;
    }
    EXPECT_GE(passed, burst);
    EXPECT_LE(passed, burst + earned(rate));
    const uint64_t gone = n - passed;
    EXPECT_EQ(counts(meter), (action::MeterCounts{n, n * frame_.size(), {{gone, gone * frame_.size()}}}));
    EXPECT_EQ(ebpf_->program_counters().up[weft_action], 0u);
    EXPECT_GT(ebpf_->program_counters().lost[weft_over_rate], 0u);
}

/// The same sequence to a meter of user space's own, at the same times as far as that matters.
TEST_F(EbpfMeter, bands_drop_and_count_as_in_user_space) {
    const action::MeterSpec specs[] = {
        {.flags = flag::pktps | flag::burst, .bands = {{.rate = 1, .burst = 40}}},
        {.flags = flag::pktps | flag::burst,
         .bands = {{.rate = 1, .burst = 20}, {.rate = 2, .burst = 10}, {.rate = 2, .burst = 30}}},
        {.flags = flag::kbps | flag::burst, .bands = {{.rate = 1, .burst = 8}, {.rate = 2, .burst = 16}}},
        {.flags = flag::pktps, .bands = {}},
    };
    for (const action::MeterSpec& spec : specs) {
        constexpr int n = 100;
        const uint32_t id = dp_->set_meter(std::nullopt, spec, clock_.now()).value();
        const Time began = clock_.now();
        Meter alone(spec, began);
        put({act::Meter{id}, act::Output{DpPort{2}}});
        int agreed = 0;
        for (int i = 0; i < n; ++i) agreed += alone.admit(frame_.size(), began) == passes_kernel(frame_);
        const uint64_t later = earned(2);  // packets, or kilobits
        EXPECT_GE(agreed, n - static_cast<int>(later * 1000 / 8 / frame_.size()) - 1);
        EXPECT_EQ(counts(id).packets, alone.counts().packets);
        EXPECT_EQ(counts(id).bytes, alone.counts().bytes);
        ASSERT_EQ(counts(id).bands.size(), spec.bands.size());
        for (size_t i = 0; i < spec.bands.size(); ++i) {
            const auto kernel = counts(id).bands[i], user = alone.counts().bands[i];
            EXPECT_EQ(kernel.bytes, kernel.packets * frame_.size());
            EXPECT_NEAR(static_cast<double>(kernel.packets), static_cast<double>(user.packets),
                        static_cast<double>(later * 1000 / 8 / frame_.size() + 1));
        }
    }
}

TEST_F(EbpfMeter, several_in_one_flow_each_drop_for_themselves) {
    const auto make = [&](uint32_t burst) {
        return dp_
            ->set_meter(std::nullopt,
                        {.flags = flag::pktps | flag::burst, .bands = {{.rate = 1, .burst = burst}}},
                        clock_.now())
            .value();
    };
    const uint32_t wide = make(30), narrow = make(10);
    put({act::Meter{wide}, act::Output{DpPort{1}}, act::Meter{narrow}, act::Output{DpPort{2}}});
    constexpr uint64_t n = 100;
    uint64_t passed = 0;
    for (uint64_t i = 0; i < n; ++i) passed += passes_kernel(frame_);
    EXPECT_GE(passed, 10u);
    EXPECT_LE(passed, 10 + earned(1));
    EXPECT_EQ(counts(wide).packets, n);
    EXPECT_EQ(counts(narrow).packets, n - counts(wide).bands[0].packets);
    EXPECT_EQ(counts(narrow).bands[0].packets, counts(narrow).packets - passed);
    EXPECT_EQ(counts(wide).bands[0].packets + counts(narrow).bands[0].packets, drops());
}

TEST_F(EbpfMeter, a_number_without_a_meter_limits_nothing_and_one_that_changes_begins_anew) {
    const uint32_t last = Meters::ids_max - 1;  // of a chunk of its own
    const action::MeterSpec one{.flags = flag::pktps | flag::burst, .bands = {{.rate = 1, .burst = 1}}};
    put({act::Meter{last}, act::Output{DpPort{2}}});
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(passes_kernel(frame_));
    dp_->set_meter(last, one, clock_.now()).value();
    int passed = 0;
    for (int i = 0; i < 20; ++i) passed += passes_kernel(frame_);
    EXPECT_LT(passed, 20);
    EXPECT_EQ(counts(last).packets, 20u);
    dp_->set_meter(last, {.flags = flag::pktps, .bands = {{.rate = 1000}}}, clock_.now()).value();
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(passes_kernel(frame_));
    EXPECT_EQ(counts(last), (action::MeterCounts{20, 20 * frame_.size(), {{0, 0}}}));
    dp_->remove_meter(last);
    EXPECT_FALSE(dp_->meter_counts(last));
    for (int i = 0; i < 2000; ++i) ASSERT_TRUE(passes_kernel(frame_));
}

TEST_F(EbpfMeter, some_of_what_it_drops_are_shown_and_counted_once) {
    struct Shown : testing::ByPort {
        std::atomic<uint32_t> meter{~0u};
        std::atomic<uint64_t> n{0};
        void dropped(const DroppedPacket& d) override { n += d.reason == Drop::meter && d.arg == meter; }
    } handler;
    const action::MeterSpec one{.flags = flag::pktps | flag::burst, .bands = {{.rate = 1, .burst = 1}}};
    handler.meter = dp_->set_meter(std::nullopt, one, clock_.now()).value();
    dp_->set_handler(&handler);
    put({act::Output{DpPort{1}}, act::Meter{handler.meter}, act::Output{DpPort{2}}});
    dp_->run(clock_.now());
    constexpr uint64_t n = 4 * DropSamples::per_refill;
    for (uint64_t i = 0; i < n; ++i) (void)passes_kernel(frame_);
    ebpf_->settle();
    EXPECT_EQ(handler.n, DropSamples::per_refill);
    EXPECT_EQ(counts(handler.meter).packets, n);
    EXPECT_EQ(drops(), counts(handler.meter).bands[0].packets);
    EXPECT_EQ(dp_->port_drops(DpPort{1})[static_cast<size_t>(Drop::meter)], drops());
    dp_->set_handler(nullptr);
}

TEST_F(EbpfMeter, a_packet_that_it_drops_does_not_recirculate) {
    const action::MeterSpec none{.flags = flag::pktps | flag::burst, .bands = {{.rate = 1, .burst = 1}}};
    const uint32_t meter = dp_->set_meter(std::nullopt, none, clock_.now()).value();
    put({act::Meter{meter}, act::Recirc{9}});
    constexpr uint64_t n = 20;
    for (uint64_t i = 0; i < n; ++i) (void)passes_kernel(frame_);
    ebpf_->settle();
    EXPECT_EQ(ebpf_->program_counters().up[weft_miss], n - counts(meter).bands[0].packets)
        << "only what passes looks for the next flow";
    EXPECT_GE(counts(meter).bands[0].packets, n - 1 - earned(1));
}

}  // namespace
}  // namespace weft::dp
