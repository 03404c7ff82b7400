// SPDX-License-Identifier: Apache-2.0
#include "openflow/packet_out_text.h"

#include "flow/match_text.h"

namespace weft::openflow {
namespace {

/// Registers, tunnel fields and other metadata a packet can start with.
bool is_pipeline_field(flow::FieldId id) {
    return id < flow::FieldId::ct_state && id != flow::FieldId::conj_id && id != flow::FieldId::recirc_id &&
           id != flow::FieldId::dp_hash;
}

struct Words {
    PacketOut& out;
    const action::Names& names;
    bool has_packet = false;

    Result<> word(const flow::KeyValue& kv) {
        if (kv.key == "in_port") {
            const auto port = flow::parse_port(kv.value, names.ports);
            if (!port) return fail(std::string(kv.value) + " is not a valid OpenFlow port");
            if (port->value >= ofpp::max.value && *port != ofpp::local && *port != ofpp::none &&
                *port != ofpp::controller)
                return fail(std::string(kv.value) + " is not a valid OpenFlow port for PACKET_OUT");
            out.metadata.with(flow::FieldId::in_port, flow::FieldValue::from_u64(port->value));
            return {};
        }
        if (kv.key == "packet" || kv.key == "packet_out") {
            auto frame = parse_frame(kv.value);
            if (!frame) return fail("packet: " + frame.error().message);
            out.packet = std::move(*frame);
            has_packet = true;
            return {};
        }
        const flow::Field* f = flow::find_field(kv.key);
        if (!f || !is_pipeline_field(f->id)) return std::unexpected(flow::unknown_word(kv));
        TRY(flow::parse_match_word(kv, names.ports, out.metadata));
        return {};
    }
};

}  // namespace

Result<Bytes> parse_frame(std::string_view hex) {
    auto bytes = parse_hex(hex);
    if (!bytes) return fail("Trailing garbage in packet data");
    constexpr size_t ethernet = 14;
    if (bytes->size() < ethernet) return fail("Packet data too short for Ethernet");
    return bytes;
}

Result<PacketOut> parse_packet_out(std::string_view text, const action::Names& names) {
    PacketOut out;
    std::string_view actions;
    size_t at = text.find("actions=");
    if (at != text.npos) actions = text.substr(at + 8);
    std::string_view head = text.substr(0, at);
    out.metadata.with(flow::FieldId::in_port, flow::FieldValue::from_u64(ofpp::none.value));
    Words words{out, names};
    while (const auto kv = flow::next_key_value(head)) TRY(words.word(*kv));
    if (!words.has_packet) return fail("must specify packet");
    out.actions = TRY(action::parse_actions(actions, names));
    return out;
}

}  // namespace weft::openflow
