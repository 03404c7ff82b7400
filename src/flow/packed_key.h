// SPDX-License-Identifier: Apache-2.0
// PackedKey: a key that stores only its words that are not zero.
#pragma once

#include <algorithm>
#include <bit>
#include <memory>

#include "flow/set_words.h"

namespace weft::flow {

/// Value type that moves: one allocation of 16 bytes and 8 for each word.
class PackedKey {
  public:
    PackedKey() = default;  ///< all zero
    explicit PackedKey(const FlowKey& key) {
        uint64_t packed[2 + key_words];
        packed[0] = packed[1] = 0;
        size_t n = 2;
        for_each_set_word(key, [&](size_t i, uint64_t w) {
            packed[i / 64] |= uint64_t{1} << i % 64;
            packed[n++] = w;
        });
        data_ = std::make_unique_for_overwrite<uint64_t[]>(n);
        std::copy_n(packed, n, data_.get());
    }
    /// One word of words(key).
    uint64_t word(size_t i) const {
        if (!data_ || !(data_[i / 64] >> i % 64 & 1)) return 0;
        const uint64_t before = data_[i / 64] & ((uint64_t{1} << i % 64) - 1);
        const size_t skipped = i < 64 ? 0 : static_cast<size_t>(std::popcount(data_[0]));
        return data_[2 + skipped + static_cast<size_t>(std::popcount(before))];
    }
    bool operator==(const FlowKey& key) const {
        size_t at = 2;
        bool same = true;
        for_each_set_word(key, [&](size_t i, uint64_t w) {
            const bool have = data_ && data_[i / 64] >> i % 64 & 1;
            same = same && have && data_[at] == w;
            at += have;
        });
        return same && at == 2 + size();
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
    size_t size() const {
        return data_ ? static_cast<size_t>(std::popcount(data_[0]) + std::popcount(data_[1])) : 0;
    }

    std::unique_ptr<uint64_t[]> data_;
};

}  // namespace weft::flow
