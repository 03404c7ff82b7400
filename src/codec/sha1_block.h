// SPDX-License-Identifier: Apache-2.0
// The inner step of SHA-1; for sha1.cc.
#pragma once

#include <array>
#include <cstdint>

namespace weft::codec {

/// Takes the next 64 bytes into the state.
void sha1_block(std::array<uint32_t, 5>& state, const uint8_t* bytes);

/// Whether the processor has instructions for it; if so, the same by these.
bool sha1_has_instructions();
void sha1_block_by_instructions(std::array<uint32_t, 5>& state, const uint8_t* bytes);

}  // namespace weft::codec
