// SPDX-License-Identifier: Apache-2.0
// The match structures of OpenFlow messages: ofp10_match (40 bytes), ofp11_match (88 bytes), and ofp_match of
// 1.2 and newer, which is a header around OXM fields.
#pragma once

#include "flow/oxm.h"

namespace weft::flow {

inline constexpr size_t match10_size = 40, match11_size = 88;

/// OpenFlow 1.0. Never refuses: what does not apply is ignored (OpenFlow 1.0.1 section 3.4).
Match decode_match10(ByteReader& in);
void encode_match10(const Match& m, ByteWriter& out);
/// False if ofp10_match would lose something.
bool fits_match10(const Match& m);

/// ofp_match of OpenFlow 1.1 and newer: type, length, and in 1.1 the standard structure, from 1.2 OXM padded
/// to 8 bytes. 1.1 takes OXM too.
MatchResult<Match> decode_ofp_match(ByteReader& in, const OxmOptions& options = {});
void encode_ofp_match(const Match& m, uint8_t of_version, ByteWriter& out);
bool fits_match11(const Match& m);

/// Which fields tp_src and tp_dst of the fixed structures are for such packets; none if they have no ports.
struct PortFields {
    FieldId src, dst;
};
std::optional<PortFields> port_fields(const FlowKey& k);
/// "No tag" written so that all of the TCI counts, as the fixed structures have it: the same packets.
Match with_whole_untagged_tci(const Match& m);

}  // namespace weft::flow
