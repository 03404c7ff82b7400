// SPDX-License-Identifier: Apache-2.0
// The compiled programs of src/bpf, built into ours.
#pragma once

#include "base/bytes.h"

namespace weft::dp {

ByteSpan forward_tc_program();
ByteSpan forward_xdp_program();
ByteSpan extract_test_program();

}  // namespace weft::dp
