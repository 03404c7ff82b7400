// SPDX-License-Identifier: Apache-2.0
// Where fields lie in the words of a key: to ask a mask about a field without taking its bits out.
#pragma once

#include <array>

#include "flow/field.h"

namespace weft::flow {

/// None if the field is not in the key as a whole (an option of a tunnel without a place).
struct FieldWords {
    struct Word {
        uint64_t all = 0, legal = 0;  ///< bits of the field; those that may be matched
    };
    size_t first = 0, n = 0;
    std::array<Word, 3> words{};

    /// Whether any bit of the field is set; whether all legal ones are.
    bool any_in(const FlowMask& mask) const {
        uint64_t found = 0;
        for (size_t i = 0; i < n; ++i) found |= flow::words(mask)[first + i] & words[i].all;
        return found != 0;
    }
    bool whole_in(const FlowMask& mask) const {
        uint64_t missing = n == 0;
        for (size_t i = 0; i < n; ++i) missing |= ~flow::words(mask)[first + i] & words[i].legal;
        return missing == 0;
    }
};

const FieldWords& field_words(FieldId id);

}  // namespace weft::flow
