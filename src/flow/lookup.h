// SPDX-License-Identifier: Apache-2.0
// What those who have tables looked up need to know of the classifier.
#pragma once

#include <cstdint>
#include <span>

#include "flow/field.h"

namespace weft::flow {

/// Fields whose prefixes are tracked unless told otherwise (Flow_Table.prefixes).
std::span<const FieldId> default_prefix_fields();

/// Bugs planted on purpose to prove that tests would find them. Off in every program.
enum class LookupPlant : uint8_t {
    none,
    stage_forgets_word,   ///< a stage that fails does not un-wildcard its last word
    trie_forgets_bit,     ///< a prefix that rules out is un-wildcarded one bit short
    conjunction_forgets,  ///< what told that a condition of a conjunction is not met is not un-wildcarded
};

}  // namespace weft::flow
