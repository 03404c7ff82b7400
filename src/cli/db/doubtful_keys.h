// SPDX-License-Identifier: Apache-2.0
// Keys of other_config, options and their like that a change sets and that mean nothing, or not as they are
// set.
#pragma once

#include <string>
#include <vector>

#include "ovsdb/known_keys.h"
#include "ovsdb/snapshot.h"

namespace weft::cli::db {

/// What is odd about the keys that `changes` add or set: unknown ones, with what may have been meant, and
/// values that are not as the key has them. external_ids are free for all, so only what looks like a slip is
/// told. Columns of which `keys` knows nothing are passed over.
std::vector<std::string> doubtful_keys(const ovsdb::Changes& changes, const ovsdb::Schema& schema,
                                       const std::vector<ovsdb::KnownKey>& keys);

}  // namespace weft::cli::db
