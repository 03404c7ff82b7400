// SPDX-License-Identifier: Apache-2.0
// An option of a tunnel as a match names it: tun_metadata0 to 63, of a length that only a TLV map knows.
#pragma once

#include <cstdint>
#include <vector>

namespace weft::flow {

/// Value type. One form for one meaning: bytes are big-endian without leading zeros, and no bit of the value
/// lies outside the mask.
struct TunOption {
    uint8_t index = 0;                     ///< of tun_metadata
    bool exact = false;                    ///< all bits count, however long the option is
    std::vector<uint8_t> value{}, mask{};  ///< mask: if not exact; empty, too: it is enough that it is there
    bool operator==(const TunOption&) const = default;

    static constexpr size_t max_bytes = 124;
    /// Brings value and mask, of one length, into the one form.
    static TunOption exactly(uint8_t index, std::vector<uint8_t> value);
    static TunOption masked(uint8_t index, std::vector<uint8_t> value, std::vector<uint8_t> mask);
};

}  // namespace weft::flow
