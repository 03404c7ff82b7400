// SPDX-License-Identifier: Apache-2.0
// What the flow monitors of one connection tell it: the flows there are, then each change, and after a pause
// what changed meanwhile. Pure.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "flow/sparse.h"
#include "openflow/flow_monitor.h"
#include "openflow/switch.h"

namespace weft::openflow {

/// Resource type; belongs to the OpenFlow thread. Costs nothing without monitors.
///
/// Invariant: what is not told at once (because a list of flows is under way, or the peer does not read) has
/// changed after `behind_`, and is told by a pass over the tables that looks for flows newer than that.
class MonitorFeed {
  public:
    explicit MonitorFeed(Switch& of_switch) : switch_(of_switch) {}

    bool empty() const { return monitors_.empty(); }
    /// All or none. Flows that are there come from run(), while the feed is busy, as the answer to `xid`.
    OfResult<> change(const FlowMonitorRequest& request, uint32_t xid, Time now);
    OfResult<> cancel(uint32_t id);

    /// What is to be told of a change at once. `own`: the connection made it.
    std::vector<FlowUpdate> take(std::span<const FlowEvent> events, const Requester& from, bool own);
    /// Nothing more is told until the peer has read all: the update that says so; none if it is known.
    std::optional<FlowUpdate> pause(Time now);
    struct Piece {
        std::vector<FlowUpdate> updates{};
        std::optional<uint32_t> xid{};  ///< of the request it answers
        bool more = false;              ///< of that answer comes
        bool resumed = false;           ///< all that was owed is told with this
    };
    /// The next piece of what is owed. `idle`: the peer has read all.
    Piece run(Time now, bool idle);
    /// A list of flows is under way: requests wait, so that answers stay in order.
    bool busy() const { return pass_.has_value(); }

  private:
    struct Monitor {
        FlowMonitor asked;
        flow::SparseMatch match;
    };
    /// A walk over the tables.
    struct Pass {
        std::unique_ptr<FlowCursor> cursor;
        std::vector<uint32_t> initial;       ///< monitors that are told all there is; empty: all, what is new
        std::optional<TableMoment> since{};  ///< what is new is newer than this
        std::optional<uint32_t> xid{};       ///< of the request that `initial` answers
    };
    uint16_t interest(const FlowEvent& e, std::span<const uint32_t> ids) const;
    OfResult<> change_one(const FlowMonitor& m, std::map<uint32_t, Monitor>& to,
                          std::vector<uint32_t>& initial) const;
    void start(Pass pass, Time now);
    void start_catching_up(Time now);
    /// True: that was the end of a pause.
    bool finish_pass(Time now);
    std::optional<FlowUpdate> found(const FlowStats& flow, Time now) const;
    bool known(const FlowEvent& e) const;

    Switch& switch_;
    std::map<uint32_t, Monitor> monitors_;
    std::optional<Pass> pass_;
    std::optional<TableMoment> behind_;
    bool owes_ = false;    ///< something changed after behind_
    bool paused_ = false;  ///< the peer was told
};

}  // namespace weft::openflow
