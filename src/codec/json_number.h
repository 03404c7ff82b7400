// SPDX-License-Identifier: Apache-2.0
// The number of a JSON number's text.
#pragma once

#include <optional>
#include <string_view>

#include "codec/json.h"

namespace weft::codec {

/// `text` must match the JSON grammar of numbers. An integer if the value is integral and fits into 64 bits,
/// a real otherwise (0 where it is too small); nullopt if it is beyond the range of a double.
std::optional<Json> json_number(std::string_view text);

}  // namespace weft::codec
