// SPDX-License-Identifier: Apache-2.0
// Internal to openflow/: what the files of the single messages share.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "action/match_error.h"
#include "flow/ofp_match.h"
#include "openflow/message.h"

namespace weft::openflow {

using action::wire;

/// Messages by meaning; numbers differ by version (types.cc).
enum class MessageType : uint8_t {
    hello,
    error,
    echo_request,
    echo_reply,
    experimenter,
    features_request,
    features_reply,
    get_config_request,
    get_config_reply,
    set_config,
    packet_in,
    flow_removed,
    port_status,
    packet_out,
    flow_mod,
    group_mod,
    port_mod,
    table_mod,
    stats_request,
    stats_reply,
    barrier_request,
    barrier_reply,
    queue_config_request,
    queue_config_reply,
    role_request,
    role_reply,
    get_async_request,
    get_async_reply,
    set_async,
    meter_mod,
    role_status,
    table_status,
    request_forward,
    bundle_control,
    bundle_add,
    count,
};
std::optional<MessageType> message_type(uint8_t number, Version v);
/// CHECKs that the version has the message.
uint8_t message_number(MessageType type, Version v);

/// Statistics by meaning; the numbers are alike in all versions that have them.
enum class StatsType : uint16_t {
    desc = 0,
    flow = 1,
    aggregate = 2,
    table = 3,
    port = 4,
    queue = 5,
    group = 6,
    group_desc = 7,
    group_features = 8,
    meter = 9,
    meter_config = 10,
    meter_features = 11,
    table_features = 12,
    port_desc = 13,
    table_desc = 14,
    queue_desc = 15,
    flow_monitor = 16,
    experimenter = 0xffff,
};

/// Subtypes of Nicira's messages.
namespace nxt {
inline constexpr uint32_t role_request = 10, role_reply = 11, set_flow_format = 12, flow_mod = 13,
                          flow_removed = 14, flow_mod_table_id = 15, set_packet_in_format = 16,
                          packet_in = 17, flow_age = 18, set_async_config = 19, set_controller_id = 20,
                          flow_monitor_cancel = 21, flow_monitor_paused = 22, flow_monitor_resumed = 23,
                          tlv_table_mod = 24, tlv_table_request = 25, tlv_table_reply = 26,
                          set_async_config2 = 27, resume = 28, ct_flush_zone = 29, packet_in2 = 30,
                          group_mod = 31, ct_flush = 32;
}
namespace nxst {
inline constexpr uint32_t flow = 0, aggregate = 1, flow_monitor = 2, ipfix_bridge = 3, ipfix_flow = 4,
                          group = 7, group_desc = 8, group_features = 9;
}
/// Subtypes of ONF's extensions to 1.3, of messages and of statistics.
namespace onf {
inline constexpr uint32_t flow_monitor = 1870, flow_monitor_cancel = 1870, flow_monitor_paused = 1871,
                          flow_monitor_resumed = 1872, role_status = 1911, bundle_control = 2300,
                          bundle_add = 2301, request_forward = 2350;
}

/// What an experimenter's message or statistics are.
struct ExperimenterType {
    uint32_t vendor = 0, subtype = 0;
    constexpr bool operator==(const ExperimenterType&) const = default;
};

/// A message's body behind its headers.
struct Input {
    ByteReader in;
    Version version;
    const Dialect& dialect;
    bool more = false;          ///< of a multipart message
    bool nicira = false;        ///< statistics of flows in Nicira's form
    uint8_t hello_version = 0;  ///< of the header, which a hello may have higher than anything we know
};

/// Writes messages. Borrows the writer.
class Output {
  public:
    Output(ByteWriter& writer, const Dialect& d, uint32_t x, bool m)
        : out(writer), dialect(d), xid(x), more(m) {}
    Version version() const { return dialect.version; }

    /// A message being written: its length is filled in when it ends.
    class Open {
      public:
        Open(ByteWriter& out, size_t start) : out_(out), start_(start) {}
        Open(const Open&) = delete;
        Open& operator=(const Open&) = delete;
        size_t start() const { return start_; }
        ~Open() { out_.patch_u16(start_ + 2, static_cast<uint16_t>(out_.size() - start_)); }

      private:
        ByteWriter& out_;
        size_t start_;
    };
    [[nodiscard]] Open open(MessageType type);
    [[nodiscard]] Open open_nicira(uint32_t subtype) { return open_experimenter(nicira_vendor, subtype); }
    [[nodiscard]] Open open_experimenter(uint32_t vendor, uint32_t subtype);
    [[nodiscard]] Open open_stats(MessageType request_or_reply, StatsType type, bool with_more);
    [[nodiscard]] Open open_experimenter_stats(MessageType request_or_reply, ExperimenterType type,
                                               bool with_more);
    [[nodiscard]] Open open_nicira_stats(MessageType request_or_reply, uint32_t subtype, bool with_more) {
        return open_experimenter_stats(request_or_reply, {nicira_vendor, subtype}, with_more);
    }
    /// A reply with a list: calls `write_entry(i)` for each of n entries, and opens as many messages as they
    /// take. An entry that fits no message is left out.
    void list(StatsType type, size_t n, const std::function<void(size_t i)>& write_entry);
    void nicira_list(uint32_t subtype, size_t n, const std::function<void(size_t i)>& write_entry);
    void list_in(const std::function<Open(bool more)>& open_one, size_t n,
                 const std::function<void(size_t i)>& write_entry);

    ByteWriter& out;
    const Dialect& dialect;
    const uint32_t xid;
    const bool more;
    bool nicira = false;  ///< statistics of flows in Nicira's form

  private:
    void write_header(MessageType type);
};

// Helpers.
Bytes rest_of(ByteReader& in);
/// A text of fixed size, ended early by a zero byte.
std::string read_text(ByteReader& in, size_t size);
/// Cut so that a zero byte ends it.
void write_text(ByteWriter& out, std::string_view text, size_t size);

/// A port number as wide as the version has it. The error is `code`.
OfResult<OfPort> read_port(Input& i, OfError code);
void write_port(Output& o, OfPort port);

/// The match structure of 1.0, or ofp_match of newer versions.
OfResult<flow::Match> read_match(Input& i, const flow::OxmOptions& options = {});
void write_match(Output& o, const flow::Match& match);
/// nx_match: NXM of a length told before, padded to 8 bytes; the second form into an empty match.
OfResult<flow::Match> read_nx_match(ByteReader& in, uint16_t length, const flow::OxmOptions& options = {});
OfResult<> read_nx_match(ByteReader& in, uint16_t length, flow::Match& m, const flow::OxmOptions& options);
/// Returns the length without padding.
uint16_t write_nx_match(ByteWriter& out, const flow::Match& match, const flow::NxmCookie* cookie = nullptr);

// Decoders, by message. A request that does not read as told gets brc_bad_len.
OfResult<Body> decode_hello(Input& i);
OfResult<Body> decode_error(Input& i);
OfResult<Body> decode_features_reply(Input& i);
OfResult<Body> decode_get_config_reply(Input& i);
OfResult<Body> decode_set_config(Input& i);
OfResult<Body> decode_packet_in(Input& i);
OfResult<Body> decode_nx_packet_in(Input& i);
OfResult<Body> decode_nx_packet_in2(Input& i);
OfResult<Body> decode_nx_resume(Input& i);
OfResult<Body> decode_packet_out(Input& i);
OfResult<Body> decode_flow_removed(Input& i);
OfResult<Body> decode_nx_flow_removed(Input& i);
OfResult<Body> decode_port_status(Input& i);
OfResult<Body> decode_port_mod(Input& i);
OfResult<Body> decode_table_mod(Input& i);
OfResult<Body> decode_flow_mod(Input& i);
OfResult<Body> decode_nx_flow_mod(Input& i);
OfResult<Body> decode_queue_config_request(Input& i);
OfResult<Body> decode_queue_config_reply(Input& i);
OfResult<Body> decode_role_request(Input& i);
OfResult<Body> decode_role_reply(Input& i);
OfResult<Body> decode_role_status(Input& i);
OfResult<Body> decode_nx_role_request(Input& i);
OfResult<Body> decode_nx_role_reply(Input& i);
OfResult<Body> decode_get_async_reply(Input& i);
OfResult<Body> decode_set_async(Input& i);
OfResult<Body> decode_nx_set_async(Input& i);
OfResult<Body> decode_nx_set_async2(Input& i);
OfResult<Body> decode_bundle_control(Input& i);
OfResult<Body> decode_bundle_add(Input& i);
OfResult<Body> decode_group_mod(Input& i);
OfResult<Body> decode_nx_group_mod(Input& i);
OfResult<Body> decode_meter_mod(Input& i);
OfResult<Body> decode_flow_monitor_cancel(Input& i);
OfResult<Body> decode_flow_monitor_paused(Input& i);
OfResult<Body> decode_flow_monitor_resumed(Input& i);
OfResult<Body> decode_table_status(Input& i);
OfResult<Body> decode_request_forward(Input& i);
OfResult<Body> decode_tlv_table_mod(Input& i);
OfResult<Body> decode_tlv_table_reply(Input& i);
OfResult<Body> decode_ct_flush_zone(Input& i);
OfResult<Body> decode_ct_flush(Input& i);
OfResult<Body> decode_ipfix_reply(Input& i, bool of_flows);
OfResult<Body> decode_onf(Input& i, uint32_t subtype);
OfResult<Body> decode_nicira(Input& i, uint32_t subtype);
OfResult<Body> decode_stats_request(Input& i);
OfResult<Body> decode_stats_reply(Input& i);
// Statistics, behind the multipart header.
OfResult<Body> decode_flow_query(Input& i, bool aggregate);
OfResult<Body> decode_nx_flow_query(Input& i, bool aggregate);
OfResult<Body> decode_flow_stats(Input& i);
OfResult<Body> decode_nx_flow_stats(Input& i);
OfResult<Body> decode_aggregate(Input& i);
OfResult<Body> decode_desc(Input& i);
OfResult<Body> decode_table_stats(Input& i);
OfResult<Body> decode_table_desc(Input& i);
OfResult<Body> decode_table_features_request(Input& i);
OfResult<Body> decode_table_features(Input& i);
OfResult<Body> decode_port_stats_request(Input& i);
OfResult<Body> decode_port_stats(Input& i);
OfResult<Body> decode_port_desc_request(Input& i);
OfResult<Body> decode_port_desc(Input& i);
OfResult<Body> decode_queue_stats_request(Input& i);
OfResult<Body> decode_queue_stats(Input& i);
OfResult<Body> decode_queue_desc_request(Input& i);
OfResult<Body> decode_queue_desc(Input& i);
OfResult<Body> decode_group_stats_request(Input& i);
OfResult<Body> decode_group_stats(Input& i);
OfResult<Body> decode_group_desc_request(Input& i);
OfResult<Body> decode_group_desc(Input& i);
OfResult<Body> decode_group_features_request(Input& i);
OfResult<Body> decode_group_features(Input& i);
OfResult<Body> decode_meter_stats_request(Input& i);
OfResult<Body> decode_meter_stats(Input& i);
OfResult<Body> decode_meter_config_request(Input& i);
OfResult<Body> decode_meter_config(Input& i);
OfResult<Body> decode_meter_features_request(Input& i);
OfResult<Body> decode_meter_features(Input& i);
OfResult<Body> decode_flow_monitor_request(Input& i);
OfResult<Body> decode_flow_monitor_reply(Input& i);

// Encoders.
void encode(const Hello& m, Output& o);
void encode(const ErrorReport& m, Output& o);
void encode(const EchoRequest& m, Output& o);
void encode(const EchoReply& m, Output& o);
void encode(const FeaturesRequest& m, Output& o);
void encode(const FeaturesReply& m, Output& o);
void encode(const GetConfigRequest& m, Output& o);
void encode(const GetConfigReply& m, Output& o);
void encode(const SetConfig& m, Output& o);
void encode(const PacketIn& m, Output& o);
void encode(const FlowRemoved& m, Output& o);
void encode(const PortStatus& m, Output& o);
void encode(const PacketOut& m, Output& o);
void encode(const FlowMod& m, Output& o);
void encode(const PortMod& m, Output& o);
void encode(const TableMod& m, Output& o);
void encode(const BarrierRequest& m, Output& o);
void encode(const BarrierReply& m, Output& o);
void encode(const QueueConfigRequest& m, Output& o);
void encode(const QueueConfigReply& m, Output& o);
void encode(const RoleRequest& m, Output& o);
void encode(const RoleReply& m, Output& o);
void encode(const RoleStatus& m, Output& o);
void encode(const GetAsyncRequest& m, Output& o);
void encode(const GetAsyncReply& m, Output& o);
void encode(const AsyncChange& m, Output& o);
void encode(const SetFlowFormat& m, Output& o);
void encode(const UseTableId& m, Output& o);
void encode(const SetPacketInFormat& m, Output& o);
void encode(const SetControllerId& m, Output& o);
void encode(const FlowAge& m, Output& o);
void encode(const BundleControl& m, Output& o);
void encode(const BundleAdd& m, Output& o);
void encode(const Resume& m, Output& o);
void encode(const GroupMod& m, Output& o);
void encode(const MeterMod& m, Output& o);
void encode(const DescRequest& m, Output& o);
void encode(const FlowQuery& m, Output& o);
void encode(const TableStatsRequest& m, Output& o);
void encode(const PortStatsRequest& m, Output& o);
void encode(const PortDescRequest& m, Output& o);
void encode(const QueueStatsRequest& m, Output& o);
void encode(const QueueDescRequest& m, Output& o);
void encode(const TableDescRequest& m, Output& o);
void encode(const TableFeaturesRequest& m, Output& o);
void encode(const DescReply& m, Output& o);
void encode(const FlowStatsReply& m, Output& o);
void encode(const AggregateReply& m, Output& o);
void encode(const TableStatsReply& m, Output& o);
void encode(const PortStatsReply& m, Output& o);
void encode(const PortDescReply& m, Output& o);
void encode(const QueueStatsReply& m, Output& o);
void encode(const QueueDescReply& m, Output& o);
void encode(const TableDescReply& m, Output& o);
void encode(const TableFeaturesReply& m, Output& o);
void encode(const GroupStatsRequest& m, Output& o);
void encode(const GroupStatsReply& m, Output& o);
void encode(const GroupDescRequest& m, Output& o);
void encode(const GroupDescReply& m, Output& o);
void encode(const GroupFeaturesRequest& m, Output& o);
void encode(const GroupFeaturesReply& m, Output& o);
void encode(const MeterStatsRequest& m, Output& o);
void encode(const MeterStatsReply& m, Output& o);
void encode(const MeterConfigRequest& m, Output& o);
void encode(const MeterConfigReply& m, Output& o);
void encode(const MeterFeaturesRequest& m, Output& o);
void encode(const MeterFeaturesReply& m, Output& o);
void encode(const FlowMonitorRequest& m, Output& o);
void encode(const FlowMonitorCancel& m, Output& o);
void encode(const FlowMonitorReply& m, Output& o);
void encode(const TableStatus& m, Output& o);
void encode(const RequestForward& m, Output& o);
void encode(const TlvTableMod& m, Output& o);
void encode(const TlvTableRequest& m, Output& o);
void encode(const TlvTableReply& m, Output& o);
void encode(const IpfixRequest& m, Output& o);
void encode(const IpfixReply& m, Output& o);
void encode(const CtFlush& m, Output& o);

}  // namespace weft::openflow
