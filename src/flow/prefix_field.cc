// SPDX-License-Identifier: Apache-2.0
#include "flow/prefix_field.h"

#include <algorithm>

namespace weft::flow {
namespace {

uint64_t host_order(uint64_t word) {
    Be64 be;
    std::memcpy(&be, &word, sizeof be);
    return be.host();
}

}  // namespace

std::optional<PrefixField> PrefixField::of(FieldId id) {
    const Field& f = field(id);
    const unsigned shift = f.bit_offset % 64;
    if (f.n_bits == max_prefix ? shift != 0 : shift + f.n_bits > 64) return std::nullopt;
    return PrefixField{id, static_cast<uint8_t>(f.bit_offset / 64), static_cast<uint8_t>(shift),
                       static_cast<uint8_t>(f.n_bits)};
}

PrefixBits PrefixField::at(uint64_t first, uint64_t second) const {
    const PrefixBits bits{host_order(first) << shift, width == max_prefix ? host_order(second) : 0};
    return bits.first(width);
}

PrefixBits PrefixField::read(const FlowKey& key) const {
    const auto w = words(key);
    return at(w[word], width == max_prefix ? w[word + 1u] : 0);
}

PrefixBits PrefixField::read(const SparseMatch& match) const {
    uint64_t first = 0, second = 0;
    match.for_each_word([&](size_t i, uint64_t, uint64_t value) {
        if (i == word) first = value;
        if (i == word + 1u) second = value;
    });
    return at(first, second);
}

unsigned PrefixField::length_in(const SparseMatch& match) const {
    uint64_t first = 0, second = 0;
    match.for_each_word([&](size_t i, uint64_t bits, uint64_t) {
        if (i == word) first = bits;
        if (i == word + 1u) second = bits;
    });
    const PrefixBits mask = at(first, second);
    const unsigned ones = PrefixBits{~uint64_t{0}, ~uint64_t{0}}.common(mask);
    const unsigned length = std::min<unsigned>(ones, width);
    return mask == mask.first(length) ? length : 0;
}

}  // namespace weft::flow
