// SPDX-License-Identifier: Apache-2.0
// Internet checksums (RFC 1071) brought up to date after a rewrite (RFC 1624), and SCTP's CRC32c (RFC 3309).
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace weft::dp {

/// Sum of 16-bit words in network order, not folded; an odd last byte counts as the high half of a word.
uint64_t ones_sum(ByteSpan bytes);
/// Folded to 16 bits; the checksum is its complement.
uint16_t fold(uint64_t sum);

/// Follows the rewrite of bytes that a checksum covers. Value type; add() any number of rewrites, then
/// apply().
class ChecksumChange {
  public:
    /// Both sides have the same even length, and began at an even offset of what is summed.
    void add(ByteSpan before, ByteSpan after) {
        // ~before is added as its 16-bit words' complements: 0xffff for each word, less the word.
        sum_ += ones_sum(after) + 0xffff * uint64_t{before.size() / 2} - ones_sum(before);
    }
    /// A checksum field of a finished header.
    void apply(uint8_t* field) const;
    /// The same for UDP: zero means that there is none.
    void apply_udp(uint8_t* field) const;
    /// A field that holds the uncomplemented sum of the pseudo header.
    void apply_partial(uint8_t* field) const;

  private:
    uint64_t sum_ = 0;
};

uint32_t crc32c(ByteSpan bytes);

}  // namespace weft::dp
