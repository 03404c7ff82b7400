// SPDX-License-Identifier: Apache-2.0
// Values of match fields in text, as flow syntax has them in matches and set_field.
#pragma once

#include "flow/field.h"
#include "flow/port_text.h"

namespace weft::flow {

struct MaskedValue {
    FieldValue value, mask;
    bool operator==(const MaskedValue&) const = default;
};

/// `5`, `0x5/0x7`, `10.0.0.0/8`, `+syn-ack`, `later`, `(1,0x800)` ... as FieldText says. `*` and, for numbers
/// and flags, an empty text give an all-zero mask. Value bits outside the mask or not legal for the field are
/// left as they are. Errors name the text.
Result<MaskedValue> parse_value(const Field& f, std::string_view text, const PortNames* names = nullptr);

/// As set_field prints it. The mask is left out if it has all legal bits.
std::string format_value(const Field& f, const FieldValue& value, const FieldValue& mask,
                         const PortNames* names = nullptr);

/// Numbers as flow syntax takes them: decimal, 0x hex, 0 octal; up to 128 bits. `-1` is 64 ones. None: not a
/// number, or too large for 128 bits (then `overflow` is set).
std::optional<FieldValue> parse_integer(std::string_view text, bool* overflow = nullptr);
/// Hex with 0x, but "0".
std::string format_hex_value(const FieldValue& v);

/// A bit's name in `+syn-ack`.
struct FlagName {
    uint32_t bit;
    std::string_view name;
};
/// Of FieldText tun_flags, tcp_flags or ct_state.
std::span<const FlagName> flag_names(FieldText kind);
/// `+trk-inv` for a mask, `new|trk` for an exact value, `0` for none.
std::string format_flags(FieldText kind, uint32_t value, uint32_t mask, bool exact);

}  // namespace weft::flow
