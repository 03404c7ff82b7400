// SPDX-License-Identifier: Apache-2.0
// All OpenFlow messages as values, and how they become bytes and come back.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "openflow/ct_flush.h"
#include "openflow/error.h"
#include "openflow/flow_mod.h"
#include "openflow/flow_monitor.h"
#include "openflow/flow_stats.h"
#include "openflow/group.h"
#include "openflow/ipfix.h"
#include "openflow/meter.h"
#include "openflow/packet_in.h"
#include "openflow/packet_out.h"
#include "openflow/port.h"
#include "openflow/role.h"
#include "openflow/switch_info.h"
#include "openflow/table.h"
#include "openflow/tlv_table.h"
#include "openflow/version.h"

namespace weft::openflow {

struct Hello {
    VersionSet versions{};
    bool operator==(const Hello&) const = default;
};
struct EchoRequest {
    Bytes data{};
    bool operator==(const EchoRequest&) const = default;
};
struct EchoReply {
    Bytes data{};
    bool operator==(const EchoReply&) const = default;
};
struct FeaturesRequest {
    bool operator==(const FeaturesRequest&) const = default;
};
struct FeaturesReply {
    SwitchFeatures features{};
    std::vector<PortDesc> ports{};  ///< carried before 1.3 only
    bool operator==(const FeaturesReply&) const = default;
};
struct GetConfigRequest {
    bool operator==(const GetConfigRequest&) const = default;
};
struct GetConfigReply {
    SwitchConfig config{};
    bool operator==(const GetConfigReply&) const = default;
};
struct SetConfig {
    SwitchConfig config{};
    bool operator==(const SetConfig&) const = default;
};
struct BarrierRequest {
    bool operator==(const BarrierRequest&) const = default;
};
struct BarrierReply {
    bool operator==(const BarrierReply&) const = default;
};
struct GetAsyncRequest {
    bool operator==(const GetAsyncRequest&) const = default;
};
struct GetAsyncReply {
    AsyncConfig config{};
    bool operator==(const GetAsyncReply&) const = default;
};

/// OFPT_QUEUE_GET_CONFIG_REQUEST of 1.0-1.3.
struct QueueConfigRequest {
    OfPort port = ofpp::none;  ///< none: all
    bool operator==(const QueueConfigRequest&) const = default;
};
struct QueueDesc {
    OfPort port = ofpp::none;
    uint32_t queue = 0;
    uint16_t min_rate = 0xffff, max_rate = 0xffff;  ///< tenths of a percent; 0xffff: not set
    bool operator==(const QueueDesc&) const = default;
};
struct QueueConfigReply {
    OfPort port = ofpp::none;
    std::vector<QueueDesc> queues{};
    bool operator==(const QueueConfigReply&) const = default;
};

// Nicira's settings of a connection.
struct SetFlowFormat {
    bool nxm = false;
    bool operator==(const SetFlowFormat&) const = default;
};
struct UseTableId {  ///< NXT_FLOW_MOD_TABLE_ID
    bool enable = false;
    bool operator==(const UseTableId&) const = default;
};
struct SetPacketInFormat {
    PacketInFormat format{};
    bool operator==(const SetPacketInFormat&) const = default;
};
struct SetControllerId {
    uint16_t id = 0;
    bool operator==(const SetControllerId&) const = default;
};
struct FlowAge {
    bool operator==(const FlowAge&) const = default;
};

/// NXT_RESUME: a packet that was paused for the controller goes on, from the state in its continuation.
struct Resume {
    PacketIn packet{};
    bool operator==(const Resume&) const = default;
};

// Bundles: changes that take effect together.
enum class BundleStep : uint16_t {
    open = 0,
    open_reply = 1,
    close = 2,
    close_reply = 3,
    commit = 4,
    commit_reply = 5,
    discard = 6,
    discard_reply = 7,
};
struct BundleControl {
    uint32_t id = 0;
    BundleStep step{};
    uint16_t flags = 0;  ///< 1: atomic, 2: ordered
    bool operator==(const BundleControl&) const = default;
};
struct BundleAdd {
    uint32_t id = 0;
    uint16_t flags = 0;
    Bytes message{};  ///< a whole one, not decoded yet
    bool operator==(const BundleAdd&) const = default;
};

/// A group_mod or meter_mod of another controller, told as it came.
struct RequestForward {
    Bytes request{};  ///< a whole message, not decoded yet
    bool operator==(const RequestForward&) const = default;
};

// Statistics (multipart messages).
struct DescRequest {
    bool operator==(const DescRequest&) const = default;
};
struct TableStatsRequest {
    bool operator==(const TableStatsRequest&) const = default;
};
struct PortStatsRequest {
    OfPort port = ofpp::none;  ///< none: all
    bool operator==(const PortStatsRequest&) const = default;
};
struct PortDescRequest {
    OfPort port = ofpp::none;
    bool operator==(const PortDescRequest&) const = default;
};
inline constexpr uint32_t all_queues = 0xffffffff;
struct QueueStatsRequest {
    OfPort port = ofpp::none;
    uint32_t queue = all_queues;
    bool operator==(const QueueStatsRequest&) const = default;
};
struct QueueDescRequest {
    OfPort port = ofpp::none;
    uint32_t queue = all_queues;
    bool operator==(const QueueDescRequest&) const = default;
};
struct TableDescRequest {
    bool operator==(const TableDescRequest&) const = default;
};
struct TableFeaturesRequest {
    std::vector<TableFeatures> wanted{};  ///< empty: only asks
    bool operator==(const TableFeaturesRequest&) const = default;
};
struct DescReply {
    SwitchDesc desc{};
    bool operator==(const DescReply&) const = default;
};
struct FlowStatsReply {
    std::vector<FlowStats> flows{};
    bool operator==(const FlowStatsReply&) const = default;
};
struct AggregateReply {
    AggregateStats stats{};
    bool operator==(const AggregateReply&) const = default;
};
struct TableStatsReply {
    std::vector<TableInfo> tables{};
    bool operator==(const TableStatsReply&) const = default;
};
struct PortStatsReply {
    std::vector<PortStats> ports{};
    bool operator==(const PortStatsReply&) const = default;
};
struct PortDescReply {
    std::vector<PortDesc> ports{};
    bool operator==(const PortDescReply&) const = default;
};
struct QueueStatsReply {
    std::vector<QueueStats> queues{};
    bool operator==(const QueueStatsReply&) const = default;
};
struct QueueDescReply {
    std::vector<QueueDesc> queues{};
    bool operator==(const QueueDescReply&) const = default;
};
struct TableDescReply {
    std::vector<TableInfo> tables{};
    bool operator==(const TableDescReply&) const = default;
};
struct TableFeaturesReply {
    std::vector<TableInfo> tables{};
    bool operator==(const TableFeaturesReply&) const = default;
};

using AnyBody =
    std::variant<Hello, ErrorReport, EchoRequest, EchoReply, FeaturesRequest, FeaturesReply, GetConfigRequest,
                 GetConfigReply, SetConfig, PacketIn, FlowRemoved, PortStatus, PacketOut, FlowMod, PortMod,
                 TableMod, BarrierRequest, BarrierReply, QueueConfigRequest, QueueConfigReply, RoleRequest,
                 RoleReply, RoleStatus, GetAsyncRequest, GetAsyncReply, AsyncChange, SetFlowFormat,
                 UseTableId, SetPacketInFormat, SetControllerId, FlowAge, BundleControl, BundleAdd, Resume,
                 GroupMod, MeterMod, DescRequest, FlowQuery, TableStatsRequest, PortStatsRequest,
                 PortDescRequest, QueueStatsRequest, QueueDescRequest, TableDescRequest, TableFeaturesRequest,
                 GroupStatsRequest, GroupDescRequest, GroupFeaturesRequest, MeterStatsRequest,
                 MeterConfigRequest, MeterFeaturesRequest, DescReply, FlowStatsReply, AggregateReply,
                 TableStatsReply, PortStatsReply, PortDescReply, QueueStatsReply, QueueDescReply,
                 TableDescReply, TableFeaturesReply, GroupStatsReply, GroupDescReply, GroupFeaturesReply,
                 MeterStatsReply, MeterConfigReply, MeterFeaturesReply, FlowMonitorRequest, FlowMonitorCancel,
                 FlowMonitorReply, TableStatus, RequestForward, TlvTableMod, TlvTableRequest, TlvTableReply,
                 CtFlush, IpfixRequest, IpfixReply>;

/// Any message's contents. What copies, moves, destroys and compares all kinds is compiled once, in
/// message_body.cc and message_compare.cc: else it is most of the build time of whoever includes this.
struct Body : AnyBody {
    using AnyBody::AnyBody, AnyBody::operator=;
    Body();
    Body(const Body&);
    Body(Body&&) noexcept;
    Body& operator=(const Body&);
    Body& operator=(Body&&) noexcept;
    ~Body();
    bool operator==(const Body&) const;
};

/// What the two ends of a connection have agreed on: how a value is written when there is more than one way.
struct Dialect {
    Version version = Version::v10;
    bool nxm = false;       ///< 1.0: flows in Nicira's messages with NXM matches
    bool table_id = false;  ///< 1.0: a flow_mod's command carries a table number
    PacketInFormat packet_in = PacketInFormat::standard;
};

struct Message {
    uint32_t xid = 0;
    Body body;
    bool more = false;    ///< a part of a multipart message, others follow
    bool nicira = false;  ///< 1.0: statistics of flows in Nicira's form; a request is answered in its own
    bool operator==(const Message&) const = default;
};

inline constexpr size_t header_size = 8, max_message = 0xffff;

struct Header {
    uint8_t version = 0, type = 0;
    uint16_t length = 0;
    uint32_t xid = 0;
};
/// `bytes` has at least header_size bytes.
Header read_header(ByteSpan bytes);

/// Exactly one message, whose header has the dialect's version (hello: any). The error is what its sender
/// gets.
OfResult<Message> decode(ByteSpan message, const Dialect& dialect);

/// The same for a request that came in several messages: the header of the first, whose length does not
/// count, and the bodies of all.
OfResult<Message> decode_joined(ByteSpan parts, const Dialect& dialect);

/// Appends the message; a list of statistics that does not fit one message becomes several.
void encode(const Message& message, const Dialect& dialect, ByteWriter& out);
inline Bytes encode(const Message& message, const Dialect& dialect) {
    ByteWriter out;
    encode(message, dialect, out);
    return out.take();
}

}  // namespace weft::openflow
