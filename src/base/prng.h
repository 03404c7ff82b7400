// SPDX-License-Identifier: Apache-2.0
// A small seedable generator (xoshiro256**, Blackman and Vigna, public domain algorithm). Not for secrets.
#pragma once

#include <bit>
#include <cstdint>

namespace weft {

/// Value type; the same seed gives the same numbers on every machine.
class Prng {
  public:
    using result_type = uint64_t;  // usable with <random> and std::shuffle
    explicit constexpr Prng(uint64_t seed) {
        for (auto& word : s_) {  // splitmix64
            seed += 0x9e3779b97f4a7c15u;
            uint64_t z = seed;
            z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
            z = (z ^ z >> 27) * 0x94d049bb133111ebu;
            word = z ^ z >> 31;
        }
    }
    constexpr uint64_t next() {
        const uint64_t out = std::rotl(s_[1] * 5, 7) * 9;
        const uint64_t t = s_[1] << 17;
        s_[2] ^= s_[0];
        s_[3] ^= s_[1];
        s_[1] ^= s_[2];
        s_[0] ^= s_[3];
        s_[2] ^= t;
        s_[3] = std::rotl(s_[3], 45);
        return out;
    }
    /// Uniform in [0, n); n > 0.
    constexpr uint64_t below(uint64_t n) {
        return static_cast<uint64_t>(static_cast<unsigned __int128>(next()) * n >> 64);
    }
    /// True once in n calls on average.
    constexpr bool one_in(uint64_t n) { return below(n) == 0; }
    constexpr uint64_t operator()() { return next(); }
    static constexpr uint64_t min() { return 0; }
    static constexpr uint64_t max() { return ~uint64_t{0}; }

  private:
    uint64_t s_[4];
};

}  // namespace weft
