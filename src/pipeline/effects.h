// SPDX-License-Identifier: Apache-2.0
// What translating a packet would do besides forwarding it, as a list of values: played for the first packet,
// again when statistics come in for the megaflow, and by a trace that has a packet. And what the result
// depended on.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "flow/match.h"
#include "pipeline/config.h"
#include "pipeline/flow_change.h"
#include "pipeline/mac_table.h"
#include "pipeline/tables.h"

namespace weft::pipeline {

// ---- effects
// -------------------------------------------------------------------------------------------------------

struct CountRule {
    RulePtr rule;
    bool operator==(const CountRule&) const = default;
};
struct CountTable {
    std::shared_ptr<Tables> tables;
    uint8_t table;
    bool matched;
    bool operator==(const CountTable&) const = default;
};
/// A packet went through a group, and through one of its buckets.
struct CountGroup {
    GroupPtr group;
    std::optional<uint16_t> bucket;  ///< its place; none: counted apart
    bool operator==(const CountGroup&) const = default;
};
struct LearnMac {
    std::shared_ptr<MacTable> macs;
    Mac mac;
    uint16_t vlan;
    BundleId port;
    bool operator==(const LearnMac&) const = default;
};
/// Packets that crossed a patch port: counted as sent on one end, as received on the other.
struct CountPatch {
    std::shared_ptr<PatchCounters> sent_on, received_on;
    bool operator==(const CountPatch&) const = default;
};
/// The learn action: a flow_mod of the pipeline's own, or the refresh of what it made before.
struct LearnFlow {
    std::shared_ptr<Tables> tables;
    std::shared_ptr<const FlowChange> change;
    bool operator==(const LearnFlow&) const = default;
};
/// fin_timeout on a TCP packet with FIN or RST.
struct ReduceTimeouts {
    std::shared_ptr<Tables> tables;
    RulePtr rule;
    uint16_t idle, hard;
    bool operator==(const ReduceTimeouts&) const = default;
};
using Effect =
    std::variant<CountRule, CountTable, CountGroup, LearnMac, CountPatch, LearnFlow, ReduceTimeouts>;

/// What the effects happen for.
struct Occurrence {
    uint64_t packets = 0, bytes = 0;
    Time used;
    bool first = false;  ///< the packet itself; else statistics of a megaflow
};
/// Plays effects. Changes to flow tables go to `events`, in order, for flow-removed messages and monitors.
/// Any thread.
void play(std::span<const Effect> effects, const Occurrence& what, std::vector<RuleEvent>& events);

// ---- reads
// ---------------------------------------------------------------------------------------------------------

/// What is known of the key that a table was looked up by, beside the packets of the megaflow themselves. All
/// of it is the same for each of them.
struct TableKey {
    Be64 metadata;
    OfPort in_port;
    bool no_registers = false;  ///< all are zero
    uint32_t written = 0;       ///< bit i: word i of the packet block is no longer (all) the packet's
    bool operator==(const TableKey&) const = default;
};
/// A table was looked up. Any change there to a rule of priority >= `priority` that packets of the megaflow
/// can match may change the result; so may any rule that appears, if nothing was found (priority -1). Rules
/// found by way of a conjunction count with the lower of their own and the conjunction's priority.
struct ReadTable {
    BridgeId bridge;
    uint8_t table;
    int32_t priority = -1;
    std::optional<TableKey> key{};  ///< none: any rule there may matter
    bool operator==(const ReadTable&) const = default;
};
/// A MAC address was looked up, and found on `port` or not.
struct ReadMac {
    BridgeId bridge;
    uint16_t vlan;
    Mac mac;
    std::optional<BundleId> port;
    bool operator==(const ReadMac&) const = default;
};
/// A port's state, configuration or absence.
struct ReadPort {
    BridgeId bridge;
    OfPort port;
    bool operator==(const ReadPort&) const = default;
};
/// All ports and bundles of a bridge (flooding), and its own settings.
struct ReadBridge {
    BridgeId bridge;
    bool operator==(const ReadBridge&) const = default;
};
/// A group, its buckets, or that it does not exist.
struct ReadGroup {
    BridgeId bridge;
    uint32_t group;
    bool operator==(const ReadGroup&) const = default;
};
using Read = std::variant<ReadTable, ReadMac, ReadPort, ReadBridge, ReadGroup>;

// ---- packets to controllers
// ----------------------------------------------------------------------------------------

/// Why a packet goes to the controllers (numbers of OFPR_* where OpenFlow has one).
enum class Reason : uint8_t {
    no_match,
    action,
    invalid_ttl,
    action_set,
    group,
    packet_out,
    explicit_miss,  ///< by a table-miss rule (priority 0, matching all)
    implicit_miss,  ///< by no rule at all
};

/// One packet-in to be: named by the Userspace action that sends the packet up, as `id`. Equal punts have
/// equal ids, so a megaflow translated again compares equal. Value type.
struct Punt {
    uint32_t id = 0;  ///< hash of the rest
    BridgeId bridge;
    Reason reason{};
    uint16_t controller_id = 0, max_len = 0xffff;
    uint64_t cookie = ~uint64_t{0};  ///< of the rule; all ones: none
    uint8_t table = 0;
    std::vector<uint8_t> userdata;
    Bytes continuation;  ///< a Frozen that the controller may resume; empty: it may not
    /// What the packet itself does not tell: in_port, metadata, registers, tunnel id as they were then.
    OfPort in_port;
    flow::PipelineBlock pipe{};
    bool operator==(const Punt&) const = default;
};

}  // namespace weft::pipeline
