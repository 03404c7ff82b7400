// SPDX-License-Identifier: Apache-2.0
// What the programs cost the verifier, so that growth is seen. Needs root.
#include "dp/ebpf/program.h"
#include <gtest/gtest.h>

#include "dp/core/flow_table.h"
#include "dp/ebpf/kernel_flows.h"
#include "dp/ebpf/xdp_hook.h"
#include "packet/builder.h"

namespace weft::dp {
namespace {

TEST(KernelProgram, stays_far_from_the_limit_of_the_verifier) {
    const auto program = KernelProgram::load();
    ASSERT_TRUE(program) << program.error().message << "\nRemedy: root, and Linux 5.17 or later with BTF";
    const auto ethtool = sys::Ethtool::open().value();
    const auto xdp = XdpHook::load(**program, ethtool);
    ASSERT_TRUE(xdp) << xdp.error().message << "\nRemedy: Linux 6.3 or later";
    constexpr uint32_t limit = 1'000'000;
    for (const auto& [name, fd] :
         {std::pair("weft_ingress", (*program)->ingress()),
          std::pair("weft_recirculate", (*program)->recirculate()), std::pair("weft_xdp", (*xdp)->program()),
          std::pair("weft_xdp_jumbo", (*xdp)->jumbo_program())}) {
        const uint32_t cost = sys::verified_instructions(fd).value();
        RecordProperty(name, static_cast<int>(cost));
        std::printf("%s: %u instructions verified\n", name, cost);
        EXPECT_LT(cost, limit / 10) << name;
    }
}

/// Flows without a datapath: what comes by the loopback device is of port 1, and leaves by port 2.
class KernelBlocks : public ::testing::Test {
  protected:
    void SetUp() override {
        auto program = KernelProgram::load();
        ASSERT_TRUE(program) << program.error().message << "\nRemedy: root, and Linux 5.17 or later with BTF";
        program_ = std::move(*program);
        flows_ = KernelFlows::make(*program_, [](DpPort) { return true; }).value();
        table_.set_mirror(flows_.get());
        program_->state().in_ports[loopback] = {loopback, 1};
        program_->state().out_ports[2] = {
            .ifindex = loopback, .frame_max = 1514, .flags = 0, .xdp = 0, .straight_to = 0};
    }
    void TearDown() override { table_.set_mirror(nullptr); }
    void put(const flow::FlowMask& mask) {
        flow::Match match{};
        match.key.set_in_port(DpPort{1});
        match.mask = mask;
        const auto actions =
            std::make_shared<const action::dp::Actions>(action::dp::Actions{action::dp::Output{DpPort{2}}});
        table_.put({1, 1}, match, actions, PutMode::create).value();
    }
    bool is_forwarded() {
        constexpr uint32_t redirected = 7;  // TC_ACT_REDIRECT
        const Bytes frame = packet::PacketBuilder()
                                .eth(Mac::from_u64(0x020000000001), Mac::from_u64(0x020000000002), 0x1234)
                                .payload(50)
                                .bytes();
        return sys::test_run(program_->ingress(), {.frame = frame, .ifindex = loopback})->code == redirected;
    }
    uint64_t missed() const {
        uint64_t sum = 0;
        for (const weft_counters& c : program_->state().counters) sum += c.up[weft_miss];
        return sum;
    }
    static constexpr uint32_t loopback = 1;
    std::unique_ptr<KernelProgram> program_;
    std::unique_ptr<KernelFlows> flows_;
    loop::EpochDomain domain_;
    FlowTable table_{domain_};
};

TEST_F(KernelBlocks, flows_of_blocks_that_programs_lack_stay_in_user_space) {
    flow::FlowMask ct{}, tunnel{}, options{};
    ct.ct.state = be_max<Be32>;
    tunnel.tunnel.id = be_max<Be64>;
    options.tunnel.metadata[255] = 0xff;
    uint64_t left_out = 0;
    for (flow::FlowMask mask : {ct, tunnel, options}) {
        mask.packet.in_port = be_max<Be32>;
        put(mask);
        EXPECT_EQ(flows_->counts().no_block, ++left_out);
        EXPECT_EQ(flows_->counts().left_out, left_out);
        EXPECT_EQ(flows_->counts().masks, 0u);
        EXPECT_FALSE(is_forwarded());
        EXPECT_TRUE(table_.remove({1, 1}));
    }
}

/// As if user space were of a version whose programs have them: it may name them, and nothing matches
/// wrongly.
TEST_F(KernelBlocks, a_mask_that_names_words_that_programs_lack_matches_nothing) {
    flow::FlowMask mask{};
    mask.packet.in_port = mask.packet.mpls[0] = be_max<Be32>;  // the labels of this frame are zero
    put(mask);
    EXPECT_TRUE(is_forwarded());
    ASSERT_EQ(program_->state().n_masks, 1u);
    weft_mask& shared = program_->state().masks[program_->state().order[0]];
    ASSERT_EQ(shared.blocks, weft_block_packet);
    const uint8_t labels = shared.index[1];
    for (const size_t word : {size_t{weft_ct_at}, size_t{weft_tunnel_at}, size_t{weft_tunnel_options_at},
                              size_t{weft_all_words} - 1}) {
        shared.index[1] = static_cast<uint8_t>(word);
        const uint64_t before = missed();
        EXPECT_FALSE(is_forwarded()) << word;
        EXPECT_EQ(missed(), before + 1) << word;
        shared.index[1] = labels;
        EXPECT_TRUE(is_forwarded());
    }
}

}  // namespace
}  // namespace weft::dp
