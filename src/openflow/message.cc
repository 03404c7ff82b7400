// SPDX-License-Identifier: Apache-2.0
#include "openflow/message.h"

#include "openflow/codec.h"

namespace weft::openflow {
namespace {

OfResult<Body> decode_experimenter(Input& i) {
    const uint32_t vendor = i.in.u32(), subtype = i.in.u32();
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    if (vendor == onf_vendor) return decode_onf(i, subtype);
    if (vendor != nicira_vendor) return refuse(OfError::brc_bad_vendor);
    return decode_nicira(i, subtype);
}

/// Messages that have no body, or whose body is theirs alone.
std::optional<Body> without_fields(MessageType type, Input& i) {
    switch (type) {
        case MessageType::echo_request:
            return EchoRequest{rest_of(i.in)};
        case MessageType::echo_reply:
            return EchoReply{rest_of(i.in)};
        case MessageType::features_request:
            return FeaturesRequest{};
        case MessageType::get_config_request:
            return GetConfigRequest{};
        case MessageType::barrier_request:
            return BarrierRequest{};
        case MessageType::barrier_reply:
            return BarrierReply{};
        case MessageType::get_async_request:
            return GetAsyncRequest{};
        default:
            return std::nullopt;
    }
}

struct Decoder {
    MessageType type;
    OfResult<Body> (*decode)(Input&);
};

constexpr Decoder decoders[] = {
    {MessageType::hello, decode_hello},
    {MessageType::error, decode_error},
    {MessageType::experimenter, decode_experimenter},
    {MessageType::features_reply, decode_features_reply},
    {MessageType::get_config_reply, decode_get_config_reply},
    {MessageType::set_config, decode_set_config},
    {MessageType::packet_in, decode_packet_in},
    {MessageType::flow_removed, decode_flow_removed},
    {MessageType::port_status, decode_port_status},
    {MessageType::packet_out, decode_packet_out},
    {MessageType::flow_mod, decode_flow_mod},
    {MessageType::port_mod, decode_port_mod},
    {MessageType::table_mod, decode_table_mod},
    {MessageType::stats_request, decode_stats_request},
    {MessageType::stats_reply, decode_stats_reply},
    {MessageType::queue_config_request, decode_queue_config_request},
    {MessageType::queue_config_reply, decode_queue_config_reply},
    {MessageType::role_request, decode_role_request},
    {MessageType::role_reply, decode_role_reply},
    {MessageType::role_status, decode_role_status},
    {MessageType::get_async_reply, decode_get_async_reply},
    {MessageType::set_async, decode_set_async},
    {MessageType::table_status, decode_table_status},
    {MessageType::request_forward, decode_request_forward},
    {MessageType::bundle_control, decode_bundle_control},
    {MessageType::bundle_add, decode_bundle_add},
    {MessageType::group_mod, decode_group_mod},
    {MessageType::meter_mod, decode_meter_mod},
};

OfResult<Body> decode_body(MessageType type, Input& i) {
    if (auto body = without_fields(type, i)) return *std::move(body);
    for (const Decoder& d : decoders) {
        if (d.type == type) return d.decode(i);
    }
    return refuse(OfError::brc_bad_type);
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
    if (bytes.size() < header_size || read_header(bytes).length != bytes.size())
        return refuse(OfError::brc_bad_len);
    return decode_joined(bytes, dialect);
}

OfResult<Message> decode_joined(ByteSpan bytes, const Dialect& dialect) {
    const Header h = read_header(bytes);
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
    m.nicira = i.nicira;
    return m;
}

void encode(const Message& message, const Dialect& dialect, ByteWriter& out) {
    Output o(out, dialect, message.xid, message.more);
    o.nicira = message.nicira;
    std::visit([&](const auto& body) { encode(body, o); }, message.body);
}

}  // namespace weft::openflow
