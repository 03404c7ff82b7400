// SPDX-License-Identifier: Apache-2.0
// Where a match on the wire has values that packets are compared with, and nothing else: matches that differ
// in them alone decode to matches that differ in them alone, or to an error.
#pragma once

#include <vector>

#include "flow/ofp_match.h"

namespace weft::flow {

/// Value type.
struct ValuePlace {
    uint16_t at;    ///< in the bytes
    uint16_t to;    ///< in FlowKey, and in FlowMask
    uint8_t size;   ///< bytes
    bool is_whole;  ///< bits that the mask does not have must be zero; else they are ignored
};

/// Of OXM or NXM fields, which decode to `m`.
std::vector<ValuePlace> oxm_value_places(ByteSpan tlvs, const Match& m);
bool has_wildcards10(ByteSpan match10);
/// Of an ofp10_match, which decodes to `m`.
std::vector<ValuePlace> match10_value_places(const Match& m);

/// Puts the values that `bytes` have at the places into the match that a like one decoded to. False if they
/// have a bit too many.
inline bool put_values(std::span<const ValuePlace> places, ByteSpan bytes, Match& m) {
    auto* const key = reinterpret_cast<uint8_t*>(&m.key);
    const auto* const mask = reinterpret_cast<const uint8_t*>(&m.mask);
    uint8_t extra = 0;
    for (const ValuePlace& p : places)
        for (size_t i = 0; i < p.size; ++i) {
            const uint8_t value = bytes[p.at + i], bits = mask[p.to + i];
            extra |= p.is_whole ? value & ~bits : 0;
            key[p.to + i] = value & bits;
        }
    return extra == 0;
}

}  // namespace weft::flow
