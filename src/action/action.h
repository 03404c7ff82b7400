// SPDX-License-Identifier: Apache-2.0
// The OpenFlow actions and instructions Weft executes, free of wire versions: a decoder turns every version's
// actions into these, an encoder turns them back, text is as in ovs-actions(7). One file for each beside this
// one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "base/ids.h"
#include "flow/field.h"

namespace weft::action {

struct Action;
using Actions = std::vector<Action>;

struct Output {
    OfPort port;
    uint16_t max_len = 0;  ///< for controller only; 0xffff: whole packet
    bool operator==(const Output&) const = default;
};
struct OutputReg {
    flow::Subfield src;
    uint16_t max_len = 0;
    bool operator==(const OutputReg&) const = default;
};
struct OutputTrunc {
    OfPort port;
    uint32_t max_len = 0;
    bool operator==(const OutputTrunc&) const = default;
};
struct Controller {  ///< NXAST_CONTROLLER, NXAST_CONTROLLER2
    uint16_t max_len = 0xffff, controller_id = 0;
    uint8_t reason = 1;  ///< OFPR_ACTION
    Bytes userdata;
    bool pause = false;
    uint32_t meter_id = 0;
    bool operator==(const Controller&) const = default;
};
struct SetField {  ///< set_field, load of a constant, and most of OpenFlow 1.0's mod_*
    flow::FieldId field{};
    flow::FieldValue value, mask;
    /// The form it came in, so that dump-flows prints it back: set_field:.., load:.. or mod_..
    enum class Form : uint8_t { set_field, load, legacy } form = Form::set_field;
    flow::Subfield load_dst{};  ///< for Form::load; its place holds for every form
    bool operator==(const SetField&) const = default;
};
struct Move {
    flow::Subfield src, dst;
    bool operator==(const Move&) const = default;
};
struct PushVlan {
    uint16_t tpid = 0x8100;
    bool operator==(const PushVlan&) const = default;
};
struct StripVlan {
    bool pop_name = false;  ///< it came as OpenFlow 1.1's pop_vlan, and is printed so
    bool operator==(const StripVlan&) const = default;
};
/// mod_vlan_vid, mod_vlan_pcp: OpenFlow 1.0's add a tag where there is none (push_if_needed), 1.1's never.
struct SetVlanVid {
    uint16_t vid = 0;
    bool push_if_needed = true;
    /// check() found that the packet has a tag here, so that 1.1 and newer are told without push_vlan.
    bool flow_has_vlan = false;
    bool operator==(const SetVlanVid&) const = default;
};
struct SetVlanPcp {
    uint8_t pcp = 0;
    bool push_if_needed = true;
    bool flow_has_vlan = false;
    bool operator==(const SetVlanPcp&) const = default;
};
/// mod_tp_src, mod_tp_dst: the port of a TCP, UDP or SCTP packet, whichever it is.
struct SetTpPort {
    enum class Side : uint8_t { src, dst } side{};
    uint16_t port = 0;
    uint8_t ip_proto = 0;  ///< of the flow, found by check(); tells 1.2 and newer which field to set
    bool operator==(const SetTpPort&) const = default;
};
struct PushMpls {
    uint16_t eth_type = 0x8847;
    bool operator==(const PushMpls&) const = default;
};
struct PopMpls {
    uint16_t eth_type = 0;
    bool operator==(const PopMpls&) const = default;
};
struct SetMplsLabel {
    uint32_t label = 0;
    bool operator==(const SetMplsLabel&) const = default;
};
struct SetMplsTc {
    uint8_t tc = 0;
    bool operator==(const SetMplsTc&) const = default;
};
struct SetMplsTtl {
    uint8_t ttl = 0;
    bool operator==(const SetMplsTtl&) const = default;
};
struct DecMplsTtl {
    bool operator==(const DecMplsTtl&) const = default;
};
struct DecTtl {
    std::vector<uint16_t> controllers{0};
    bool with_ids = false;  ///< NXAST_DEC_TTL_CNT_IDS
    bool operator==(const DecTtl&) const = default;
};
struct StackPush {
    flow::Subfield src;
    bool operator==(const StackPush&) const = default;
};
struct StackPop {
    flow::Subfield dst;
    bool operator==(const StackPop&) const = default;
};
struct Resubmit {
    OfPort in_port = ofpp::in_port;  ///< ofpp::in_port: unchanged
    uint8_t table = 255;             ///< 255: the current one
    bool with_table = false, ct_orig = false;
    bool operator==(const Resubmit&) const = default;
};
/// Bits of Learn::flags.
namespace learn_flag {
inline constexpr uint16_t send_flow_rem = 1, delete_learned = 2, write_result = 4, all = 7;
}
struct Learn {
    uint16_t idle_timeout = 0, hard_timeout = 0, priority = 0x8000, flags = 0, fin_idle = 0, fin_hard = 0;
    uint64_t cookie = 0;
    uint8_t table = 1;
    uint32_t limit = 0;
    flow::Subfield result{};  ///< n_bits 0: none
    struct Spec {
        enum class Dst : uint8_t { match, load, output } dst_kind{};
        bool immediate = false;
        flow::Subfield src{}, dst{};  ///< src unused when immediate; dst unused for output
        flow::FieldValue value{};
        uint16_t n_bits = 0;
        bool operator==(const Spec&) const = default;
    };
    std::vector<Spec> specs;
    bool operator==(const Learn&) const = default;
};
struct Note {
    Bytes data;
    bool operator==(const Note&) const = default;
};
/// Its flow is not executed: it is a way to meet one of the conditions of flow `conj_id=id`.
/// Seconds; 0: leaves that timeout.
struct FinTimeout {
    uint16_t idle = 0, hard = 0;
    bool operator==(const FinTimeout&) const = default;
};
struct Conjunction {
    uint32_t id = 0;
    uint8_t clause = 0;  ///< from 0
    uint8_t n_clauses = 0;
    bool operator==(const Conjunction&) const = default;
};
struct Exit {
    bool operator==(const Exit&) const = default;
};
struct Clone {
    std::vector<Action> actions;
    bool operator==(const Clone&) const;
};
struct SetTunnelId {
    uint64_t id = 0;
    bool wide = false;  ///< set_tunnel64
    bool operator==(const SetTunnelId&) const = default;
};
struct SetQueue {
    uint32_t queue = 0;
    bool operator==(const SetQueue&) const = default;
};
struct PopQueue {
    bool operator==(const PopQueue&) const = default;
};
struct Enqueue {
    OfPort port;
    uint32_t queue = 0;
    bool operator==(const Enqueue&) const = default;
};
struct Group {
    uint32_t group = 0;
    bool operator==(const Group&) const = default;
};
struct Meter {  ///< an instruction in 1.3 and 1.4, where it stands first
    uint32_t meter = 0;
    bool operator==(const Meter&) const = default;
};
/// What of a packet multipath and bundle hash, by its number on the wire (ovs-actions(7)).
enum class HashFields : uint16_t {
    eth_src,
    symmetric_l4,
    symmetric_l3l4,
    symmetric_l3l4_udp,
    nw_src,
    nw_dst,
    symmetric_l3,
    count
};
struct Multipath {
    enum class Algorithm : uint16_t { modulo_n, hash_threshold, hrw, iter_hash, count };
    HashFields fields{};
    uint16_t basis = 0;
    Algorithm algorithm{};
    uint16_t max_link = 0;  ///< links are numbered from 0 to this
    uint32_t arg = 0;       ///< of iter_hash
    flow::Subfield dst;
    bool operator==(const Multipath&) const = default;
};
/// bundle; bundle_load if it has a destination.
struct Bundle {
    enum class Algorithm : uint16_t { active_backup, hrw, count };
    HashFields fields{};
    uint16_t basis = 0;
    Algorithm algorithm{};
    std::vector<OfPort> members;
    flow::Subfield dst{};  ///< n_bits 0: the packet is output
    bool operator==(const Bundle&) const = default;
};
struct Sample {
    enum class Direction : uint8_t { by_port, ingress, egress, count };
    uint16_t probability = 0;  ///< of 65535
    uint32_t collector_set = 0, obs_domain = 0, obs_point = 0;
    OfPort sampling_port = ofpp::none;
    Direction direction{};
    bool operator==(const Sample&) const = default;
};
struct CheckPktLarger {
    uint16_t length = 0;
    flow::Subfield dst;
    bool operator==(const CheckPktLarger&) const = default;
};
struct DeleteField {
    flow::FieldId field{};
    uint16_t place = 0;  ///< as Subfield::place
    bool operator==(const DeleteField&) const = default;
};
/// Bits of Ct::flags.
namespace ct_flag {
inline constexpr uint16_t commit = 1, force = 2, all = 3;
}
inline constexpr uint8_t no_recirc_table = 0xff;
struct Ct {
    uint16_t flags = 0, zone = 0, alg = 0;  ///< alg: the well-known port of the protocol
    flow::Subfield zone_src{};              ///< n_bits 0: `zone` counts
    uint8_t table = no_recirc_table;
    std::vector<Action> actions;  ///< nat, and what sets ct_mark and ct_label
    bool operator==(const Ct&) const;
};
/// Bits of Nat::flags.
namespace nat_flag {
inline constexpr uint16_t src = 1, dst = 2, persistent = 4, hash = 8, random = 16, all = 31;
}
/// Inside ct only.
struct Nat {
    uint16_t flags = 0;
    enum class Family : uint8_t { none, ipv4, ipv6 } family{};
    Ip6 first{}, last{};  ///< IPv4 in the last four bytes; last all zero: one address
    uint16_t first_port = 0, last_port = 0;
    bool operator==(const Nat&) const = default;
};
struct CtClear {
    bool operator==(const CtClear&) const = default;
};
/// Namespace << 16 | type (OpenFlow 1.5.1 section 7.2.3.11).
namespace packet_type {
inline constexpr uint32_t ethernet = 0, nsh = 0x1894f, mpls = 0x18847, mpls_multicast = 0x18848;
inline constexpr uint32_t of_next_protocol = 0xfffe;  ///< what the header taken away says
}  // namespace packet_type
struct NshTlv {
    uint16_t option_class = 0;
    uint8_t type = 0;
    Bytes value;
    bool operator==(const NshTlv&) const = default;
};
struct Encap {
    uint32_t packet_type = packet_type::ethernet;
    uint8_t md_type = 0;  ///< 0: not said, 1
    std::vector<NshTlv> tlvs;
    bool operator==(const Encap&) const = default;
};
struct Decap {
    uint32_t packet_type = packet_type::of_next_protocol;
    bool operator==(const Decap&) const = default;
};
struct DecNshTtl {
    bool operator==(const DecNshTtl&) const = default;
};
// Instructions, at the end of a list in the standard's order.
struct WriteActions {
    std::vector<Action> actions;
    bool operator==(const WriteActions&) const;
};
struct ClearActions {
    bool operator==(const ClearActions&) const = default;
};
struct WriteMetadata {
    uint64_t value = 0, mask = ~uint64_t{0};
    bool operator==(const WriteMetadata&) const = default;
};
struct GotoTable {
    uint8_t table = 0;
    bool operator==(const GotoTable&) const = default;
};

/// Value type. apply_actions is not an action of its own: its actions stand first in the list.
struct Action {
    using Variant =
        std::variant<Output, OutputReg, OutputTrunc, Controller, SetField, Move, PushVlan, StripVlan,
                     SetVlanVid, SetVlanPcp, SetTpPort, PushMpls, PopMpls, SetMplsLabel, SetMplsTc,
                     SetMplsTtl, DecMplsTtl, DecTtl, StackPush, StackPop, Resubmit, Learn, Note, FinTimeout,
                     Conjunction, Exit, Clone, SetTunnelId, SetQueue, PopQueue, Enqueue, Group, Meter,
                     Multipath, Bundle, Sample, CheckPktLarger, DeleteField, Ct, Nat, CtClear, Encap, Decap,
                     DecNshTtl, WriteActions, ClearActions, WriteMetadata, GotoTable>;
    Variant v;

    template <class T>
    Action(T a) : v(std::move(a)) {}  // NOLINT(google-explicit-constructor): a list of actions reads as one
    // Compiled once, in action.cc: they are long.
    Action(const Action&);
    Action(Action&&) noexcept;
    Action& operator=(const Action&);
    Action& operator=(Action&&) noexcept;
    ~Action();
    bool operator==(const Action&) const;
};

}  // namespace weft::action
