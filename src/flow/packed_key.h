// SPDX-License-Identifier: Apache-2.0
// PackedKey: a key that stores only its words that are not zero.
#pragma once

#include <bit>
#include <memory>

#include "flow/flow_key.h"

namespace weft::flow {

/// Value type that moves: one allocation of 16 bytes and 8 for each word.
class PackedKey {
  public:
    PackedKey() = default;  ///< all zero
    explicit PackedKey(const FlowKey& key) {
        const auto k = words(key);
        uint64_t map[2] = {};
        size_t n = 0;
        for (size_t i = 0; i < key_words; ++i) {
            map[i / 64] |= uint64_t{k[i] != 0} << i % 64;
            n += k[i] != 0;
        }
        data_ = std::make_unique_for_overwrite<uint64_t[]>(2 + n);
        data_[0] = map[0];
        data_[1] = map[1];
        size_t at = 2;
        for (const uint64_t w : k)
            if (w) data_[at++] = w;
    }
    /// One word of words(key).
    uint64_t word(size_t i) const {
        if (!data_ || !(data_[i / 64] >> i % 64 & 1)) return 0;
        const uint64_t before = data_[i / 64] & ((uint64_t{1} << i % 64) - 1);
        const size_t skipped = i < 64 ? 0 : static_cast<size_t>(std::popcount(data_[0]));
        return data_[2 + skipped + static_cast<size_t>(std::popcount(before))];
    }
    bool operator==(const FlowKey& key) const {
        const auto k = words(key);
        size_t at = 2;
        for (size_t i = 0; i < key_words; ++i) {
            const bool have = data_ && data_[i / 64] >> i % 64 & 1;
            if (k[i] != (have ? data_[at++] : 0)) return false;
        }
        return true;
    }
    FlowKey expand() const {
        FlowKey key{};
        const auto k = words(key);
        size_t at = 2;
        for (size_t half = 0; data_ && half < 2; ++half)
            for (uint64_t bits = data_[half]; bits; bits &= bits - 1)
                k[half * 64 + static_cast<size_t>(std::countr_zero(bits))] = data_[at++];
        return key;
    }

  private:
    std::unique_ptr<uint64_t[]> data_;
};

}  // namespace weft::flow
