// SPDX-License-Identifier: Apache-2.0
#include "flow/sparse.h"

#include <algorithm>

#include "base/hash.h"
#include "flow/set_words.h"

namespace weft::flow {

const SparseMatch::Shape* SparseMatch::make_shape(const FlowMask& mask) {
    Shape found;
    for_each_set_word(mask, [&](size_t i, uint64_t) {
        found.map[i / 64] |= uint64_t{1} << i % 64;
        ++found.n_words;
    });
    if (found.n_words == 0) return nullptr;
    auto* shape = new (::operator new(sizeof(Shape) + found.n_words * sizeof(uint64_t))) Shape;
    shape->n_words = found.n_words;
    std::ranges::copy(found.map, shape->map);
    uint64_t* bits = shape->bits();
    for_each_set_word(mask, [&](size_t, uint64_t w) { *bits++ = w; });
    return shape;
}

bool SparseMatch::is_shape_of(const Shape* shape, const FlowMask& mask) {
    if (!shape) return false;
    const uint64_t *bits = shape->bits(), *end = bits + shape->n_words;
    bool same = true;
    for_each_set_word(mask, [&](size_t i, uint64_t w) {
        same = same && bits != end && *bits++ == w && (shape->map[i / 64] >> i % 64 & 1);
    });
    return same && bits == end;
}

void SparseMatch::drop(const Shape* shape) {
    if (!shape || shape->users.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
    shape->~Shape();
    ::operator delete(const_cast<Shape*>(shape));
}

SparseMatch::SparseMatch(const Match& m, const SparseMatch& like)
    : shape_(is_shape_of(like.shape_, m.mask) ? share(like.shape_) : make_shape(m.mask)) {
    take_keys(m.key);
}

SparseMatch::SparseMatch(const FlowKey& key, const SparseMatch& like) : shape_(share(like.shape_)) {
    take_keys(key);
}

/// Of a match that has none.
uint64_t* SparseMatch::make_keys() {
    auto* const made = new uint64_t[n_words()];
    keys_ = reinterpret_cast<uintptr_t>(made);
    return made;
}

void SparseMatch::put_keys(uint64_t* place) {
    if (!shape_) return;
    std::ranges::copy(key_words(), place);
    drop_keys();
    keys_ = reinterpret_cast<uintptr_t>(place) | lent;
}

void SparseMatch::take_keys(const FlowKey& from) {
    if (!shape_) return;
    uint64_t* to = make_keys();
    const auto key = words(from);
    const uint64_t* mask = shape_->bits();
    size_t n = 0;
    for (size_t half = 0; half < map_words; ++half)
        for (uint64_t bits = shape_->map[half]; bits; bits &= bits - 1, ++n)
            *to++ = key[half * 64 + static_cast<size_t>(std::countr_zero(bits))] & mask[n];
}

SparseMatch& SparseMatch::operator=(const SparseMatch& o) {
    if (this == &o) return *this;
    drop(std::exchange(shape_, share(o.shape_)));
    drop_keys();
    keys_ = 0;
    if (shape_) std::ranges::copy(o.key_words(), make_keys());
    return *this;
}

void SparseMatch::share_mask(const SparseMatch& o) {
    if (shape_ != o.shape_ && same_mask(o)) drop(std::exchange(shape_, share(o.shape_)));
}

void SparseMatch::expand(Match& into) const {
    const auto key = words(into.key), mask = words(into.mask);
    for_each_word([&](size_t i, uint64_t bits, uint64_t value) {
        mask[i] = bits;
        key[i] = value;
    });
}

Match SparseMatch::expand() const {
    Match m;
    expand(m);
    return m;
}

bool SparseMatch::operator==(const SparseMatch& o) const {
    return same_mask(o) && std::ranges::equal(key_words(), o.key_words());
}

bool SparseMatch::same_mask(const SparseMatch& o) const {
    if (shape_ == o.shape_) return true;
    return shape_ && o.shape_ && std::ranges::equal(shape_->map, o.shape_->map) &&
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
    if (!shape_) return true;
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
