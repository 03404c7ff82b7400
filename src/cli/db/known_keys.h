// SPDX-License-Identifier: Apache-2.0
// Keys of other_config, options and their like that mean something (schema/vswitch.keys).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ovsdb/snapshot.h"

namespace weft::cli::db {

/// Value type: one line of the list.
struct KnownKey {
    enum class Kind : uint8_t { string, boolean, integer, one_of };
    std::string table, column, key;
    bool is_prefix = false;  ///< any ending will do
    Kind kind = Kind::string;
    int64_t min = INT64_MIN, max = INT64_MAX;
    std::vector<std::string> words = {};
};

/// Errors name the line.
Result<std::vector<KnownKey>> parse_known_keys(std::string_view text);
/// Of the database Open_vSwitch, as this program was built with.
const std::vector<KnownKey>& vswitch_keys();

/// What is odd about the keys that `changes` add or set: unknown ones, with what may have been meant, and
/// values that are not as the key has them. external_ids are free for all, so only what looks like a slip is
/// told. Columns of which `keys` knows nothing are passed over.
std::vector<std::string> doubtful_keys(const ovsdb::Changes& changes, const ovsdb::Schema& schema,
                                       const std::vector<KnownKey>& keys);

}  // namespace weft::cli::db
