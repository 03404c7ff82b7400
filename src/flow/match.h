// SPDX-License-Identifier: Apache-2.0
// Match: a key and the mask that says which of its bits count.
#pragma once

#include <vector>

#include "flow/field.h"
#include "flow/flow_key.h"
#include "flow/tun_option.h"

namespace weft::flow {

/// Value type, full size, for building and decoding. Invariant: no bit of `key` is set outside `mask`. Rules
/// and megaflows keep a SparseMatch (sparse.h) instead, which stores only the words they match.
///
/// The same set of packets has one form, however it was asked for: in_port_oxm becomes in_port,
/// OpenFlow 1.0's VLAN fields become bits of the TCI (dl_vlan 0xffff: no tag; a VLAN priority implies a tag),
/// and packet_type (0,0), Ethernet, which every match means unless it says otherwise, is not stored.
struct Match {
    FlowKey key{};
    FlowMask mask{};
    /// Options of tunnels that have no place in the key yet, by rising index: TlvLayout::place() and tell()
    /// move them. Rules and megaflows have none here.
    std::vector<TunOption> options{};

    bool operator==(const Match&) const = default;
    /// Match the whole field, or the bits of `m`. Bits that are not legal for the field are ignored.
    Match& with(FieldId id, const FieldValue& v);
    Match& with(FieldId id, const FieldValue& v, const FieldValue& m);
    /// Match some bits of a field as they lie in the key, without the special rules of VLAN fields.
    Match& with_bits(Subfield sf, const FieldValue& v);
    bool matches(const FlowKey& packet) const;
    /// Clears key bits outside the mask.
    void normalize();
    /// Clears what no packet that matches can have, for want of a prerequisite (`nw_src` without `ip`); true
    /// if there was any such bit.
    bool drop_inapplicable();
};

/// In its order; replaces one of the same index.
void add_option(TunOption option, Match& match);

/// True if every packet that the match accepts has the field.
bool prereq_holds(Prereq p, const Match& m);

/// The mask of the field's bits in the match, and whether all legal bits are matched.
FieldValue field_mask(const Match& m, FieldId id);
bool is_exact(const Match& m, FieldId id);

}  // namespace weft::flow
