// SPDX-License-Identifier: Apache-2.0
// What the programs cost the verifier, so that growth is seen. Needs root.
#include "dp/ebpf/program.h"
#include "dp/ebpf/xdp_hook.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace weft::dp
