// SPDX-License-Identifier: Apache-2.0
// Which keys of other_config the switch heeds.
#pragma once

#include <string>
#include <string_view>

namespace weft::bridge {

/// What is wrong with such a key of a row of the table, for Unsupported::problem: nothing is done about it
/// yet, or nobody knows it. Empty: it is heeded.
std::string problem_of_key(std::string_view table, std::string_view key);

}  // namespace weft::bridge
