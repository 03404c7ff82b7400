// SPDX-License-Identifier: Apache-2.0
// SparseMatch: a match that stores only the words in which it has a mask.
#pragma once

#include <atomic>
#include <bit>
#include <memory>
#include <utility>

#include "flow/match.h"

namespace weft::flow {

/// Which words of a key count, and which bits of them: the shape that the rules of one subtable share.
struct MaskWord {
    uint8_t index;  ///< into words(FlowKey)
    uint64_t bits;  ///< never 0
    auto operator<=>(const MaskWord&) const = default;
};

/// Value type, 16 bytes, one allocation of 8 bytes for each word of the key unless somebody has room for
/// them, and one for the mask, which matches of the same mask may share. Two are equal if they match the same
/// bits to the same values.
class SparseMatch {
  public:
    SparseMatch() = default;  ///< matches everything
    explicit SparseMatch(const Match& m) : SparseMatch(m, {}) {}
    /// Shares the mask of `like` if it is the same.
    SparseMatch(const Match& m, const SparseMatch& like);
    /// With the mask of `like`, and what `key` has where it looks.
    SparseMatch(const FlowKey& key, const SparseMatch& like);
    SparseMatch(const SparseMatch& o) { *this = o; }
    SparseMatch(SparseMatch&& o) noexcept { *this = std::move(o); }
    SparseMatch& operator=(const SparseMatch& o);
    SparseMatch& operator=(SparseMatch&& o) noexcept {
        std::swap(shape_, o.shape_);
        std::swap(keys_, o.keys_);
        return *this;
    }
    ~SparseMatch() {
        drop(shape_);
        drop_keys();
    }
    /// The words of the key move to `place`, which has room for n_words() and outlives this.
    void put_keys(uint64_t* place);

    Match expand() const;
    /// Into a match that is empty.
    void expand(Match& into) const;
    bool operator==(const SparseMatch& o) const;
    bool matches(const FlowKey& packet) const;

    size_t n_words() const { return shape_ ? shape_->n_words : 0; }
    /// The masked key words, in the order of for_each_word.
    std::span<const uint64_t> key_words() const { return {keys(), n_words()}; }
    std::span<const uint64_t> mask_words() const { return {shape_ ? shape_->bits() : nullptr, n_words()}; }
    /// visit(word index, mask bits, key bits), by rising index.
    template <class Visit>
    void for_each_word(Visit&& visit) const {
        const auto keys = key_words(), masks = mask_words();
        size_t n = 0;
        for (size_t half = 0; shape_ && half < map_words; ++half)
            for (uint64_t bits = shape_->map[half]; bits; bits &= bits - 1, ++n)
                visit(half * 64 + static_cast<size_t>(std::countr_zero(bits)), masks[n], keys[n]);
    }

    bool same_mask(const SparseMatch& o) const;
    bool shares_mask(const SparseMatch& o) const { return shape_ == o.shape_; }
    /// From here on one mask serves both, if they are the same.
    void share_mask(const SparseMatch& o);
    uint64_t mask_hash() const;
    /// Hash of the key words alone.
    uint64_t key_hash() const;

    /// True if every packet that matches `o` matches this.
    bool covers(const SparseMatch& o) const;
    /// True if some packet can match both.
    bool overlaps(const SparseMatch& o) const;

  private:
    static constexpr size_t map_words = 2;
    /// A mask, immutable; its words lie behind the object.
    struct Shape {
        mutable std::atomic<uint32_t> users{1};
        uint32_t n_words = 0;
        uint64_t map[map_words] = {};  ///< which words of the key are there
        uint64_t* bits() { return reinterpret_cast<uint64_t*>(this + 1); }
        const uint64_t* bits() const { return reinterpret_cast<const uint64_t*>(this + 1); }
    };
    static const Shape* make_shape(const FlowMask& mask);
    static bool is_shape_of(const Shape* shape, const FlowMask& mask);
    static const Shape* share(const Shape* shape) {
        if (shape) shape->users.fetch_add(1, std::memory_order_relaxed);
        return shape;
    }
    static void drop(const Shape* shape);
    static constexpr uintptr_t lent = 1;
    uint64_t* keys() const { return reinterpret_cast<uint64_t*>(keys_ & ~lent); }  // NOLINT: a bit is ours
    void drop_keys() {
        if (!(keys_ & lent)) delete[] keys();
    }
    uint64_t* make_keys();
    void take_keys(const FlowKey& from);

    const Shape* shape_ = nullptr;
    uintptr_t keys_ = 0;  ///< where they are, and whether they are somebody else's; 0: none
};

}  // namespace weft::flow
