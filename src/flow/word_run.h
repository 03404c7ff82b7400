// SPDX-License-Identifier: Apache-2.0
// The word of a key that a subfield lies in: most lie in one.
#pragma once

#include <optional>

#include "flow/field.h"

namespace weft::flow {

/// Value type. `bits` are those of the subfield, as they lie in words(FlowKey)[word].
struct WordRun {
    size_t word;
    unsigned shift;  ///< of the subfield's last bit, in the word as a number
    uint64_t bits;

    uint64_t get(const FlowKey& key) const { return Be64::from_raw(words(key)[word] & bits).host() >> shift; }
    void set(FlowKey& key, uint64_t value) const {
        uint64_t& w = words(key)[word];
        w = (w & ~bits) | (Be64(value << shift).raw() & bits);
    }
};

/// None: it lies in several words, or is none that a key has.
std::optional<WordRun> word_run(Subfield sf);

}  // namespace weft::flow
