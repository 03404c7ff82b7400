// SPDX-License-Identifier: Apache-2.0
// NXM and OXM: match fields on the wire as type-length-value (OpenFlow 1.5.1 section 7.2.3, ovs-fields(7)).
#pragma once

#include <expected>
#include <optional>

#include "base/bytes.h"
#include "flow/match.h"

namespace weft::flow {

/// Why a match was refused, numbered and named as OpenFlow's OFPET_BAD_MATCH codes.
enum class MatchError : uint8_t {
    bad_type = 0,
    bad_len = 1,
    bad_tag = 2,
    bad_dl_addr_mask = 3,
    bad_nw_addr_mask = 4,
    bad_wildcards = 5,
    bad_field = 6,
    bad_value = 7,
    bad_mask = 8,
    bad_prereq = 9,
    dup_field = 10,
};
template <class T>
using MatchResult = std::expected<T, MatchError>;

/// One field with value and mask, as it stands in a match or a set-field action.
struct OxmField {
    FieldId id{};
    FieldValue value, mask;
    bool has_mask = false;  ///< the mask was on the wire, or shall be
    bool operator==(const OxmField&) const = default;
};

/// Reads one field and checks its length, value and mask, not its prerequisites. Port numbers become 16 bits
/// wide.
MatchResult<OxmField> decode_field(ByteReader& in);
/// Writes one field; CHECKs that it has a wire form.
void encode_field(const OxmField& f, uint8_t of_version, ByteWriter& out);
/// Reads or writes a header without value, as learn, move, push and others have: 4 bytes, 8 for
/// experimenters.
MatchResult<FieldId> decode_field_header(ByteReader& in);
void encode_field_header(FieldId id, uint8_t of_version, ByteWriter& out, bool has_mask = false);

/// NXM's cookie, which only nx_match in flow_mod and flow stats requests may have.
struct NxmCookie {
    uint64_t cookie = 0, mask = 0;
    bool operator==(const NxmCookie&) const = default;
};
struct OxmOptions {
    bool skip_unknown = false;    ///< for packet-in and the like; else bad_field
    NxmCookie* cookie = nullptr;  ///< where NXM_NX_COOKIE may go; null: it is an unknown field
    bool check_prereqs = true;    ///< false for pipeline fields, which are no match
};
/// A sequence of fields, without the ofp_match header around it.
MatchResult<Match> decode_oxm(ByteSpan tlvs, const OxmOptions& options = {});
/// Each field in the form of this version (0x01: NXM), prerequisites first.
void encode_oxm(const Match& m, uint8_t of_version, ByteWriter& out, const NxmCookie* cookie = nullptr);

/// The fields that a match constrains, each bit once, prerequisites first: what encode_oxm writes.
std::vector<OxmField> oxm_fields(const Match& m, uint8_t of_version);

}  // namespace weft::flow
