// SPDX-License-Identifier: Apache-2.0
// Commands that need no switch: packets as flows, and flows as packets.
#include <cerrno>
#include <cstring>
#include <iostream>
#include <iterator>

#include "cli/ofctl/tool.h"
#include "flow/compose.h"
#include "flow/extract.h"
#include "flow/match_text.h"
#include "openflow/print/print.h"
#include "sys/pcap.h"

namespace weft::cli::ofctl {
namespace {

/// The key that a flow's words describe; what they leave open is zero.
Result<flow::FlowKey> parse_key(const std::string& text) { return TRY(flow::parse_match(text)).key; }

}  // namespace

Result<> parse_pcap(Tool& t, Args args) {
    for (const std::string& file : args) {
        const auto frames = sys::read_pcap(file);
        if (!frames && frames.error().code)
            return fail(file + ": open failed (" + std::strerror(frames.error().code) + ")",
                        frames.error().code);
        if (!frames) return std::unexpected(frames.error());
        for (const Bytes& frame : *frames) {
            flow::FlowKey key{};
            flow::extract(frame, key.packet, flow::max_vlan_tags);
            key.set_in_port(ofpp::none);
            t.print(flow::format_key(key) + "\n");
        }
    }
    return {};
}

Result<> parse_packet(Tool& t, Args) {
    const Bytes frame{std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
    t.print(flow::format_packet(frame) + "\n");
    return {};
}

Result<> compose_packet(Tool& t, Args args) {
    const flow::FlowKey key = TRY(parse_key(args[0]));
    Bytes frame = flow::compose_packet(key);
    if (args.size() > 1) {
        const auto payload = parse_hex(args[1]);
        if (!payload) return fail(args[1] + ": trailing garbage in packet data");
        frame = flow::compose_packet(key, ByteSpan(*payload));
    }
    t.print(openflow::hex_dump(frame, false));
    return {};
}

}  // namespace weft::cli::ofctl
