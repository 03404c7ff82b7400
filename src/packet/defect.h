// SPDX-License-Identifier: Apache-2.0
// What is wrong with a frame's headers, in words.
#pragma once

#include <string>

#include "base/bytes.h"

namespace weft::packet {

/// "IPv4 header says 200 bytes, 46 are there"; empty if headers and length agree. `head` is the frame's
/// beginning, `size` its whole length. Checks what flow::extract() relies on (RFC 791 3.1, 8200 3, 9293 3.1,
/// 768, 826), not checksums.
std::string defect(ByteSpan head, size_t size);

}  // namespace weft::packet
