// SPDX-License-Identifier: Apache-2.0
// The program's key of a frame is flow::extract's, or the program says that it does not know. Needs root.
#include <gtest/gtest.h>

#include <cstring>

#include "dp/ebpf/abi.h"
#include "dp/ebpf/frames.h"
#include "dp/ebpf/programs.h"
#include "flow/extract.h"
#include "sys/bpf_object.h"
#include "sys/mapping.h"

namespace weft::dp {
namespace {

using testing::random_frame;
using testing::usual_frames;

class ExtractProgram : public ::testing::Test {
  protected:
    void SetUp() override {
        auto loaded = sys::BpfObject::load(extract_test_program(), "extract", {});
        ASSERT_TRUE(loaded) << loaded.error().message
                            << "\nRemedy: run this test as root, on Linux 5.17 or later";
        object_ = std::move(*loaded);
        const auto at = object_->variable(".bss", "extracted", sizeof(weft_extracted)).value();
        memory_ = sys::Mapping::of(at.map, at.map_size, 0, "the test's memory").value();
        seen_ = reinterpret_cast<weft_extracted*>(memory_.at(at.offset));
        program_ = object_->program("weft_extract").value();
    }
    /// Whether the program knew the key; then it is the right one.
    bool check(ByteSpan frame, unsigned tags = flow::default_vlan_tags) {
        flow::PacketBlock key;
        flow::extract(frame, key, tags);
        seen_->vlan_tags = tags;
        // The kernel's test harness takes no frame without an Ethernet header and a byte behind it.
        if (!sys::test_run(program_, {.frame = frame})) return false;
        if (seen_->verdict != 0) return false;
        ++known_;
        flow::PacketBlock theirs;
        std::memcpy(&theirs, &seen_->key, sizeof theirs);
        if (theirs == key) return true;
        ADD_FAILURE() << format_hex(frame) << " tags " << tags << "\nprogram "
                      << format_hex({reinterpret_cast<const uint8_t*>(&theirs), sizeof theirs})
                      << "\nextract " << format_hex({reinterpret_cast<const uint8_t*>(&key), sizeof key});
        return true;
    }

    std::unique_ptr<sys::BpfObject> object_;
    sys::Mapping memory_;
    weft_extracted* seen_ = nullptr;
    int program_ = -1;
    uint64_t known_ = 0;
};

TEST_F(ExtractProgram, knows_the_key_of_usual_frames) {
    for (const Bytes& frame : usual_frames())
        for (const unsigned tags : {0u, 1u, 2u}) EXPECT_TRUE(check(frame, tags)) << format_hex(frame);
}

TEST_F(ExtractProgram, is_right_about_frames_cut_short) {
    for (const Bytes& frame : usual_frames())
        for (size_t n = 15; n < frame.size(); ++n) check(ByteSpan(frame).first(n), n % 3);
    EXPECT_GT(known_, 500u);
}

TEST_F(ExtractProgram, looks_through_snap_and_ipv6_extensions) {
    const auto frame = [](const char* rest) {
        return *parse_hex(std::string("02000000000a 02000000000b") + rest);
    };
    EXPECT_TRUE(
        check(frame("0024 aaaa03 000000 0800 4500 001c 0000 0000 40 11 0000 01020304 05060708"
                    "0050 0051 0008 0000")));
    EXPECT_TRUE(check(frame("0020 424203 000000 000000000000000000000000")));
    const std::string v6 =
        "86dd 60112345 0018 00 40 20010db8000000000000000000000001 20010db8000000000000000000000002";
    EXPECT_TRUE(check(frame((v6 + "3c00000000000000 1100000000000000 0050 0051 0008 0000").c_str())));
    EXPECT_TRUE(check(frame((v6 + "2c00000000000000 1100000100000000 0050 0051 0008 0000").c_str())))
        << "first fragment";
    EXPECT_TRUE(check(frame((v6 + "2c00000000000000 1100001100000000 0050 0051 0008 0000").c_str())))
        << "later fragment";
}

/// Random changes of usual frames: bytes, length, a header more.
TEST_F(ExtractProgram, is_never_wrong_about_random_frames) {
    constexpr int rounds = 30000;
    Prng random(20261126);
    const auto frames = usual_frames();
    for (int i = 0; i < rounds; ++i) {
        const Bytes f = random_frame(random, frames);
        check(f, static_cast<unsigned>(random.below(3)));
        if (HasFailure()) return;
    }
    EXPECT_GT(known_, rounds * 3 / 4) << "most frames are the program's business";
}

}  // namespace
}  // namespace weft::dp
