// SPDX-License-Identifier: Apache-2.0
// What the two ends of a connection say about it and themselves: hello, errors, echoes, configuration,
// settings.
#include "openflow/print/printer.h"

namespace weft::openflow {
namespace {

std::string_view fragments_name(Fragments f) {
    switch (f) {
        case Fragments::normal:
            return "normal";
        case Fragments::drop:
            return "drop";
        case Fragments::reassemble:
            return "reassemble";
        case Fragments::nx_match:
            return "nx-match";
    }
    return "";
}

std::string config(const SwitchConfig& c) {
    return " frags=" + std::string(fragments_name(c.fragments)) +
           (c.invalid_ttl_to_controller ? " invalid_ttl_to_controller" : "") +
           " miss_send_len=" + std::to_string(c.miss_send_len);
}

void add_payload(ByteSpan data, Printer& p) {
    p.out += " " + std::to_string(data.size()) + " bytes of payload\n";
    constexpr int with_bytes = 2;
    if (p.options.verbosity >= with_bytes) p.out += hex_dump(data, true);
}

/// What does not print, in octal digits.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c >= ' ' && c < 0x7f && c != '\\' && c != '"') {
            out += c;
            continue;
        }
        out += '\\';
        for (const int shift : {6, 3, 0})
            out += static_cast<char>('0' + (static_cast<uint8_t>(c) >> shift & 7));
    }
    return out;
}

bool is_text(const ErrorReport& m) {
    return m.error == OfError::hfc_incompatible || m.error == OfError::hfc_eperm;
}

}  // namespace

void print(const Hello& m, Printer& p) {
    std::string list;
    for (unsigned v = 0; v < 32; ++v) {
        if (m.versions.bitmap() >> v & 1) list += (list.empty() ? "0x0" : ", 0x0") + hex(v).substr(2);
    }
    p.out += "\n version bitmap: " + list;
}

void print(const ErrorReport& m, Printer& p) {
    if (!m.error) {
        p.out += " type=" + std::to_string(m.numbers.type) + " code=" + std::to_string(m.numbers.code);
        if (m.numbers.vendor) p.out += " vendor=" + hex(m.numbers.vendor);
        p.out += "\n" + hex_dump(m.data, true);
        return;
    }
    p.out += " " + std::string(error_name(*m.error)) + "\n";
    if (is_text(m)) {
        p.out += escaped(as_chars(m.data)) + "\n";
        return;
    }
    if (m.data.empty()) {
        p.out += "OpenFlow message is empty\n";
        return;
    }
    p.out += print_message(m.data, {.verbosity = 1, .names = p.options.names});
}

void print(const EchoRequest& m, Printer& p) { add_payload(m.data, p); }
void print(const EchoReply& m, Printer& p) { add_payload(m.data, p); }
void print(const GetConfigReply& m, Printer& p) { p.out += config(m.config); }
void print(const SetConfig& m, Printer& p) { p.out += config(m.config); }

void print(const SetFlowFormat& m, Printer& p) { p.out += m.nxm ? " format=nxm" : " format=openflow10"; }
void print(const UseTableId& m, Printer& p) { p.out += m.enable ? " enable" : " disable"; }

void print(const SetPacketInFormat& m, Printer& p) {
    constexpr std::string_view names[] = {"standard", "nxt_packet_in", "nxt_packet_in2"};
    (p.out += " format=") += names[static_cast<size_t>(m.format)];
}

void print(const SetControllerId& m, Printer& p) { p.out += " id=" + std::to_string(m.id); }

void print(const DescReply& m, Printer& p) {
    const SwitchDesc& d = m.desc;
    p.out += "\nManufacturer: " + d.manufacturer + "\nHardware: " + d.hardware + "\nSoftware: " + d.software +
             "\nSerial Num: " + d.serial + "\nDP Description: " + d.datapath;
}

}  // namespace weft::openflow
