// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/address.h"
#include "base/bytes.h"
#include "base/prng.h"
#include "base/token_bucket.h"
#include "base/uuid.h"

namespace weft {
namespace {

Result<int> half(int x) {
    if (x % 2 != 0) return fail("odd");
    return x / 2;
}
Result<int> quarter(int x) { return half(TRY(half(x))); }

TEST(Result, try_propagates_the_first_error) {
    EXPECT_EQ(quarter(8).value(), 2);
    EXPECT_EQ(quarter(6).error().message, "odd");
    EXPECT_EQ(quarter(5).error().message, "odd");
}

TEST(Be, keeps_wire_order_in_memory) {
    const Be32 v(0x01020304);
    EXPECT_EQ(reinterpret_cast<const uint8_t*>(&v)[0], 1);
    EXPECT_EQ(v.host(), 0x01020304u);
    EXPECT_LT(Be16(1), Be16(256));
}

TEST(ByteReader, over_read_gives_zeros_and_fails_for_good) {
    const uint8_t data[] = {0x12, 0x34, 0x56};
    ByteReader r(data);
    EXPECT_EQ(r.u16(), 0x1234);
    EXPECT_TRUE(r.ok());
    EXPECT_EQ(r.u32(), 0u);
    EXPECT_FALSE(r.ok());
    EXPECT_EQ(r.u8(), 0);
}

TEST(ByteWriter, patches_a_length_and_pads) {
    ByteWriter w;
    w.u16(0);
    w.u8(7);
    w.pad_to(8);
    w.patch_u16(0, static_cast<uint16_t>(w.size()));
    EXPECT_EQ(format_hex(w.span()), "0008070000000000");
}

TEST(Hex, parse_is_the_inverse_of_format_and_names_bad_digits) {
    EXPECT_EQ(format_hex(parse_hex("00 1a FF").value()), "001aff");
    EXPECT_NE(parse_hex("0g").error().message.find("0g"), std::string::npos);
    EXPECT_FALSE(parse_hex("123"));
}

TEST(Mac, text_round_trip_and_errors) {
    EXPECT_EQ(Mac::parse("01:23:45:67:89:aB").value().to_string(), "01:23:45:67:89:ab");
    EXPECT_EQ(Mac::parse("1:2:3:4:5:6").value().to_u64(), 0x010203040506u);
    for (const char* bad : {"", "01:23:45:67:89", "01:23:45:67:89:ab:", "01:23:45:67:89:g0", "012:3:4:5:6:7"})
        EXPECT_FALSE(Mac::parse(bad)) << bad;
}

TEST(Ip, text_round_trip) {
    EXPECT_EQ(format_ip4(parse_ip4("192.0.2.7").value()), "192.0.2.7");
    EXPECT_FALSE(parse_ip4("192.0.2"));
    EXPECT_EQ(Ip6::parse("2001:db8:0:0::1").value().to_string(), "2001:db8::1");
    EXPECT_FALSE(Ip6::parse("2001::db8::1"));
}

TEST(Uuid, random_is_version_4_and_text_round_trips) {
    Prng prng(1);
    const Uuid u = Uuid::random(prng);
    EXPECT_EQ(Uuid::parse(u.to_string()).value(), u);
    EXPECT_EQ(u.to_string()[14], '4');
    EXPECT_FALSE(Uuid::parse("12345678-1234-1234-1234-12345678901g"));
}

TEST(TokenBucket, refills_with_time_up_to_its_burst) {
    TokenBucket b(10, 2);
    const Time t0{1s};
    EXPECT_TRUE(b.take(t0));
    EXPECT_TRUE(b.take(t0));
    EXPECT_FALSE(b.take(t0));
    EXPECT_TRUE(b.take(t0 + 100ms));
    EXPECT_FALSE(b.take(t0 + 100ms));
    EXPECT_FALSE(b.take(t0 + 1h, 3));
}

}  // namespace
}  // namespace weft
