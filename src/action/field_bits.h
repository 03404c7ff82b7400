// SPDX-License-Identifier: Apache-2.0
// Shifts of field values, which are 128 bits wide.
#pragma once

#include "flow/field.h"

namespace weft::action {

inline unsigned __int128 to_u128(const flow::FieldValue& v) {
    unsigned __int128 x = 0;
    for (const uint8_t b : v.b) x = x << 8 | b;
    return x;
}
inline flow::FieldValue from_u128(unsigned __int128 x) {
    flow::FieldValue v;
    for (size_t i = v.b.size(); i-- > 0; x >>= 8) v.b[i] = static_cast<uint8_t>(x);
    return v;
}
/// ofs < 128.
inline flow::FieldValue shift_left(const flow::FieldValue& v, unsigned ofs) {
    return from_u128(to_u128(v) << ofs);
}
/// Bits [ofs, ofs + n_bits), right-aligned.
inline flow::FieldValue bits_at(const flow::FieldValue& v, unsigned ofs, unsigned n_bits) {
    return from_u128(to_u128(v) >> ofs) & flow::FieldValue::ones(n_bits);
}

}  // namespace weft::action
