// SPDX-License-Identifier: Apache-2.0
// Internal to openflow/: what a connection does with each request.
#pragma once

#include <utility>

#include "openflow/bundles.h"
#include "openflow/connection.h"

namespace weft::openflow {

/// A change that came alone.
class OneChange final : public ChangeSource {
  public:
    OneChange(TableChange change, bool removes) : change_(change), removes_(removes) {}
    bool removes() const override { return removes_; }
    OfResult<std::optional<TableChange>> next() override { return std::exchange(change_, std::nullopt); }

  private:
    std::optional<TableChange> change_;
    const bool removes_;
};

/// One request on its way through a connection.
struct RequestHandler {
    Connection& c;
    uint32_t xid;
    Time now;
    bool nicira = false;  ///< Message::nicira of the request

    OfResult<> run(const Body& body);

    OfResult<> operator()(const Hello&) { return refuse(OfError::brc_bad_type); }  // there was one
    OfResult<> operator()(const EchoReply&) { return {}; }
    OfResult<> operator()(const EchoRequest& m) { return reply(EchoReply{m.data}); }
    OfResult<> operator()(const BarrierRequest&) { return reply(BarrierReply{}); }
    OfResult<> operator()(const FeaturesRequest&);
    OfResult<> operator()(const GetConfigRequest&);
    OfResult<> operator()(const SetConfig& m);
    OfResult<> operator()(const PacketOut& m);
    OfResult<> operator()(const FlowMod& m);
    OfResult<> operator()(const PortMod& m);
    OfResult<> operator()(const TableMod& m);
    OfResult<> operator()(const QueueConfigRequest& m);
    OfResult<> operator()(const RoleRequest& m);
    OfResult<> operator()(const GetAsyncRequest&) { return reply(GetAsyncReply{c.async_}); }
    OfResult<> operator()(const AsyncChange& m);
    OfResult<> operator()(const SetFlowFormat& m);
    OfResult<> operator()(const UseTableId& m);
    OfResult<> operator()(const SetPacketInFormat& m);
    OfResult<> operator()(const SetControllerId& m);
    OfResult<> operator()(const FlowAge&) { return {}; }  // ages are always told
    OfResult<> operator()(const BundleControl& m);
    OfResult<> operator()(const BundleAdd& m) { return stage({m.id, m.flags, m.message}); }
    OfResult<> stage(const BundleAddView& m);
    OfResult<> operator()(const DescRequest&) { return reply(DescReply{c.switch_.desc()}); }
    OfResult<> operator()(const FlowQuery& m);
    OfResult<> operator()(const FlowMonitorRequest& m);
    OfResult<> operator()(const FlowMonitorCancel& m) { return c.monitors_.cancel(m.id); }
    OfResult<> operator()(const TlvTableMod& m);
    OfResult<> operator()(const TlvTableRequest&) { return reply(c.switch_.tlv_table()); }
    OfResult<> operator()(const CtFlush& m);
    OfResult<> operator()(const IpfixRequest&) {
        return refuse(OfError::nxst_not_configured);
    }  // no exporters yet
    OfResult<> operator()(const TableStatsRequest&) { return reply(TableStatsReply{c.switch_.tables()}); }
    OfResult<> operator()(const TableDescRequest&) { return reply(TableDescReply{c.switch_.tables()}); }
    OfResult<> operator()(const TableFeaturesRequest& m);
    OfResult<> operator()(const PortStatsRequest& m);
    OfResult<> operator()(const PortDescRequest& m);
    OfResult<> operator()(const QueueStatsRequest& m);
    OfResult<> operator()(const QueueDescRequest& m);
    OfResult<> operator()(const Resume& m);
    OfResult<> operator()(const GroupMod& m);
    OfResult<> operator()(const GroupStatsRequest& m);
    OfResult<> operator()(const GroupDescRequest& m);
    OfResult<> operator()(const GroupFeaturesRequest&);
    OfResult<> operator()(const MeterMod& m);
    OfResult<> operator()(const MeterStatsRequest& m);
    OfResult<> operator()(const MeterConfigRequest& m);
    OfResult<> operator()(const MeterFeaturesRequest&);
    /// Messages that only a switch sends.
    template <class FromSwitch>
    OfResult<> operator()(const FromSwitch&) {
        return refuse(OfError::brc_bad_type);
    }

  private:
    OfResult<> reply(Body body) {
        c.send(xid, std::move(body));
        return {};
    }
    OfResult<> commit(const BundleControl& m);
    OfResult<> apply(Bundles::Changes changes);
    void forward_groups(StagedMessages& groups);
    /// Tells it to the other connections that want to know.
    void forward(const GroupMod& m, uint32_t its_xid);
    OfResult<> check_may_change() const;
    Requester requester() const;
    /// The queues of a port or of all (none), as far as `queue` means them. Every port has one that is not
    /// configured, number 0; others do not exist yet.
    OfResult<std::vector<QueueDesc>> queues(OfPort port, uint32_t queue) const;
};

}  // namespace weft::openflow
