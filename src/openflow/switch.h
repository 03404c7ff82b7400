// SPDX-License-Identifier: Apache-2.0
// What a bridge offers its OpenFlow connections. The bridge implements it over the pipeline; tests use a
// fake.
#pragma once

#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "base/time.h"
#include "flow/sparse.h"
#include "openflow/ct_flush.h"
#include "openflow/flow_mod.h"
#include "openflow/flow_monitor.h"
#include "openflow/flow_stats.h"
#include "openflow/group.h"
#include "openflow/meter.h"
#include "openflow/packet_in.h"
#include "openflow/packet_out.h"
#include "openflow/port.h"
#include "openflow/switch_info.h"
#include "openflow/table.h"
#include "openflow/tlv_table.h"
#include "openflow/version.h"

namespace weft::openflow {

/// Who asks. `connection` is unique among the bridge's connections and never used twice; 0: nobody, the
/// switch itself.
struct Requester {
    uint64_t connection = 0;
    Version version = Version::v10;
    uint16_t controller_id = 0;
    uint32_t xid = 0;  ///< of the request
};

/// A point in the life of the flow tables: what has changed since can be asked for.
struct TableMoment {
    uint64_t version = 0;
    Time when;
};

/// What happened to a flow, for flow monitors. Borrows: valid during a call.
struct FlowEvent {
    FlowUpdate::Event event{};
    RemovedReason reason{};
    uint8_t table = 0;
    uint16_t priority = 0, idle_timeout = 0, hard_timeout = 0;
    uint64_t cookie = 0;
    const flow::SparseMatch& match;
    const action::Actions& actions;
    const action::Actions* old_actions = nullptr;  ///< of the flow that was modified or replaced
    uint64_t version = 0;                          ///< of the tables that has it
    Time created{};                                ///< the flow
};

/// A walk over a version of the flow tables that may take many turns of the loop: a dump of a million flows
/// must not hold up anybody. Flows that come or go meanwhile may be seen or missed; none is seen twice.
class FlowCursor {
  public:
    virtual ~FlowCursor() = default;
    /// Appends up to `limit` flows to `out`; false when there are no more.
    virtual bool next(size_t limit, Time now, std::vector<FlowStats>& out) = 0;
};

/// A change of flows or groups. Points to what its source keeps.
using TableChange = std::variant<const FlowMod*, const GroupMod*>;

/// Changes in order, each made when it is asked for: all of a bundle would take many times its size.
class ChangeSource {
  public:
    virtual ~ChangeSource() = default;
    /// Some of them remove flows, or may.
    virtual bool removes() const = 0;
    /// Each stands for itself: those before one that fails take effect, those behind it are not taken. Else
    /// all of them do, or none.
    virtual bool one_by_one() const { return false; }
    /// None: there are no more. Valid until the next call.
    virtual OfResult<std::optional<TableChange>> next() = 0;
    /// Of the latest: flow_mods of one kind, if not 0, are adds that differ in their cookies, priorities and
    /// the values that they match at most.
    virtual uint32_t kind() const { return 0; }
    /// So many are still to come, if that is known.
    virtual size_t at_most() const { return 0; }
};

/// Resource type. All calls come from the OpenFlow thread, one at a time; a call's effect is visible to the
/// next one. Events go the other way: the bridge calls Connmgr::send_*.
class Switch {
  public:
    virtual ~Switch() = default;

    virtual SwitchFeatures features() const = 0;
    virtual SwitchDesc desc() const = 0;
    virtual Fragments fragments() const = 0;
    virtual OfResult<> set_fragments(Fragments handling) = 0;

    /// In ascending order of number; includes the local port.
    virtual std::vector<PortDesc> ports() const = 0;
    virtual OfResult<> port_mod(const PortMod& mod) = 0;
    /// ofpp::none: of all ports.
    virtual OfResult<std::vector<PortStats>> port_stats(OfPort port, Time now) const = 0;

    virtual std::vector<TableInfo> tables() const = 0;
    virtual OfResult<> table_mod(const TableMod& mod) = 0;
    virtual OfResult<> set_table_features(const std::vector<TableFeatures>& wanted) = 0;
    /// Somebody is to hear of the room in a table as each request leaves it, so that flow_mods which come
    /// together are changes of their own.
    virtual bool tells_of_room() const = 0;

    /// In one new version of the tables: a flow_mod, a bundle, or flow_mods that came together. The error is
    /// that of the last one taken from `changes`. A buffer_id has been refused before.
    virtual OfResult<> change_tables(ChangeSource& changes, const Requester& from, Time now) = 0;
    virtual OfResult<std::unique_ptr<FlowCursor>> flows(const FlowQuery& query) const = 0;
    virtual OfResult<AggregateStats> aggregate(const FlowQuery& query) const = 0;
    virtual TableMoment moment(Time now) const = 0;
    /// Flows that were added or modified after the version.
    virtual std::unique_ptr<FlowCursor> flows_since(uint64_t version) const = 0;

    /// group_all: of all groups. One that does not exist has none.
    virtual std::vector<GroupStats> group_stats(uint32_t id, Time now) const = 0;
    virtual std::vector<GroupDesc> group_descs(uint32_t id) const = 0;

    virtual OfResult<> meter_mod(const MeterMod& mod, const Requester& from, Time now) = 0;
    /// meter_all: of all meters.
    virtual OfResult<std::vector<MeterStats>> meter_stats(uint32_t id, Time now) const = 0;
    virtual OfResult<std::vector<MeterConfig>> meter_configs(uint32_t id) const = 0;
    virtual MeterFeatures meter_features() const = 0;

    virtual TlvTableReply tlv_table() const = 0;
    virtual OfResult<> tlv_table_mod(const TlvTableMod& mod) = 0;
    /// Brings a match on tun_metadata into the form that the tables have it in; matches that cursors and
    /// events give are in it.
    virtual OfResult<> place_options(flow::Match&) const { return {}; }
    /// The way back, for what is sent.
    virtual void tell_options(flow::Match&) const {}
    virtual OfResult<> flush_connections(const CtFlush& which) = 0;

    /// A packet that was paused goes on; nxr_stale: from no state of ours.
    virtual OfResult<> resume(const PacketIn& packet, Time now) = 0;
    virtual OfResult<> packet_out(const PacketOut& out, const Requester& from, Time now) = 0;
};

}  // namespace weft::openflow
