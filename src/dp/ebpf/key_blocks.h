// SPDX-License-Identifier: Apache-2.0
// Where the words of a FlowKey are in the programs' key.
#pragma once

#include "dp/ebpf/abi.h"
#include "flow/flow_key.h"

namespace weft::dp {

struct KeyBlock {
    uint32_t block;  ///< weft_block
    size_t first;    ///< of flow::words()
    size_t number;   ///< the same word's, in a mask of the programs
    size_t words;
};
/// The block that a word of flow::words() is in; null: no datapath knows that word.
const KeyBlock* block_of(size_t word);

}  // namespace weft::dp
