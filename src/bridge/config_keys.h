// SPDX-License-Identifier: Apache-2.0
// Which keys of other_config and its like the switch heeds, and what it does where there is none.
#pragma once

#include <string>
#include <string_view>

#include "bridge/config.h"

namespace weft::bridge {

/// A key of a column that is a map of strings.
struct KeyName {
    std::string_view table, column, key;
    bool operator==(const KeyName&) const = default;
};

/// What is wrong with such a key of a row, for Unsupported::problem: nothing is done about it yet, nobody
/// knows it, or its value makes no sense. Empty: it is heeded.
std::string problem_of_key(const KeyName& name, std::string_view value);

/// The value of a key of other_config that is a number: where it is beyond what schema/vswitch.keys allows
/// the nearest that is not, where it is no number or there is none the default.
int64_t number_of(const StringMap& other_config, std::string_view table, std::string_view key);
/// The same of a key whose default is to do without.
std::optional<int64_t> number_if_any(const StringMap& other_config, std::string_view table,
                                     std::string_view key);

}  // namespace weft::bridge
