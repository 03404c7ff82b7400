// SPDX-License-Identifier: Apache-2.0
// Keys of other_config, options and their like that mean something (schema/vswitch.keys).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weft::ovsdb {

/// Value type: one line of the list.
struct KnownKey {
    enum class Kind : uint8_t { string, boolean, integer, one_of, mac, hex };
    std::string table, column, key;
    bool is_prefix = false;  ///< any ending will do
    Kind kind = Kind::string;
    int64_t min = INT64_MIN, max = INT64_MAX;
    size_t digits = 0;  ///< hex: as many without 0x; 0: any number
    std::vector<std::string> words = {};

    bool covers(std::string_view name) const { return is_prefix ? name.starts_with(key) : name == key; }
};

/// What the value should have been; empty: it is fine.
std::string fault_of(const KnownKey& key, std::string_view value);

/// Errors name the line.
Result<std::vector<KnownKey>> parse_known_keys(std::string_view text);
/// Of the database Open_vSwitch, as this program was built with.
const std::vector<KnownKey>& vswitch_keys();

}  // namespace weft::ovsdb
