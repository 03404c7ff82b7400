// SPDX-License-Identifier: Apache-2.0
// Datapath actions: what a megaflow does to a packet. A short flat list, no priorities, no tables. Text as in
// the manual of dpctl: `push_vlan(vid=5,pcp=0),2`.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "action/action.h"
#include "base/address.h"
#include "base/be.h"
#include "base/ids.h"
#include "base/result.h"

namespace weft::action::dp {

struct Action;
using Actions = std::vector<Action>;

struct Output {
    DpPort port;
    bool operator==(const Output&) const = default;
};
/// Why a packet goes up to user space.
enum class PuntReason : uint8_t { miss, controller, slow_path, sflow, ipfix, sample };
/// Bits of Userspace::arg for PuntReason::slow_path, as named in `userspace(pid=..,slow_path(..))`.
namespace slow {
inline constexpr uint32_t cfm = 1, bfd = 2, lacp = 4, stp = 8, lldp = 16, action = 32, match = 64,
                          controller = 128;
}
struct Userspace {
    PuntReason reason{};
    /// slow_path: its bits; controller: names the packet-in to be (pipeline::Punt::id), printed as recirc_id.
    uint32_t arg = 0;
    uint16_t max_len = 0;  ///< bytes of the packet wanted; 0xffff: all
    // controller only, and only for the text: `controller(reason=1,dont_send=0,...)`.
    uint8_t controller_reason = 0;
    bool dont_send = false, continuation = false;
    uint16_t controller_id = 0;
    uint64_t cookie = 0;  ///< of the rule
    bool operator==(const Userspace&) const = default;
};
struct PushVlan {
    Be16 tpid, tci;  ///< tci has flow::vlan_present set
    bool operator==(const PushVlan&) const = default;
};
struct PopVlan {
    bool operator==(const PopVlan&) const = default;
};
struct PushMpls {
    Be32 lse;
    Be16 eth_type;
    bool operator==(const PushMpls&) const = default;
};
struct PopMpls {
    Be16 eth_type;  ///< of what remains
    bool operator==(const PopMpls&) const = default;
};

// Set actions: header fields under a mask of the same shape. All ones in the mask prints as set(..), others
// as masked set(..).
struct EthHeader {
    Mac src, dst;
    bool operator==(const EthHeader&) const = default;
};
struct Ipv4Header {
    Be32 src, dst;
    uint8_t proto, tos, ttl, frag;  ///< proto and frag are never changed
    bool operator==(const Ipv4Header&) const = default;
};
struct Ipv6Header {
    Ip6 src, dst;
    Be32 label;
    uint8_t proto, tclass, hlimit, frag;
    bool operator==(const Ipv6Header&) const = default;
};
struct ArpHeader {
    Be32 sip, tip;
    Be16 op, pad;
    Mac sha, tha;
    bool operator==(const ArpHeader&) const = default;
};
struct NdHeader {
    Ip6 target;
    Mac sll, tll;
    bool operator==(const NdHeader&) const = default;
};
enum class L4 : uint8_t { tcp, udp, sctp, icmp, icmpv6 };
struct L4Header {
    Be16 src, dst;  ///< icmp: type and code in the low bytes
    bool operator==(const L4Header&) const = default;
};
struct MplsHeader {
    Be32 lse;
    bool operator==(const MplsHeader&) const = default;
};
struct NshHeader {  ///< RFC 8300; context: of metadata type 1 only
    uint8_t flags, ttl, si, pad;
    Be32 spi, context[4];
    bool operator==(const NshHeader&) const = default;
};
template <class Header>
struct Set {
    Header value{}, mask{};
    bool operator==(const Set&) const = default;
};
struct SetL4 {
    L4 proto{};
    L4Header value{}, mask{};
    bool operator==(const SetL4&) const = default;
};
struct SetSkbMark {
    uint32_t value = 0, mask = ~0u;
    bool operator==(const SetSkbMark&) const = default;
};
struct SetSkbPriority {
    uint32_t value = 0;
    bool operator==(const SetSkbPriority&) const = default;
};
struct Trunc {
    uint32_t max_len = 0;  ///< applies to the next output
    bool operator==(const Trunc&) const = default;
};
struct Clone {
    std::shared_ptr<const Actions> actions;
    bool operator==(const Clone& o) const;
};
struct Sample {
    uint32_t probability = 0;  ///< of 2^32 - 1
    std::shared_ptr<const Actions> actions;
    bool operator==(const Sample& o) const;
};
struct Recirc {
    uint32_t id = 0;
    bool operator==(const Recirc&) const = default;
};
struct Hash {
    uint32_t algorithm = 0, basis = 0;
    bool operator==(const Hash&) const = default;
};
struct Meter {
    uint32_t id = 0;
    bool operator==(const Meter&) const = default;
};
/// Drops with a counted reason (enum of the pipeline); an empty list drops too, without one.
struct Drop {
    uint32_t reason = 0;
    bool operator==(const Drop&) const = default;
};
struct CheckPktLen {
    uint16_t size = 0;  ///< bytes of the frame
    std::shared_ptr<const Actions> greater, less_equal;
    bool operator==(const CheckPktLen& o) const;
};
/// Bits of a connection's mark or label to set.
template <class T>
struct Masked {
    T value{}, mask{};
    bool operator==(const Masked&) const = default;
};
struct Ct {
    bool commit = false, force = false;
    uint16_t zone = 0;
    std::optional<Masked<uint32_t>> mark;
    std::optional<Masked<Ip6>> label;  ///< 128 bits
    std::string helper, timeout;
    std::optional<action::Nat> nat;
    bool operator==(const Ct&) const = default;
};
struct CtClear {
    bool operator==(const CtClear&) const = default;
};
// Headers around the packet. A packet without an Ethernet header begins with what its packet type says.
struct PushEth {
    Mac src, dst;
    bool operator==(const PushEth&) const = default;
};
struct PopEth {
    bool operator==(const PopEth&) const = default;
};
struct PushNsh {  ///< RFC 8300, in front of all
    uint8_t flags = 0, ttl = 63, mdtype = 1, np = 0, si = 255;
    Be32 spi;
    Be32 context[4];  ///< of metadata type 1
    Bytes md2;        ///< of metadata type 2: its TLVs, padded
    bool operator==(const PushNsh&) const = default;
};
struct PopNsh {
    bool operator==(const PopNsh&) const = default;
};
struct AddMpls {  ///< in front of all, of an Ethernet header too
    Be32 lse;
    Be16 eth_type;
    bool operator==(const AddMpls&) const = default;
};
// Reserved for later work, so that a dispatcher written now does not change shape: TunnelPush, TunnelPop,
// LbOutput. Each arrives with its struct here.

struct Action {
    using Variant =
        std::variant<Output, Userspace, PushVlan, PopVlan, PushMpls, PopMpls, Set<EthHeader>, Set<Ipv4Header>,
                     Set<Ipv6Header>, Set<ArpHeader>, Set<NdHeader>, Set<MplsHeader>, Set<NshHeader>, SetL4,
                     SetSkbMark, SetSkbPriority, Trunc, Clone, Sample, Recirc, Hash, Meter, CheckPktLen, Ct,
                     CtClear, Drop, PushEth, PopEth, PushNsh, PopNsh, AddMpls>;
    Variant v;

    template <class T>
    Action(T a) : v(std::move(a)) {}  // NOLINT(google-explicit-constructor): a list of actions reads as one
    // Compiled once, in dp_action.cc: they are long.
    Action(const Action&);
    Action(Action&&) noexcept;
    Action& operator=(const Action&);
    Action& operator=(Action&&) noexcept;
    ~Action();
    bool operator==(const Action&) const;
};

}  // namespace weft::action::dp
