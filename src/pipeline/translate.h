// SPDX-License-Identifier: Apache-2.0
// translate(): from a packet and a snapshot to datapath actions, the bits they depend on, and everything else
// that follows from the packet. The heart of the switch; pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "action/action.h"
#include "action/dp_action.h"
#include "base/time.h"
#include "flow/flow_key.h"
#include "flow/match.h"
#include "obs/trace.h"
#include "pipeline/drop.h"
#include "pipeline/effects.h"
#include "pipeline/snapshot.h"

namespace weft::pipeline {

inline constexpr size_t max_stack_bytes = 65536;

/// Bugs planted on purpose, one at a time, to prove that the tests would find them. Off in every program.
enum class Plant : uint8_t {
    none,
    lookup_forgets_mask,   ///< a table lookup does not un-wildcard
    move_forgets_source,   ///< move and push read without un-wildcarding
    normal_forgets_dst,    ///< NORMAL looks the destination up without un-wildcarding it
    normal_forgets_vlan,   ///< NORMAL reads the VLAN without un-wildcarding it
    noop_set_forgets,      ///< a set action left out because it changes nothing is not un-wildcarded
    ttl_forgets,           ///< dec_ttl reads the TTL without un-wildcarding it
    output_reg_forgets,    ///< output:reg reads without un-wildcarding
    clone_forgets_mask,    ///< what a clone or the bridge behind a patch port looked at is forgotten after it
    vlan_bits_cleared,     ///< the closing pass clears the bits of a VLAN tag
    frag_forgets,          ///< IP fragment bits are not always matched
    learn_forgets_source,  ///< learn copies a field without un-wildcarding it
    stale_version,         ///< lookups see the tables as they were one change ago
    stage_forgets_word,    ///< a stage of a lookup that fails does not un-wildcard all it looked at
    trie_forgets_bit,      ///< a prefix that rules a subtable out is un-wildcarded one bit short
    conjunction_forgets,   ///< what tells that a conjunction does not match is not un-wildcarded
    conjunction_floor,     ///< the priority of a conjunction's clauses is not recorded as read
    reads_forget_misses,   ///< a table that was looked up in vain is not recorded
    select_forgets_hash,   ///< a select group hashes without un-wildcarding
    dp_hash_forgets_bits,  ///< a select group looks at the datapath's hash without un-wildcarding it
    liveness_not_read,     ///< a group asks whether a port is alive without recording it
    frozen_forgets_register,  ///< a frozen state loses register 0
    choice_forgets_address,   ///< multipath and bundle hash an address without un-wildcarding it
    nsh_ttl_forgets,          ///< dec_nsh_ttl reads the TTL without un-wildcarding it
    length_forgets_branch,    ///< what only the longer packets' branch looked at is forgotten
    count,
};

/// One packet to translate.
struct Request {
    /// The packet's key; in_port is an OpenFlow port of `bridge` (see key_in_bridge()).
    const flow::FlowKey& key;
    BridgeId bridge;
    size_t packet_len = 0;
    /// packet-out: these actions in place of table 0.
    const action::Actions* actions = nullptr;
    /// A controller resumes what it was asked to: goes on from this state.
    const Frozen* resume = nullptr;
    /// Filled in if given: the story for ofproto/trace. Costs nothing otherwise.
    obs::TraceNode* trace = nullptr;
    bool trace_names = false;  ///< the story calls ports by their names
    /// This translation is for a packet that exists, so what depends on the packet's content may be done.
    bool with_packet = true;
    Plant plant = Plant::none;
};

/// Where a translation that drops was when the reason came up. Value type.
struct DropSite {
    BridgeId bridge;
    OfPort in_port;
    uint8_t table = 0;
    RulePtr rule;  ///< null: none
};

/// Value type.
struct Translation {
    action::dp::Actions actions;  ///< empty: drop
    /// Bits of the datapath's key on which all of this depends. in_port counts as the datapath's port, whole.
    flow::FlowMask mask{};
    std::vector<Read> reads;
    std::vector<Effect> effects;
    std::vector<Punt> punts;
    std::vector<RecircPtr> recircs;   ///< states that `actions` recirculate to; hold them as long as those
    Drop drop = Drop::none;           ///< why nothing is sent, or where translation gave up
    bool failed = false;              ///< translation gave up
    DropSite drop_site;               ///< filled in if there is a reason, and a trace
    uint32_t slow = 0;                ///< action::dp::slow bits: the datapath must send every packet up
    flow::FlowKey final_key{};        ///< what the rules made of the packet, in the first bridge
    std::optional<OfPort> nf_output;  ///< the only output port, for flow export

    /// As if new. The memory of the lists stays.
    void clear();
};

Translation translate(const Snapshot& snapshot, const Request& request);
/// The same, in place of what `out` has been used for before: the memory of its lists stays.
void translate(const Snapshot& snapshot, const Request& request, Translation& out);

/// Where a packet from the datapath came from, and its key as that bridge sees it; none: no bridge has the
/// port, or nothing is known of its recirculation.
std::optional<BridgeId> key_in_bridge(const Snapshot& snapshot, const flow::FlowKey& datapath_key,
                                      flow::FlowKey& out);

/// The megaflow for the packet: the datapath's key under the translation's mask.
flow::Match megaflow(const flow::FlowKey& datapath_key, const Translation& translation);

}  // namespace weft::pipeline
