// SPDX-License-Identifier: Apache-2.0
// The versions of OpenFlow.
#pragma once

#include <compare>
#include <cstdint>

namespace weft::action {

/// Ordered; the value is the wire's.
enum class Version : uint8_t { v10 = 1, v11 = 2, v12 = 3, v13 = 4, v14 = 5, v15 = 6 };

constexpr uint8_t wire(Version v) { return static_cast<uint8_t>(v); }

}  // namespace weft::action
