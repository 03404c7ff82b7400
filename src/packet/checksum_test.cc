// SPDX-License-Identifier: Apache-2.0
#include "packet/checksum.h"

#include <gtest/gtest.h>

#include "base/prng.h"

namespace weft::packet {
namespace {

/// RFC 1071 by the letter: 16-bit words, end-around carry.
uint16_t slow_checksum(ByteSpan bytes) {
    uint32_t sum = 0;
    for (size_t i = 0; i < bytes.size(); i += 2) {
        sum += static_cast<uint32_t>(bytes[i]) << 8 | (i + 1 < bytes.size() ? bytes[i + 1] : 0);
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return static_cast<uint16_t>(~sum);
}

Bytes random_bytes(Prng& prng, size_t n) {
    Bytes b(n);
    for (uint8_t& x : b) x = prng.one_in(4) ? 0xff : static_cast<uint8_t>(prng.next());
    return b;
}

TEST(Checksum, rfc_1071_example_comes_out) {
    EXPECT_EQ(checksum(*parse_hex("0001 f203 f4f5 f6f7")).host(), static_cast<uint16_t>(~0xddf2));
}

TEST(Checksum, any_length_sums_as_the_rfc_says) {
    Prng prng(1);
    for (size_t n = 0; n < 300; ++n) {
        const Bytes b = random_bytes(prng, n);
        ASSERT_EQ(checksum(b).host(), slow_checksum(b)) << n;
    }
}

/// 0 and ffff are the same number in ones' complement.
bool same(Be16 a, uint16_t b) { return a.host() == b || (a.host() ^ b) == 0xffff; }

TEST(Checksum, updates_give_what_a_new_sum_gives) {
    Prng prng(2);
    for (int round = 0; round < 2000; ++round) {
        Bytes b = random_bytes(prng, 40);
        const Be16 before = checksum(b);
        const Bytes old = b;
        const size_t at = prng.below(12) * 2;
        const Bytes fresh = random_bytes(prng, 16);
        const size_t n = std::array<size_t, 3>{2, 4, 16}[prng.below(3)];
        std::copy_n(fresh.begin(), n, b.begin() + static_cast<ptrdiff_t>(at));
        Be16 after;
        if (n == 2) after = updated(before, load<Be16>(&old[at]), load<Be16>(&b[at]));
        if (n == 4) after = updated(before, load<Be32>(&old[at]), load<Be32>(&b[at]));
        if (n == 16) after = updated(before, load<Ip6>(&old[at]), load<Ip6>(&b[at]));
        ASSERT_TRUE(same(after, slow_checksum(b))) << after.host() << " " << slow_checksum(b);
        if (n == 4)
            ASSERT_TRUE(
                same(~updated_partial(~before, load<Be32>(&old[at]), load<Be32>(&b[at])), slow_checksum(b)));
        if (n == 16)
            ASSERT_TRUE(
                same(~updated_partial(~before, load<Ip6>(&old[at]), load<Ip6>(&b[at])), slow_checksum(b)));
    }
}

TEST(Checksum, a_udp_packet_with_its_checksum_sums_to_zero) {
    const Bytes udp = *parse_hex("04d2 162e 000c 0000 01020304");
    Checksum sum = pseudo_header(Be32(0x0a000001), Be32(0x0a000002), 17, 12);
    const Be16 csum = sum.add(udp).value();
    Bytes filled = udp;
    store(&filled[6], csum);
    EXPECT_EQ(pseudo_header(Be32(0x0a000001), Be32(0x0a000002), 17, 12).add(filled).value().host(), 0);
}

}  // namespace
}  // namespace weft::packet
