// SPDX-License-Identifier: Apache-2.0
// PrefixField: a field whose prefixes a classifier may track, as it lies in the words of a key.
#pragma once

#include <optional>
#include <span>

#include "flow/field.h"
#include "flow/prefix_trie.h"
#include "flow/sparse.h"

namespace weft::flow {

/// Value type.
struct PrefixField {
    FieldId id{};
    uint8_t word = 0;   ///< of words(FlowKey), the first of two if the field has 128 bits
    uint8_t shift = 0;  ///< bits of the word in front of it
    uint8_t width = 0;

    bool operator==(const PrefixField&) const = default;
    /// None if the field does not lie inside a word or fill two.
    static std::optional<PrefixField> of(FieldId id);

    PrefixBits read(const FlowKey& key) const;
    PrefixBits read(const SparseMatch& match) const;
    /// How long a prefix of the field the match's mask is; 0 if it is none.
    unsigned length_in(const SparseMatch& match) const;
    /// visit(word, bits) for the mask of the field's first `length` bits.
    template <class Visit>
    void for_each_word(unsigned length, Visit&& visit) const {
        const PrefixBits mask = PrefixBits{~uint64_t{0}, ~uint64_t{0}}.first(length);
        visit(size_t{word}, be_swap(mask.hi >> shift));
        if (length > 64) visit(size_t{word} + 1, be_swap(mask.lo));
    }

  private:
    static uint64_t be_swap(uint64_t v) { return Be64(v).raw(); }
    PrefixBits at(uint64_t first, uint64_t second) const;
};

}  // namespace weft::flow
