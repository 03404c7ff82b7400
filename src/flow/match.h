// SPDX-License-Identifier: Apache-2.0
// Match: a key and the mask that says which of its bits count.
#pragma once

#include "flow/field.h"
#include "flow/flow_key.h"

namespace weft::flow {

/// Value type, full size, for building and decoding. Invariant: no bit of `key` is set outside `mask`. Rules
/// and megaflows keep a SparseMatch (sparse.h) instead, which stores only the words they match.
struct Match {
    FlowKey key{};
    FlowMask mask{};

    bool operator==(const Match&) const = default;
    /// Match the whole field, or the bits of `m`.
    Match& with(FieldId id, const FieldValue& v);
    Match& with(FieldId id, const FieldValue& v, const FieldValue& m);
    bool matches(const FlowKey& packet) const;
    /// Clears key bits outside the mask.
    void normalize();
};

}  // namespace weft::flow
