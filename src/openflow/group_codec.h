// SPDX-License-Identifier: Apache-2.0
// Internal to openflow/: what group mod and group descriptions share.
#pragma once

#include "openflow/codec.h"

namespace weft::openflow {

/// 1.5's form of group messages, which Nicira's messages in 1.0 have too.
bool has_bucket_ids(Version v);
/// Exactly `length` bytes of buckets of such a group.
OfResult<std::vector<Bucket>> read_buckets(Input& i, size_t length, GroupType type);
void write_buckets(const GroupSpec& spec, Output& o);
/// All that is left is properties.
OfResult<GroupSelection> read_group_properties(Input& i);
void write_group_properties(const GroupSelection& s, Output& o);

}  // namespace weft::openflow
