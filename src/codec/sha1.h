// SPDX-License-Identifier: Apache-2.0
// SHA-1 (FIPS 180-4): the checksum of database logs. Not for security.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace weft::codec {

/// Value type: feed all parts, then take the digest once.
class Sha1 {
  public:
    void add(std::string_view bytes);
    std::array<uint8_t, 20> digest();

  private:
    std::array<uint32_t, 5> state_{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    std::array<uint8_t, 64> pending_{};
    uint64_t size_ = 0;
};

/// 40 lower-case hex digits.
std::string sha1_hex(std::string_view bytes);

}  // namespace weft::codec
