// SPDX-License-Identifier: Apache-2.0
// How counters are written in JSON that we print.
#pragma once

#include "codec/json.h"

namespace weft::codec {

/// 64 bits do not fit the integers of all readers: a string beyond 2^53.
inline Json number(uint64_t v) {
    constexpr uint64_t largest = uint64_t{1} << 53;
    return v <= largest ? Json(v) : Json(std::to_string(v));
}
/// ~0, which says that nobody counts, is null.
inline Json counter(uint64_t v) { return v == ~uint64_t{0} ? Json() : number(v); }

}  // namespace weft::codec
