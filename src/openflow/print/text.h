// SPDX-License-Identifier: Apache-2.0
// Small pieces that texts of messages are made of.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "action/of_error.h"

namespace weft::openflow {

/// `0x1f`; zero is `0x0`.
std::string hex(uint64_t v);
/// `0x1f`; zero is `0`.
std::string short_hex(uint64_t v);
/// Decimal, or `?` for a counter that is not kept.
std::string count(uint64_t v);
/// Seconds with as many digits as there are: none, milliseconds, microseconds or nanoseconds; with "s".
std::string duration(uint32_t s, uint32_t ns);

struct BitName {
    uint64_t bit;
    std::string_view name;
};
/// The names of the bits set, in the order of `names`, and in hex those that have none; `none` if there is
/// none.
std::string bit_names(uint64_t bits, std::span<const BitName> names, std::string_view separator = " ",
                      std::string_view none = "0");

/// The words of a flow's flags, each with a blank behind it.
std::string flow_flags(uint16_t flags);

}  // namespace weft::openflow
