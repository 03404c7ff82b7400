// SPDX-License-Identifier: Apache-2.0
// Internal to print/: one print() for each message that has more to say than its name.
#pragma once

#include <string>
#include <string_view>

#include "openflow/message.h"
#include "openflow/print/print.h"
#include "openflow/print/text.h"

namespace weft::openflow {

/// The text being made, behind `NAME (xid=0x1):`.
struct Printer {
    std::string& out;
    const PrintOptions& options;
    Version version;
    std::string_view name;  ///< of the message, from its numbers
    ByteSpan body;          ///< its bytes behind the OpenFlow header

    std::string port(OfPort p) const { return flow::format_port(p, options.names.ports); }
    /// As words of a match: port `none` is ANY there.
    std::string match(const flow::Match& m) const;
    /// `priority=5,ip,in_port=1`, what is usual left out.
    std::string rule(const flow::Match& m, uint16_t priority) const;
    void packet(ByteSpan frame);
};

/// "idle", "hard" ...
std::string removed_reason_name(RemovedReason r);

void print(const Hello& m, Printer& p);
void print(const ErrorReport& m, Printer& p);
void print(const EchoRequest& m, Printer& p);
void print(const EchoReply& m, Printer& p);
void print(const FeaturesReply& m, Printer& p);
void print(const GetConfigReply& m, Printer& p);
void print(const SetConfig& m, Printer& p);
void print(const PacketIn& m, Printer& p);
void print(const Resume& m, Printer& p);
void print(const PacketOut& m, Printer& p);
void print(const FlowRemoved& m, Printer& p);
void print(const FlowMod& m, Printer& p);
void print(const FlowQuery& m, Printer& p);
void print(const FlowStatsReply& m, Printer& p);
void print(const AggregateReply& m, Printer& p);
void print(const PortStatus& m, Printer& p);
void print(const PortMod& m, Printer& p);
void print(const PortStatsRequest& m, Printer& p);
void print(const PortStatsReply& m, Printer& p);
void print(const PortDescRequest& m, Printer& p);
void print(const PortDescReply& m, Printer& p);
void print(const QueueStatsRequest& m, Printer& p);
void print(const QueueStatsReply& m, Printer& p);
void print(const QueueDescRequest& m, Printer& p);
void print(const QueueDescReply& m, Printer& p);
void print(const QueueConfigRequest& m, Printer& p);
void print(const QueueConfigReply& m, Printer& p);
void print(const GroupMod& m, Printer& p);
void print(const GroupStatsRequest& m, Printer& p);
void print(const GroupStatsReply& m, Printer& p);
void print(const GroupDescRequest& m, Printer& p);
void print(const GroupDescReply& m, Printer& p);
void print(const GroupFeaturesReply& m, Printer& p);
void print(const MeterMod& m, Printer& p);
void print(const MeterStatsRequest& m, Printer& p);
void print(const MeterStatsReply& m, Printer& p);
void print(const MeterConfigRequest& m, Printer& p);
void print(const MeterConfigReply& m, Printer& p);
void print(const MeterFeaturesReply& m, Printer& p);
void print(const TableMod& m, Printer& p);
void print(const TableStatsReply& m, Printer& p);
void print(const TableDescReply& m, Printer& p);
void print(const TableFeaturesRequest& m, Printer& p);
void print(const TableFeaturesReply& m, Printer& p);
void print(const RoleRequest& m, Printer& p);
void print(const RoleReply& m, Printer& p);
void print(const RoleStatus& m, Printer& p);
void print(const AsyncChange& m, Printer& p);
void print(const GetAsyncReply& m, Printer& p);
void print(const SetFlowFormat& m, Printer& p);
void print(const UseTableId& m, Printer& p);
void print(const SetPacketInFormat& m, Printer& p);
void print(const SetControllerId& m, Printer& p);
void print(const BundleControl& m, Printer& p);
void print(const BundleAdd& m, Printer& p);
void print(const DescReply& m, Printer& p);
void print(const FlowMonitorRequest& m, Printer& p);
void print(const FlowMonitorCancel& m, Printer& p);
void print(const FlowMonitorReply& m, Printer& p);
void print(const TableStatus& m, Printer& p);
void print(const RequestForward& m, Printer& p);
void print(const TlvTableMod& m, Printer& p);
void print(const TlvTableReply& m, Printer& p);
void print(const CtFlush& m, Printer& p);
void print(const IpfixReply& m, Printer& p);

}  // namespace weft::openflow
