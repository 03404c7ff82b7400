// SPDX-License-Identifier: Apache-2.0
// SparseMatch: a match that stores only the words in which it has a mask.
#pragma once

#include <bit>
#include <memory>

#include "flow/match.h"

namespace weft::flow {

/// Which words of a key count, and which bits of them: the shape that the rules of one subtable share.
struct MaskWord {
    uint8_t index;  ///< into words(FlowKey)
    uint64_t bits;  ///< never 0
    auto operator<=>(const MaskWord&) const = default;
};

/// Value type, 8 bytes and one allocation of 16 bytes and 16 per word. Two are equal if they match the same
/// bits to the same values.
class SparseMatch {
  public:
    SparseMatch() = default;  ///< matches everything
    explicit SparseMatch(const Match& m);
    SparseMatch(const SparseMatch& o) { *this = o; }
    SparseMatch(SparseMatch&&) noexcept = default;
    SparseMatch& operator=(const SparseMatch& o);
    SparseMatch& operator=(SparseMatch&&) noexcept = default;

    Match expand() const;
    bool operator==(const SparseMatch& o) const;
    bool matches(const FlowKey& packet) const;

    size_t n_words() const {
        return data_ ? static_cast<size_t>(std::popcount(data_[0]) + std::popcount(data_[1])) : 0;
    }
    /// The masked key words, in the order of for_each_mask.
    std::span<const uint64_t> key_words() const { return {data_ ? &data_[map_words] : nullptr, n_words()}; }
    std::span<const uint64_t> mask_words() const {
        const size_t n = n_words();
        return {n ? &data_[map_words + n] : nullptr, n};
    }
    /// visit(word index, mask bits, key bits), by rising index.
    template <class Visit>
    void for_each_word(Visit&& visit) const {
        const auto keys = key_words(), masks = mask_words();
        size_t n = 0;
        for (size_t half = 0; data_ && half < map_words; ++half)
            for (uint64_t bits = data_[half]; bits; bits &= bits - 1, ++n)
                visit(half * 64 + static_cast<size_t>(std::countr_zero(bits)), masks[n], keys[n]);
    }

    bool same_mask(const SparseMatch& o) const;
    uint64_t mask_hash() const;
    /// Hash of the key words alone.
    uint64_t key_hash() const;

    /// True if every packet that matches `o` matches this.
    bool covers(const SparseMatch& o) const;
    /// True if some packet can match both.
    bool overlaps(const SparseMatch& o) const;

  private:
    static constexpr size_t map_words = 2;
    // Two words that tell which words of the key are there, then these words of the key, then of the mask.
    std::unique_ptr<uint64_t[]> data_;
};

}  // namespace weft::flow
