// SPDX-License-Identifier: Apache-2.0
#include "dp/core/checksum.h"

#include <array>

namespace weft::dp {
namespace {

uint16_t read16(const uint8_t* p) { return static_cast<uint16_t>(p[0] << 8 | p[1]); }

void write16(uint8_t* p, uint16_t v) {
    p[0] = static_cast<uint8_t>(v >> 8);
    p[1] = static_cast<uint8_t>(v);
}

constexpr auto crc_table = [] {
    std::array<uint32_t, 256> t{};
    for (uint32_t i = 0; i < 256; ++i) {
        uint32_t c = i;
        for (int k = 0; k < 8; ++k) c = c & 1 ? 0x82f63b78 ^ c >> 1 : c >> 1;
        t[i] = c;
    }
    return t;
}();

}  // namespace

uint64_t ones_sum(ByteSpan bytes) {
    // Sums of 32-bit words in memory order; folding and one swap at the end give the network-order sum.
    uint64_t sum = 0;
    const uint8_t* p = bytes.data();
    size_t n = bytes.size();
    for (; n >= 4; n -= 4, p += 4) {
        uint32_t w;
        std::memcpy(&w, p, 4);
        sum += w;
    }
    if (n >= 2) {
        uint16_t w;
        std::memcpy(&w, p, 2);
        sum += w;
        n -= 2;
        p += 2;
    }
    if (n) sum += std::endian::native == std::endian::little ? uint64_t{*p} : uint64_t{*p} << 8;
    const uint16_t folded = fold(sum);
    return std::endian::native == std::endian::little ? __builtin_bswap16(folded) : folded;
}

uint16_t fold(uint64_t sum) {
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<uint16_t>(sum);
}

void ChecksumChange::apply(uint8_t* field) const {
    // RFC 1624, equation 3.
    const auto old = static_cast<uint16_t>(~read16(field));
    write16(field, static_cast<uint16_t>(~fold(uint64_t{old} + sum_)));
}

void ChecksumChange::apply_udp(uint8_t* field) const {
    if (read16(field) == 0) return;
    apply(field);
    if (read16(field) == 0) write16(field, 0xffff);
}

void ChecksumChange::apply_partial(uint8_t* field) const { write16(field, fold(read16(field) + sum_)); }

uint32_t crc32c(ByteSpan bytes) {
    uint32_t c = 0xffffffff;
    for (const uint8_t b : bytes) c = crc_table[(c ^ b) & 0xff] ^ c >> 8;
    return ~c;
}

}  // namespace weft::dp
