// SPDX-License-Identifier: Apache-2.0
// Packets to controllers. Value, free of wire versions.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "flow/match.h"
#include "openflow/flow_mod.h"
#include "openflow/version.h"

namespace weft::openflow {

enum class PacketInReason : uint8_t {
    no_match = 0,
    action = 1,
    invalid_ttl = 2,
    action_set = 3,
    group = 4,
    packet_out = 5,
    /// Ours: the table-miss flow's action. Before 1.3 it is told as no_match or action.
    explicit_miss = 6,
    /// Ours: a switch without rules behaves as a hub of its controller (1.0-1.2 table miss).
    implicit_miss = 7,
};

enum class PacketInFormat : uint8_t { standard = 0, nxt = 1, nxt2 = 2 };

/// One packet for the controllers.
struct PacketIn {
    Bytes packet{};          ///< the whole frame when the bridge hands it over; a sender cuts it to max_len
    uint32_t total_len = 0;  ///< before cutting
    PacketInReason reason{};
    uint8_t table = 0;
    uint64_t cookie = ~uint64_t{0};  ///< of the rule that sent it; all ones: none
    uint32_t buffer_id = no_buffer;
    flow::Match metadata{};  ///< in_port and the pipeline fields that are not zero (packet_in_metadata)
    Bytes userdata{}, continuation{};
    bool operator==(const PacketIn&) const = default;
};

/// What the bridge hands to Connmgr::send_packet_in: the packet and whom it is for.
struct PacketInTo {
    PacketIn message{};
    uint16_t controller_id = 0;
    uint16_t max_len = 0xffff;  ///< of the action, for traces: without buffers a cut packet would be lost, so
                                ///< it is sent whole
};

/// What became of it: the best that any connection did.
enum class Delivery : uint8_t { nobody, full, taken };

/// The reason as the version tells it: the number on the wire and in asynchronous masks. None: this version
/// is not told at all (a table miss without a rule drops since 1.3).
std::optional<uint8_t> told_reason(PacketInReason reason, Version v);

/// The match a packet-in carries for a packet with this key.
flow::Match packet_in_metadata(const flow::FlowKey& key);

}  // namespace weft::openflow
