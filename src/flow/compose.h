// SPDX-License-Identifier: Apache-2.0
// From a key to a packet that has it: the reverse of extract(), for ofproto/trace -generate,
// netdev-dummy/receive and tests.
#pragma once

#include "base/bytes.h"
#include "flow/flow_key.h"

namespace weft::flow {

/// Headers as the key says, right lengths and checksums, and the payload that Open vSwitch's tools add: 64
/// bytes 00 01 02 ... behind UDP, TCP (but SYN, FIN and RST) and ICMP echo. Of IPv6 fragments and NSH no more
/// than the Ethertype and IPv6 header say.
Bytes compose_packet(const FlowKey& key);
/// The same with this payload.
Bytes compose_packet(const FlowKey& key, ByteSpan payload);
/// The same with as many zeros for payload as make the frame `size` bytes long; an error if the headers alone
/// are longer.
Result<Bytes> compose_packet(const FlowKey& key, size_t size);

}  // namespace weft::flow
