// SPDX-License-Identifier: Apache-2.0
// What every datapath offers: ports, megaflows, packets to execute, misses to translate. dp/user, dp/ebpf and
// dp/fake implement it and run the same fixtures.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "action/dp_action.h"
#include "action/meter_spec.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "dp/drop.h"
#include "flow/match.h"
#include "obs/metrics.h"
#include "packet/packet.h"

namespace weft::dp {

/// What to open. `options` are those of the Interface row that concern the device.
struct PortSpec {
    std::string name;
    std::string type;  ///< system, internal, tap, dummy ... (never patch: that exists only in the pipeline)
    std::map<std::string, std::string> options;
    std::optional<DpPort> request;  ///< wanted number, as after a restart
};
/// A counter that the port does not keep.
inline constexpr uint64_t not_counted = ~uint64_t{0};
struct PortStats {
    uint64_t rx_packets = 0, tx_packets = 0, rx_bytes = 0, tx_bytes = 0;
    uint64_t rx_dropped = not_counted, tx_dropped = not_counted, rx_errors = not_counted,
             tx_errors = not_counted, collisions = not_counted, rx_frame_errors = not_counted,
             rx_over_errors = not_counted, rx_crc_errors = not_counted, rx_missed_errors = not_counted,
             rx_multicast_packets = not_counted;
    std::map<std::string, uint64_t> custom;  ///< what only devices of this kind count
};
/// What the device is like now.
struct PortState {
    std::string name, type;
    DpPort number = dp_none;
    Mac mac;
    int mtu = 0, ifindex = 0;
    bool admin_up = false, link_up = false;
    uint64_t link_speed_bps = 0;  ///< 0: unknown
    bool full_duplex = true;
    uint64_t link_resets = 0;
    std::map<std::string, std::string> status;  ///< driver_name and the like
};

/// Actions are immutable once installed and shared between flow, packets in flight and dumps.
using ActionsPtr = std::shared_ptr<const action::dp::Actions>;

/// Names one installed flow as long as it lives; printed as a ufid.
struct FlowId {
    uint64_t hi = 0, lo = 0;
    constexpr auto operator<=>(const FlowId&) const = default;
};
struct FlowStats {
    uint64_t packets = 0, bytes = 0;
    std::optional<Time> used;  ///< none: never
    uint16_t tcp_flags = 0;
};
struct FlowInfo {
    FlowId id;
    flow::Match match;
    flow::HeaderKinds kinds;  ///< of the packet it was made for: which fields it has that do not matter
    ActionsPtr actions;
    FlowStats stats;
    int pmd = -1;  ///< thread (core) that owns it; -1: all
};

/// A packet that needs translation: it missed, or an action sent it up.
struct Upcall {
    const packet::Packet& packet;
    const flow::FlowKey& key;
    const action::dp::Userspace* userspace = nullptr;  ///< null: a miss
    Time now;
};
/// What to do with it, and the megaflow to install (none: forward, do not cache).
struct Verdict {
    ActionsPtr actions;
    struct Install {
        FlowId id;
        flow::FlowMask mask;
    };
    std::optional<Install> install;
};

/// The switch's side. Called on any thread, at the same time from several; must not call back into the
/// datapath.
class UpcallHandler {
  public:
    virtual ~UpcallHandler() = default;
    virtual Verdict upcall(const Upcall& up) = 0;
    /// Some of the packets that were dropped, at a bounded rate (DropSamples).
    virtual void dropped(const DroppedPacket&) {}
    /// A packet that a tap asks for, before anything is done with it.
    virtual void tapped(const Upcall&) {}
};

/// A flow that an earlier process left in the kernel, where it goes on forwarding. Bits that the mask has not
/// are zero.
struct LeftFlow {
    flow::Match match;
    FlowStats stats;
};

struct DatapathStats {
    uint64_t hit = 0, missed = 0, lost = 0, mask_hit = 0, cache_hit = 0;
    size_t flows = 0, masks = 0;
};

/// A number that only one kind of datapath has, for whoever looks after it. Value type.
struct DatapathFact {
    std::string_view group;  ///< "upcalls", "flows in user space", "kernel" ...
    std::string_view name, text;
    uint64_t value = 0;
    bool is_gauge = false;  ///< else it only grows
};

/// Which devices of the host appeared, vanished or changed, by name; `all`: any may have.
struct DeviceNews {
    std::set<std::string, std::less<>> names;
    bool all = false;
};

struct MeterFeatures {
    uint32_t max_meters = 0;
    uint8_t max_bands = 0;
};

enum class PutMode : uint8_t { create, modify, create_or_modify };

/// Resource type. Calls from one control thread; counters and dumps never stop forwarding.
class Datapath {
  public:
    virtual ~Datapath() = default;

    virtual std::string_view type() const = 0;  ///< "netdev", "dummy", ...
    virtual std::string_view name() const = 0;  ///< "ovs-netdev", ...

    virtual Result<DpPort> add_port(const PortSpec& spec) = 0;
    virtual Result<void> remove_port(DpPort port) = 0;
    virtual Result<void> set_port_options(DpPort port, const PortSpec& spec) = 0;
    /// Administratively, as `ip link set DEVICE up|down` does.
    virtual Result<void> set_port_up(DpPort port, bool up) = 0;
    virtual std::vector<PortState> ports() const = 0;
    /// code ENODEV if there is no such port.
    virtual Result<PortState> port_state(DpPort port) const = 0;
    virtual Result<PortStats> port_stats(DpPort port) const = 0;
    /// Readable when there is news of devices; -1: there is no telling.
    virtual int news_fd() const { return -1; }
    /// Takes note of all news there is, without waiting; run() does so too.
    virtual void note_news() {}
    /// What was noted since the last call.
    virtual DeviceNews take_news() { return {}; }

    virtual Result<void> put_flow(FlowId id, const flow::Match& match, ActionsPtr actions, PutMode mode) = 0;
    /// The final statistics of the flow that is gone.
    virtual Result<FlowStats> remove_flow(FlowId id) = 0;
    virtual std::optional<FlowInfo> flow(FlowId id) const = 0;
    /// Visits every flow once; flows put or removed meanwhile may be missed or seen.
    virtual void for_each_flow(const std::function<void(const FlowInfo&)>& visit) const = 0;
    /// Statistics of each of `ids`, in order; none if there is no such flow. Cheap enough for a million.
    virtual void flow_stats(std::span<const FlowId> ids, std::span<std::optional<FlowStats>> out) const = 0;
    virtual void flush_flows() = 0;

    /// Runs actions on a packet now (packet-out, tests). `key` is the packet's key.
    virtual void execute(packet::Packet&& packet, const flow::FlowKey& key, ActionsPtr actions) = 0;

    virtual MeterFeatures meter_features() const = 0;
    /// A new meter for the action of that number, or another specification for one; its number. The error is
    /// that all numbers are taken.
    virtual Result<uint32_t> set_meter(std::optional<uint32_t> id, const action::MeterSpec& spec,
                                       Time now) = 0;
    virtual void remove_meter(uint32_t id) = 0;
    virtual std::optional<action::MeterCounts> meter_counts(uint32_t id) const = 0;
    /// The meter that packets pass which the port brings, and whose flow cannot be done without user space;
    /// none: no limit. A datapath all of which is user space has no such packets.
    virtual void set_slow_path_meter(DpPort /*port*/, std::optional<uint32_t> /*meter*/) {}

    virtual void set_handler(UpcallHandler* handler) = 0;
    /// Shows the handler every packet that comes in and matches, until that is taken back (none). It is
    /// forwarded as ever. False: this datapath cannot.
    virtual bool set_tap(const std::optional<flow::Match>& /*match*/) { return false; }
    /// VLAN tags that keys show, 1 or 2 (other_config:vlan-limit).
    virtual void set_vlan_limit(unsigned /*tags*/) {}
    virtual DatapathStats stats() const = 0;
    /// Of packets that no megaflow of the fast path carried: from their arrival until they were sent. Where
    /// the kernel's programs send them up, they note when; else it is when their batch was taken from the
    /// device.
    virtual obs::Histogram::Snapshot upcall_latency() const { return {}; }
    virtual std::vector<DatapathFact> facts() const { return {}; }
    /// Packets dropped for reasons of the datapath; those that a port brought, or for tx and mtu, did not
    /// take.
    virtual DropCounts drops() const { return {}; }
    virtual DropCounts port_drops(DpPort) const { return {}; }
    /// By port, frames that came while its queue was full: others were being forwarded or translated.
    virtual std::vector<std::pair<DpPort, uint64_t>> overflows() const { return {}; }
    /// Work that a datapath without threads does when its owner's loop turns; the next time it wants to be
    /// called.
    virtual Time run(Time now) = 0;

    /// Before the first port is added: until go(), nothing is received, and what an earlier process left in
    /// the kernel goes on forwarding.
    virtual void hold() {}
    /// While held: what that is.
    virtual std::vector<LeftFlow> left_flows() const { return {}; }
    /// Flows go on forwarding when the process ends.
    virtual bool outlives_process() const { return false; }
    /// Starts to forward, in place of the earlier process. No packet is lost by that, and none overtakes
    /// another.
    virtual Result<void> go() { return {}; }
};

}  // namespace weft::dp
