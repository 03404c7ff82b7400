// SPDX-License-Identifier: Apache-2.0
// The compiled programs of src/bpf, built into ours.
#pragma once

#include "base/bytes.h"

namespace weft::dp {

ByteSpan forward_tc_program();
ByteSpan forward_xdp_program();
/// The same, with flows in an arena.
ByteSpan forward_tc_arena_program();
ByteSpan forward_xdp_arena_program();
ByteSpan extract_test_program();

}  // namespace weft::dp
