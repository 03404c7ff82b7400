// SPDX-License-Identifier: Apache-2.0
#include "flow/sparse.h"

#include <algorithm>

#include "base/hash.h"

namespace weft::flow {

SparseMatch::SparseMatch(const Match& m) {
    const auto key = words(m.key), mask = words(m.mask);
    uint64_t map[map_words] = {};
    size_t n = 0;
    for (size_t i = 0; i < weft::flow::key_words; ++i) {
        if (mask[i] == 0) continue;
        map[i / 64] |= uint64_t{1} << i % 64;
        ++n;
    }
    if (n == 0) return;
    data_ = std::make_unique_for_overwrite<uint64_t[]>(map_words + 2 * n);
    std::copy_n(map, map_words, data_.get());
    size_t at = map_words;
    for (size_t i = 0; i < weft::flow::key_words; ++i) {
        if (mask[i] == 0) continue;
        data_[at] = key[i] & mask[i];
        data_[at + n] = mask[i];
        ++at;
    }
}

SparseMatch& SparseMatch::operator=(const SparseMatch& o) {
    if (this == &o) return *this;
    data_.reset();
    if (!o.data_) return *this;
    const size_t size = map_words + 2 * o.n_words();
    data_ = std::make_unique_for_overwrite<uint64_t[]>(size);
    std::copy_n(o.data_.get(), size, data_.get());
    return *this;
}

Match SparseMatch::expand() const {
    Match m;
    const auto key = words(m.key), mask = words(m.mask);
    for_each_word([&](size_t i, uint64_t bits, uint64_t value) {
        mask[i] = bits;
        key[i] = value;
    });
    return m;
}

bool SparseMatch::operator==(const SparseMatch& o) const {
    return same_mask(o) && std::ranges::equal(key_words(), o.key_words());
}

bool SparseMatch::same_mask(const SparseMatch& o) const {
    if (!data_ || !o.data_) return data_ == o.data_;
    return data_[0] == o.data_[0] && data_[1] == o.data_[1] &&
           std::ranges::equal(mask_words(), o.mask_words());
}

bool SparseMatch::matches(const FlowKey& packet) const {
    const auto p = words(packet);
    bool all = true;
    for_each_word([&](size_t i, uint64_t bits, uint64_t value) { all &= (p[i] & bits) == value; });
    return all;
}

uint64_t SparseMatch::mask_hash() const {
    uint64_t h = 0;
    for_each_word([&](size_t i, uint64_t bits, uint64_t) { h = hash_mix(hash_mix(h, i), bits); });
    return h;
}

uint64_t SparseMatch::key_hash() const {
    uint64_t h = 0;
    for (const uint64_t w : key_words()) h = hash_mix(h, w);
    return h;
}

bool SparseMatch::covers(const SparseMatch& o) const {
    const Match other = o.expand();
    const auto key = words(other.key), mask = words(other.mask);
    bool all = true;
    for_each_word([&](size_t i, uint64_t bits, uint64_t value) {
        all &= (mask[i] & bits) == bits && (key[i] & bits) == value;
    });
    return all;
}

bool SparseMatch::overlaps(const SparseMatch& o) const {
    const Match other = o.expand();
    const auto key = words(other.key), mask = words(other.mask);
    bool all = true;
    for_each_word(
        [&](size_t i, uint64_t bits, uint64_t value) { all &= ((key[i] ^ value) & mask[i] & bits) == 0; });
    return all;
}

}  // namespace weft::flow
