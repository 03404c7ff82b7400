// SPDX-License-Identifier: Apache-2.0
#include "codec/sha1.h"

#include <gtest/gtest.h>

#include "base/prng.h"
#include "codec/sha1_block.h"

namespace weft::codec {
namespace {

TEST(Sha1, gives_the_digests_of_the_standard) {
    EXPECT_EQ(sha1_hex(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    EXPECT_EQ(sha1_hex("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(sha1_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
              "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    EXPECT_EQ(sha1_hex(std::string(1'000'000, 'a')), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

TEST(Sha1, does_not_depend_on_how_the_input_is_cut) {
    const std::string text(300, 'x');
    for (size_t n = 0; n <= text.size(); ++n)
        for (const size_t part : {1, 7, 55, 63, 64, 65}) {
            Sha1 sha;
            for (size_t i = 0; i < n; i += part)
                sha.add(std::string_view(text).substr(i, std::min(part, n - i)));
            Sha1 whole;
            whole.add(std::string_view(text).substr(0, n));
            EXPECT_EQ(sha.digest(), whole.digest()) << n << " bytes in parts of " << part;
        }
}

TEST(Sha1, comes_out_the_same_by_instructions) {
    const auto fast = sha1_has_instructions() ? sha1_block_by_instructions : sha1_block;
    Prng prng(1);
    std::array<uint32_t, 5> plain{}, by_instructions{};
    std::array<uint8_t, 64> bytes{};
    for (int i = 0; i < 1000; ++i) {
        for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(prng.next());
        sha1_block(plain, bytes.data());
        fast(by_instructions, bytes.data());
        ASSERT_EQ(plain, by_instructions) << "block " << i;
    }
}

}  // namespace
}  // namespace weft::codec
