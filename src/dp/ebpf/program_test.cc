// SPDX-License-Identifier: Apache-2.0
// What the programs cost the verifier, so that growth is seen. Needs root.
#include "dp/ebpf/program.h"
#include "dp/ebpf/xdp_hook.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

namespace weft::dp {
namespace {

class KernelPrograms : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(, KernelPrograms, testing::Bool(),
                         [](const auto& param) { return param.param ? "arena" : "maps"; });

TEST_P(KernelPrograms, stay_far_from_the_limit_of_the_verifier) {
    const auto program = KernelProgram::load({.wanted = GetParam()});
    ASSERT_TRUE(program) << program.error().message << "\nRemedy: root, and Linux 5.17 or later with BTF";
    EXPECT_EQ((*program)->has_arena(), GetParam()) << "Remedy: Linux 6.10 or later";
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

/// What a table had is used for the next piece, zeroed again.
TEST_P(KernelPrograms, memory_that_no_program_looks_at_is_used_again) {
    const auto program = KernelProgram::load({.wanted = GetParam()}).value();
    KernelMemory& memory = program->memory();
    const KernelMemory::Place table{KernelMemory::Part::buckets, 1};
    constexpr uint32_t n = 4096;
    auto piece = memory.make(table, sizeof(weft_bucket), n).value();
    EXPECT_EQ(piece.size, n * sizeof(weft_bucket));
    std::memset(piece.data, 0xff, piece.size);
    const uint8_t* const was = piece.data;
    memory.drop(table, std::move(piece));
    const auto next = memory.make({KernelMemory::Part::entries, 0}, sizeof(weft_entry), 16).value();
    EXPECT_TRUE(std::all_of(next.data, next.data + next.size, [](uint8_t byte) { return byte == 0; }));
    if (GetParam()) {
        EXPECT_EQ(next.data, was);
    }
}

}  // namespace
}  // namespace weft::dp
