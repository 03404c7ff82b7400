// SPDX-License-Identifier: Apache-2.0
// Fast non-cryptographic hashing of 64-bit words and byte strings.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

namespace weft {

/// Mixes one word into a running hash (multiply-fold, as in wyhash).
constexpr uint64_t hash_mix(uint64_t seed, uint64_t word) {
    const auto m = static_cast<unsigned __int128>(seed ^ 0xa0761d6478bd642fu) * (word ^ 0xe7037ed1a0b428dbu);
    return static_cast<uint64_t>(m) ^ static_cast<uint64_t>(m >> 64);
}

inline uint64_t hash_bytes(std::span<const uint8_t> bytes, uint64_t seed = 0) {
    uint64_t h = hash_mix(seed, bytes.size());
    while (bytes.size() >= 8) {
        uint64_t w;
        std::memcpy(&w, bytes.data(), 8);
        h = hash_mix(h, w);
        bytes = bytes.subspan(8);
    }
    uint64_t tail = 0;
    if (!bytes.empty()) std::memcpy(&tail, bytes.data(), bytes.size());
    return hash_mix(h, tail);
}

}  // namespace weft
