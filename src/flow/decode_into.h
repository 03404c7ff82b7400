// SPDX-License-Identifier: Apache-2.0
// Matches on the wire, decoded where they are to lie: a match is large to move. Each takes an empty match;
// after an error nobody knows what is in it.
#pragma once

#include "flow/ofp_match.h"

namespace weft::flow {

void decode_match10(ByteReader& in, Match& m);
MatchResult<void> decode_ofp_match(ByteReader& in, Match& m, const OxmOptions& options = {});
MatchResult<void> decode_oxm(ByteSpan tlvs, Match& m, const OxmOptions& options = {});

}  // namespace weft::flow
