// SPDX-License-Identifier: Apache-2.0
// packet-out and bundle.
#include <cstdio>

#include "base/spelling.h"
#include "cli/ofctl/flow_file.h"
#include "openflow/packet_out_text.h"

namespace weft::cli::ofctl {
namespace {

/// Only 1.5 can tell a packet's metadata beside its port.
void warn_of_loss(const openflow::PacketOut& m, const Client& client) {
    const auto port = flow::FieldValue::from_u64(m.in_port().value);
    if (client.version() >= openflow::Version::v15 ||
        m.metadata == flow::Match{}.with(flow::FieldId::in_port, port))
        return;
    std::fprintf(
        stderr,
        "ovs-ofctl: only in_port is told to the switch, other fields need OpenFlow 1.5: try -O OpenFlow15\n");
}

/// `packet-out SWITCH IN_PORT ACTIONS PACKET...`
Result<> packet_out_in_words(Tool& t, Args args) {
    if (args.size() < 4) return fail("Too many arguments (" + std::to_string(args.size() + 1) + ")");
    openflow::PacketOut m;
    const OfPort port = TRY(t.port(args[0], args[1]));
    m.metadata.with(flow::FieldId::in_port, flow::FieldValue::from_u64(port.value));
    m.actions = TRY(t.with_names(
        args[0], [&](const action::Names& names) { return action::parse_actions(args[2], names); }));
    std::vector<openflow::Body> all;
    for (const std::string& hex : args.subspan(3)) {
        auto frame = openflow::parse_frame(hex);
        if (!frame) return fail(frame.error().message);
        m.packet = std::move(*frame);
        all.emplace_back(m);
    }
    const auto client = TRY(t.open(args[0]));
    return t.change(*client, all);
}

Result<> add_bundle_line(std::string_view line, const action::Names& names, Changes& out) {
    if (take_keyword(line, "flow")) return add_flow_text(line, std::nullopt, names, out);
    if (take_keyword(line, "group")) return add_group_text(line, std::nullopt, names, out);
    if (take_keyword(line, "packet-out")) {
        auto m = TRY(openflow::parse_packet_out(line, names));
        out.list.emplace_back(std::move(m));
        return {};
    }
    const std::string word(line.substr(0, line.find(' ')));
    return fail("Unsupported bundle message type: " + word + hint(word, {"flow", "group", "packet-out"}));
}

}  // namespace

Result<> packet_out(Tool& t, Args args) {
    if (args.size() > 2) return packet_out_in_words(t, args);
    const auto m = TRY(t.with_names(
        args[0], [&](const action::Names& names) { return openflow::parse_packet_out(args[1], names); }));
    const auto client = TRY(t.open(args[0]));
    warn_of_loss(m, *client);
    const openflow::Body change[] = {m};
    return t.change(*client, change);
}

Result<> bundle(Tool& t, Args args) {
    Changes changes;
    TRY(read_lines(args[1], [&](std::string_view line) {
        return t.with_names(
            args[0], [&](const action::Names& names) { return add_bundle_line(line, names, changes); });
    }));
    const auto client = TRY(t.open_for_bundle(args[0], changes.usable));
    return t.change_at_once(*client, changes.list);
}

}  // namespace weft::cli::ofctl
