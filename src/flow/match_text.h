// SPDX-License-Identifier: Apache-2.0
// Matches in flow syntax: `tcp,in_port=1,nw_dst=10.0.0.0/8,tp_dst=80`.
#pragma once

#include "base/bytes.h"
#include "flow/field_text.h"
#include "flow/key_value.h"
#include "flow/match.h"

namespace weft::flow {

/// If the word is a field's name or alias, or a shorthand (tcp, ip, arp ...), adds it to the match and gives
/// true; a later word overrides an earlier one. False: it is something else. Call finish_match() after the
/// last word.
Result<bool> parse_match_word(const KeyValue& word, const PortNames* names, Match& match);
/// Brings bits into their one form (an ICMP type given as tp_src) and clears what cannot apply; true if
/// something was cleared that a user may miss (`nw_src` without `ip`).
bool finish_match(Match& match);
/// What is wrong with a word that nobody knows.
Error unknown_word(const KeyValue& word);

/// A whole text that has nothing but a match.
Result<Match> parse_match(std::string_view text, const PortNames* names = nullptr);

/// As ovs-ofctl dump-flows and ofproto/trace print it; empty if it matches everything. A match on recirc_id,
/// which megaflows have, also says `eth`.
std::string format_match(const Match& match, const PortNames* names = nullptr);

/// A packet's key, as ofproto/trace prints it after `Flow: `: what the packet has, and metadata that is not
/// zero.
std::string format_key(const FlowKey& key, const PortNames* names = nullptr);

/// A frame in one line, as ovs-ofctl monitor prints packets: its key, and its L4 checksum as it stands in it.
std::string format_packet(ByteSpan frame);

}  // namespace weft::flow
