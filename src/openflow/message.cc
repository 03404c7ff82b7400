// SPDX-License-Identifier: Apache-2.0
#include "openflow/message.h"

#include "openflow/codec.h"

namespace weft::openflow {
namespace {

OfResult<Body> decode_experimenter(Input& i) {
    const uint32_t vendor = i.in.u32(), subtype = i.in.u32();
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    if (vendor != nicira_vendor) return refuse(OfError::brc_bad_vendor);
    return decode_nicira(i, subtype);
}

/// Not done yet: there is no group, meter or bundle that a request could change.
OfError why_absent(MessageType type) {
    switch (type) {
        case MessageType::group_mod:
            return OfError::gmfc_out_of_groups;
        case MessageType::meter_mod:
            return OfError::mmfc_out_of_meters;
        case MessageType::bundle_control:
        case MessageType::bundle_add:
            return OfError::bfc_out_of_bundles;
        default:
            return OfError::brc_bad_type;
    }
}

OfResult<Body> decode_body(MessageType type, Input& i) {
    switch (type) {
        case MessageType::hello:
            return decode_hello(i);
        case MessageType::error:
            return decode_error(i);
        case MessageType::echo_request:
            return EchoRequest{rest_of(i.in)};
        case MessageType::echo_reply:
            return EchoReply{rest_of(i.in)};
        case MessageType::experimenter:
            return decode_experimenter(i);
        case MessageType::features_request:
            return FeaturesRequest{};
        case MessageType::features_reply:
            return decode_features_reply(i);
        case MessageType::get_config_request:
            return GetConfigRequest{};
        case MessageType::get_config_reply:
            return decode_get_config_reply(i);
        case MessageType::set_config:
            return decode_set_config(i);
        case MessageType::packet_in:
            return decode_packet_in(i);
        case MessageType::flow_removed:
            return decode_flow_removed(i);
        case MessageType::port_status:
            return decode_port_status(i);
        case MessageType::packet_out:
            return decode_packet_out(i);
        case MessageType::flow_mod:
            return decode_flow_mod(i);
        case MessageType::port_mod:
            return decode_port_mod(i);
        case MessageType::table_mod:
            return decode_table_mod(i);
        case MessageType::stats_request:
            return decode_stats_request(i);
        case MessageType::stats_reply:
            return decode_stats_reply(i);
        case MessageType::barrier_request:
            return BarrierRequest{};
        case MessageType::barrier_reply:
            return BarrierReply{};
        case MessageType::queue_config_request:
            return decode_queue_config_request(i);
        case MessageType::queue_config_reply:
            return decode_queue_config_reply(i);
        case MessageType::role_request:
            return decode_role_request(i);
        case MessageType::role_reply:
            return decode_role_reply(i);
        case MessageType::role_status:
            return decode_role_status(i);
        case MessageType::get_async_request:
            return GetAsyncRequest{};
        case MessageType::get_async_reply:
            return decode_get_async_reply(i);
        case MessageType::set_async:
            return decode_set_async(i);
        case MessageType::group_mod:
        case MessageType::meter_mod:
        case MessageType::bundle_control:
        case MessageType::bundle_add:
        case MessageType::count:
            break;
    }
    return refuse(why_absent(type));
}

void encode_bare(MessageType type, Output& o) { const auto open = o.open(type); }

}  // namespace

void encode(const EchoRequest& m, Output& o) {
    const auto open = o.open(MessageType::echo_request);
    o.out.bytes(m.data);
}
void encode(const EchoReply& m, Output& o) {
    const auto open = o.open(MessageType::echo_reply);
    o.out.bytes(m.data);
}
void encode(const FeaturesRequest&, Output& o) { encode_bare(MessageType::features_request, o); }
void encode(const GetConfigRequest&, Output& o) { encode_bare(MessageType::get_config_request, o); }
void encode(const BarrierRequest&, Output& o) { encode_bare(MessageType::barrier_request, o); }
void encode(const BarrierReply&, Output& o) { encode_bare(MessageType::barrier_reply, o); }
void encode(const GetAsyncRequest&, Output& o) { encode_bare(MessageType::get_async_request, o); }

OfResult<Message> decode(ByteSpan bytes, const Dialect& dialect) {
    if (bytes.size() < header_size) return refuse(OfError::brc_bad_len);
    const Header h = read_header(bytes);
    if (h.length != bytes.size()) return refuse(OfError::brc_bad_len);
    constexpr uint8_t hello = 0;
    if (h.type != hello && h.version != wire(dialect.version)) return refuse(OfError::brc_bad_version);
    const auto type = message_type(h.type, dialect.version);
    if (!type) return refuse(OfError::brc_bad_type);

    Input i{.in = ByteReader(bytes.subspan(header_size)),
            .version = dialect.version,
            .dialect = dialect,
            .hello_version = h.version};
    Message m{.xid = h.xid, .body = TRY(decode_body(*type, i))};
    if (!i.in.ok() || !i.in.empty()) return refuse(OfError::brc_bad_len);
    m.more = i.more;
    return m;
}

void encode(const Message& message, const Dialect& dialect, ByteWriter& out) {
    Output o(out, dialect, message.xid, message.more);
    std::visit([&](const auto& body) { encode(body, o); }, message.body);
}

}  // namespace weft::openflow
