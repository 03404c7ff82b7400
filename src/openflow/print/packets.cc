// SPDX-License-Identifier: Apache-2.0
// Packets to and from controllers.
#include "openflow/print/printer.h"

namespace weft::openflow {
namespace {

std::string reason_name(PacketInReason r) {
    constexpr std::string_view names[] = {"no_match", "action",     "invalid_ttl",   "action_set",
                                          "group",    "packet_out", "explicit_miss", "implicit_miss"};
    const auto n = static_cast<size_t>(r);
    return n < std::size(names) ? std::string(names[n]) : std::to_string(n);
}

std::string buffer(const PacketIn& m) {
    const auto data = static_cast<uint32_t>(m.packet.size());
    if (m.buffer_id == no_buffer)
        return std::string(" (unbuffered)") + (m.total_len != data ? " (***total_len != data_len***)" : "");
    std::string id = hex(m.buffer_id).substr(2);
    id.insert(0, 8 - id.size(), '0');
    return " buffer=0x" + id + (m.total_len < data ? " (***total_len < data_len***)" : "");
}

std::string dotted_hex(ByteSpan bytes) {
    std::string out;
    for (const uint8_t b : bytes) out += (out.empty() ? "" : ".") + format_hex({&b, 1});
    return out;
}

}  // namespace

void print(const PacketIn& m, Printer& p) {
    std::string& out = p.out;
    if (m.table) out += " table_id=" + std::to_string(m.table);
    if (m.cookie != ~uint64_t{0}) out += " cookie=" + hex(m.cookie);
    out += " total_len=" + std::to_string(m.total_len) + " " + p.match(m.metadata);
    out +=
        " (via " + reason_name(m.reason) + ") data_len=" + std::to_string(m.packet.size()) + buffer(m) + "\n";
    if (!m.userdata.empty()) out += " userdata=" + dotted_hex(m.userdata) + "\n";
    if (!m.continuation.empty())
        out += " continuation=(" + std::to_string(m.continuation.size()) + " bytes)\n";
    p.packet(m.packet);
}

void print(const Resume& m, Printer& p) { print(m.packet, p); }

void print(const PacketOut& m, Printer& p) {
    p.out += " " + p.match(m.metadata) + " actions=" + action::to_text(m.actions, p.options.names);
    if (m.buffer_id != no_buffer) {
        std::string id = hex(m.buffer_id).substr(2);
        id.insert(0, 8 - id.size(), '0');
        p.out += " buffer=0x" + id;
        return;
    }
    p.out += " data_len=" + std::to_string(m.packet.size()) + "\n";
    if (!m.packet.empty()) p.packet(m.packet);
}

}  // namespace weft::openflow
