// SPDX-License-Identifier: Apache-2.0
// The words of a mask that have any bit.
#pragma once

#include "flow/flow_key.h"

namespace weft::flow {

/// visit(index, bits) for the words that are not zero, by rising index. Most masks are nearly empty.
template <class Visit>
void for_each_set_word(const FlowMask& mask, Visit&& visit) {
    constexpr size_t step = 4;
    static_assert(key_words % step == 0);
    const auto w = words(mask);
    for (size_t i = 0; i < key_words; i += step) {
        if ((w[i] | w[i + 1] | w[i + 2] | w[i + 3]) == 0) continue;
        for (size_t k = i; k < i + step; ++k)
            if (w[k]) visit(k, w[k]);
    }
}

}  // namespace weft::flow
