// SPDX-License-Identifier: Apache-2.0
// Commands that need no switch: messages and texts, printed as they are understood.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

#include "cli/arguments.h"
#include "cli/ofctl/flow_file.h"
#include "codec/json_text.h"
#include "flow/key_value.h"
#include "openflow/flow_text.h"
#include "openflow/number_text.h"
#include "openflow/print/json.h"
#include "openflow/print/print.h"
#include "openflow/print/text.h"
#include "openflow/tcp_streams.h"
#include "sys/pcap.h"

namespace weft::cli::ofctl {
namespace {

using openflow::Version;
using openflow::VersionSet;

Result<Bytes> read_file(const std::string& file) {
    const auto all = [](std::istream& in) {
        return Bytes(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    };
    if (file == "-") return all(std::cin);
    std::ifstream in(file, std::ios::binary);
    if (!in) return fail(file + ": open (" + std::strerror(errno) + ")", errno);
    return all(in);
}

Result<Bytes> bytes_of(const std::string& hex, std::string_view complaint) {
    auto bytes = parse_hex(hex);
    if (!bytes) return fail(std::string(complaint));
    return bytes;
}

/// What parse-flow and its like print: the formats that can say it, the one taken, the message.
Result<> show_changes(Tool& t, const Changes& changes) {
    const FlowFormats allowed = t.settings().formats & FlowFormats::of(t.settings().versions);
    const FlowFormats both = changes.usable & allowed;
    t.print("usable protocols: " + changes.usable.to_string() + "\n");
    if (both.empty()) return fail("no usable protocol" + hint_of_lack(changes));
    Version lowest = *both.versions().highest();
    for (const Version v :
         {Version::v15, Version::v14, Version::v13, Version::v12, Version::v11, Version::v10}) {
        if (both.versions().contains(v)) lowest = v;
    }
    const auto format = both.pick(lowest, FlowFormats::Wanted::simplest);
    t.print("chosen protocol: " + FlowFormats(*format).to_string() + "\n");
    uint32_t xid = 0;
    for (const openflow::Body& one : changes.list)
        t.print(openflow::print_message(openflow::encode({.xid = ++xid, .body = one}, dialect_of(*format)),
                                        t.print_options()));
    return {};
}

/// As text, or with --format=json an object a line. Bytes that are too few for a header have no members to
/// tell.
void show_message(Tool& t, ByteSpan message, openflow::PrintOptions options) {
    if (t.settings().json && message.size() >= openflow::header_size)
        t.print(codec::format_json(openflow::message_json(message), t.settings().json_style) + "\n");
    else
        t.print(openflow::print_message(message, options));
}

std::optional<openflow::OfError> error_named(std::string_view name) {
    const auto rows = openflow::error_rows();
    for (size_t i = 0; i < rows.size(); ++i) {
        if (rows[i].name == name) return static_cast<openflow::OfError>(i);
    }
    return std::nullopt;
}

}  // namespace

Result<> ofp_print(Tool& t, Args args) {
    constexpr int usual = 2;
    const Bytes bytes = TRY(bytes_of(args[0], "trailing garbage following hex bytes"));
    const int verbosity = args.size() > 1 ? static_cast<int>(TRY(openflow::parse_u32(args[1]))) : usual;
    show_message(t, bytes, {.verbosity = verbosity});
    return {};
}

Result<> ofp_parse(Tool& t, Args args) {
    const Bytes all = TRY(read_file(args[0]));
    ByteSpan rest(all);
    while (!rest.empty()) {
        if (rest.size() < openflow::header_size) return fail(args[0] + ": unexpected end of file mid-header");
        const size_t length = openflow::read_header(rest).length;
        if (length < openflow::header_size)
            return fail(args[0] + ": " + std::to_string(length) + "-byte message is too short for OpenFlow");
        if (rest.size() < length) return fail(args[0] + ": unexpected end of file mid-message");
        show_message(t, rest.first(length), t.print_options(2));
        rest = rest.subspan(length);
    }
    return {};
}

Result<> ofp_parse_pcap(Tool& t, Args args) {
    using openflow::TcpStreams;
    std::vector<uint16_t> ports(std::begin(TcpStreams::usual_ports), std::end(TcpStreams::usual_ports));
    if (args.size() > 1) ports.clear();
    for (const std::string& text : args.subspan(1))
        ports.push_back(static_cast<uint16_t>(TRY(openflow::parse_up_to(text, "port", 0xffff))));
    const auto frames = sys::read_pcap(args[0]);
    if (!frames && frames.error().code)
        return fail(args[0] + ": open failed (" + std::strerror(frames.error().code) + ")",
                    frames.error().code);
    if (!frames) return fail(frames.error().message);
    TcpStreams streams(ports, [&](const TcpStreams::Direction& direction, ByteSpan message) {
        if (!t.settings().json) t.print(direction.to_string() + ":\n");
        show_message(t, message, t.print_options(1));
    });
    for (const Bytes& frame : *frames) streams.add(frame);
    return {};
}

Result<> parse_flow(Tool& t, Args args) {
    const auto command =
        t.settings().strict ? openflow::FlowModCommand::modify_strict : openflow::FlowModCommand::add;
    Changes changes;
    TRY(add_flow_text(args[0], command, {}, changes));
    return show_changes(t, changes);
}

Result<> parse_flows(Tool& t, Args args) {
    Changes changes;
    TRY(read_lines(args[0], [&](std::string_view line) {
        return add_flow_text(line, openflow::FlowModCommand::add, {}, changes);
    }));
    return show_changes(t, changes);
}

Result<> parse_group(Tool& t, Args args) {
    Changes changes;
    TRY(add_group_text(args[0], openflow::GroupCommand::add, {}, changes));
    return show_changes(t, changes);
}

Result<> parse_key_value(Tool& t, Args args) {
    for (const std::string& arg : args) {
        std::string out;
        for (std::string_view text = arg; const auto kv = flow::next_key_value(text);) {
            if (!out.empty()) out += ", ";
            out += kv->key;
            if (kv->has_value) out += "=" + std::string(kv->value);
        }
        t.print(out + "\n");
    }
    return {};
}

Result<> print_error(Tool& t, Args args) {
    const auto error = error_named(args[0]);
    if (!error) return fail("unknown error \"" + args[0] + "\"");
    for (int v = 1; v <= 6; ++v) {
        const auto n = openflow::error_numbers(*error, static_cast<Version>(v));
        t.print("OpenFlow 1." + std::to_string(v - 1) + ": ");
        if (n)
            t.print("vendor " + (n->vendor ? openflow::hex(n->vendor) : std::string("0")) + ", type " +
                    std::to_string(n->type) + ", code " + std::to_string(n->code) + "\n");
        else
            t.print("vendor 0, type -1, code -1\n");
    }
    return {};
}

Result<> encode_error_reply(Tool& t, Args args) {
    const auto error = error_named(args[0]);
    if (!error) return fail("unknown error \"" + args[0] + "\"");
    const Bytes request = TRY(bytes_of(args[1], "Trailing garbage in hex data"));
    if (request.size() < openflow::header_size)
        return fail("Request too short\nIt has a header of 8 bytes at least");
    const auto header = openflow::read_header(request);
    const auto version = static_cast<Version>(std::clamp<uint8_t>(header.version, 1, 6));
    const Bytes reply = openflow::encode({.xid = header.xid, .body = openflow::report(*error, request)},
                                         {.version = version});
    t.print(openflow::hex_dump(reply, false));
    return {};
}

Result<> encode_hello(Tool& t, Args args) {
    const auto set = VersionSet::from_bitmap(TRY(openflow::parse_u32(args[0])));
    const Bytes hello = openflow::encode({.xid = 1, .body = openflow::Hello{set}}, {});
    t.print(openflow::hex_dump(hello, false) + openflow::print_message(hello));
    return {};
}

Result<> list_commands(Tool& t, Args) {
    constexpr size_t width = 24;
    t.print("The available commands are:\n");
    for (const Command& command : commands()) {
        std::string line = "  " + std::string(command.name);
        line += std::string(line.size() < width + 2 ? width + 2 - line.size() : 1, ' ');
        t.print(line + readable_arguments(command.arguments) + "\n");
    }
    return {};
}

}  // namespace weft::cli::ofctl
