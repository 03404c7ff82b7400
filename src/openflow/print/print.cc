// SPDX-License-Identifier: Apache-2.0
#include "openflow/print/print.h"

#include "flow/match_text.h"
#include "openflow/codec.h"
#include "openflow/print/printer.h"

namespace weft::openflow {
namespace {

/// ` (OF1.3)`; 1.0 goes without saying.
std::string version_suffix(uint8_t wire_version) {
    if (wire_version <= action::wire(Version::v10)) return {};
    if (wire_version > action::wire(Version::v15)) return " (OF " + hex(wire_version) + ")";
    return " (OF1." + std::to_string(wire_version - 1) + ")";
}

/// Flags of a multipart message.
std::string stats_flags(ByteSpan bytes, std::string_view name) {
    if (!name.ends_with(" request") && !name.ends_with(" reply")) return {};
    ByteReader in(bytes.subspan(header_size));
    in.skip(2);
    const uint16_t flags = in.u16();
    if (!flags) return {};
    // Requests may be continued since 1.3.
    const bool can_go_on = name.ends_with(" reply") || read_header(bytes).version >= wire(Version::v13);
    const uint16_t unknown = can_go_on ? flags & ~1 : flags;
    std::string out = unknown != flags ? " flags=[more]" : " flags=";
    if (!unknown) return out;
    std::string digits = hex(unknown).substr(2);
    digits.insert(0, 4 - digits.size(), '0');
    return out + "[***unknown flags 0x" + digits + "***]";
}

Dialect dialect_of(ByteSpan bytes) {
    const uint8_t v = read_header(bytes).version;
    Dialect d;
    d.version = static_cast<Version>(std::clamp(v, action::wire(Version::v10), action::wire(Version::v15)));
    d.table_id = true;
    return d;
}

template <class T>
concept HasMore = requires(const T& body, Printer& p) { print(body, p); };

void print_body(const Message& m, Printer& p) {
    std::visit(
        [&]<class T>(const T& body) {
            if constexpr (HasMore<T>) print(body, p);
        },
        m.body);
}

/// A message inside another is of the same version and transaction, and of a kind that may stand there.
OfResult<> check_inside(const Message& outer, Version v) {
    if (const auto* add = std::get_if<BundleAdd>(&outer.body)) {
        const Header h = read_header(add->message);
        if (h.version != wire(v)) return refuse(OfError::bfc_bad_version);
        if (h.xid != outer.xid) return refuse(OfError::bfc_msg_bad_xid);
        const auto inner = message_type(h.type, v);
        for (const auto may :
             {MessageType::flow_mod, MessageType::group_mod, MessageType::port_mod, MessageType::packet_out})
            if (inner == may) return {};
        return refuse(OfError::bfc_msg_unsup);
    }
    if (const auto* forward = std::get_if<RequestForward>(&outer.body)) {
        const auto inner = TRY(decode(forward->request, {.version = v}));
        if (!std::holds_alternative<GroupMod>(inner.body) && !std::holds_alternative<MeterMod>(inner.body))
            return refuse(OfError::bfc_msg_unsup);
    }
    return {};
}

OfResult<Message> decode_whole(ByteSpan bytes, const Dialect& dialect) {
    auto message = decode(bytes, dialect);
    if (message) TRY(check_inside(*message, dialect.version));
    return message;
}

void end_line(std::string& out) {
    if (out.empty() || out.back() != '\n') out += '\n';
}

}  // namespace

std::string Printer::match(const flow::Match& m) const { return flow::format_match(m, options.names.ports); }

std::string Printer::rule(const flow::Match& m, uint16_t priority) const {
    std::string text = match(m);
    if (priority == default_priority) return text;
    return "priority=" + std::to_string(priority) + (text.empty() ? "" : ",") + text;
}

void Printer::packet(ByteSpan frame) {
    if (options.verbosity < 1) return;
    out += flow::format_packet(frame);
    end_line(out);
    constexpr int with_bytes = 3;
    if (options.verbosity >= with_bytes) out += hex_dump(frame, false);
}

std::string print_message(ByteSpan bytes, const PrintOptions& options) {
    if (bytes.size() < header_size)
        return "OpenFlow packet too short (only " + std::to_string(bytes.size()) + " bytes):\n" +
               hex_dump(bytes, true);
    const Header h = read_header(bytes);
    if (h.length < bytes.size())
        return "(***only uses " + std::to_string(h.length) + " bytes out of " + std::to_string(bytes.size()) +
               "***)\n" + hex_dump(bytes, true);
    const std::string name = message_name(bytes);
    const std::string flags = name.empty() ? "" : stats_flags(bytes, name);
    std::string out;
    if (!name.empty()) out = name + version_suffix(h.version) + " (xid=" + hex(h.xid) + "):" + flags;
    if (h.length > bytes.size())
        return out + "\n(***truncated to " + std::to_string(bytes.size()) + " bytes from " +
               std::to_string(h.length) + "***)\n" + hex_dump(bytes, true);
    const Dialect dialect = dialect_of(bytes);
    const auto message = decode_whole(bytes, dialect);
    if (message) {
        Printer p{out, options, dialect.version, name, bytes.subspan(header_size)};
        print_body(*message, p);
        end_line(out);
    } else {
        if (!name.empty()) out += flags.empty() ? " " : "\n";
        out += "***decode error: " + std::string(error_name(message.error())) + "***\n";
    }
    constexpr int with_bytes = 5;
    if (!message || options.verbosity >= with_bytes) out += hex_dump(bytes, true);
    return out;
}

}  // namespace weft::openflow
