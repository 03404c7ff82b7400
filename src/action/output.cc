// SPDX-License-Identifier: Apache-2.0
// output: to a port, to the port that a field names, and cut to a length.
#include <array>

#include "action/codec.h"
#include "action/text_codec.h"
#include "action/wire.h"
#include "flow/key_value.h"

namespace weft::action {
namespace {

using enum Version;

OfResult<Action> decode_10(Body& b) {
    const Output out{OfPort{b.in.u16()}, b.in.u16()};
    TRY(check_output_port(out.port));
    return out;
}

OfResult<Action> decode_11(Body& b) {
    const OfPort port = TRY(port_from_32(b.in.u32()));
    TRY(check_output_port(port));
    return Output{port, b.in.u16()};
}

OfResult<Action> decode_reg(Body& b) {
    const uint16_t packed = b.in.u16();
    const flow::FieldId src = TRY(read_field_header(b.in, OfError::bac_bad_set_type));
    const OutputReg out{from_ofs_nbits(src, packed), b.in.u16()};
    TRY(expect_zeros(b.in, OfError::bac_bad_argument));
    TRY(check_source(out.src));
    return out;
}

OfResult<Action> decode_reg2(Body& b) {
    const uint16_t packed = b.in.u16(), max_len = b.in.u16();
    const flow::FieldId src = TRY(read_field_header(b.in, OfError::bac_bad_set_type));
    const OutputReg out{from_ofs_nbits(src, packed), max_len};
    TRY(expect_zeros(b.in, OfError::nxbrc_must_be_zero));
    TRY(check_source(out.src));
    return out;
}

OfResult<Action> decode_trunc(Body& b) {
    const OutputTrunc out{OfPort{b.in.u16()}, b.in.u32()};
    // An Ethernet header has to remain, and what the reserved ports do needs the whole packet.
    constexpr uint32_t min_len = 14;
    if (out.max_len < min_len) return refuse(OfError::bac_bad_argument);
    if (out.port >= ofpp::max && out.port != ofpp::in_port && out.port != ofpp::local)
        return refuse(OfError::bac_bad_out_port);
    return out;
}

constexpr std::array rows{
    WireForm{0, 0, v10, v10, 8, false, decode_10},
    WireForm{0, 0, v11, v15, 16, false, decode_11},
    WireForm{nicira_vendor, 15, v10, v15, 24, false, decode_reg},
    WireForm{nicira_vendor, 32, v10, v15, 24, false, decode_reg2},
    WireForm{nicira_vendor, 39, v10, v15, 16, false, decode_trunc},
};

}  // namespace

OfResult<> check_output_port(OfPort port) {
    if (port < ofpp::max || (port >= ofpp::in_port && port < ofpp::none)) return {};
    return refuse(OfError::bac_bad_out_port);
}

forms::Rows forms::output() { return rows; }

void encode(const Output& a, Encoder& e) {
    const auto open = e.standard(0);
    if (e.version() == v10) {
        e.out().u16(a.port.value);
        e.out().u16(a.max_len);
    } else {
        e.out().u32(flow::port_to_32(a.port.value));
        e.out().u16(a.max_len);
        e.out().zeros(6);
    }
}

void encode(const OutputReg& a, Encoder& e) {
    if (has_long_header(a.src.field)) {
        const auto open = e.nicira(32);
        e.out().u16(ofs_nbits(a.src));
        e.out().u16(a.max_len);
        write_field_header(e.out(), a.src.field, v10);
    } else {
        const auto open = e.nicira(15);
        e.out().u16(ofs_nbits(a.src));
        write_field_header(e.out(), a.src.field, v10);
        e.out().u16(a.max_len);
        e.out().zeros(6);
    }
}

void encode(const OutputTrunc& a, Encoder& e) {
    const auto open = e.nicira(39);
    e.out().u16(a.port.value);
    e.out().u32(a.max_len);
}

// Text.

namespace {

constexpr uint32_t min_trunc_len = 14;

/// Of a packet that is cut: one that others do not stand behind.
Result<OfPort> parse_trunc_port(std::string_view text, const TextArgs& a) {
    const auto port = flow::parse_port(text, a.names.ports);
    if (!port) return fail("output to unknown truncate port: " + std::string(text));
    if (*port > ofpp::max && *port != ofpp::in_port && *port != ofpp::local)
        return fail("output to unsupported truncate port: " + std::string(text));
    return *port;
}

/// output(port=PORT,max_len=N)
Result<OutputTrunc> parse_trunc(const TextArgs& a) {
    OutputTrunc out;
    for (std::string_view items = a.args; const auto kv = flow::next_key_value(items);) {
        if (kv->key == "port")
            out.port = TRY(parse_trunc_port(kv->value, a));
        else if (kv->key == "max_len")
            out.max_len = static_cast<uint32_t>(TRY(parse_number(kv->value, 0xffffffff)));
        else
            return fail("invalid key '" + std::string(kv->key) + "' in output_trunc argument");
    }
    if (out.max_len < min_trunc_len)
        return fail("max_len " + std::to_string(out.max_len) + " is less than the minimum value " +
                    std::to_string(min_trunc_len));
    return out;
}

Result<> parse_output(const TextArgs& a, Actions& out) {
    if (a.args.find("max_len") != a.args.npos && a.args.find("port") != a.args.npos) {
        out.emplace_back(TRY(parse_trunc(a)));
        return {};
    }
    if (const auto port = flow::parse_port(a.args, a.names.ports)) {
        out.emplace_back(Output{*port, *port == ofpp::controller ? whole_packet : uint16_t{0}});
        return {};
    }
    if (a.args.find('=') != a.args.npos) return fail(std::string(a.args) + ": output to unknown port");
    TRY(flow::check_header(a.args));
    const auto src = flow::parse_subfield(a.args);
    if (!src) return fail(std::string(a.args) + ": output to unknown port");
    out.emplace_back(OutputReg{*src, 0xffff});
    return {};
}

constexpr std::array names_of_output{TextForm{"output", parse_output}};

}  // namespace

texts::Rows texts::output() { return names_of_output; }

void print(const Output& a, Printer& p) {
    if (a.port < ofpp::max) p.put("output:");
    p.port(a.port);
    if (a.port == ofpp::controller) {
        p.put(":");
        p.number(a.max_len);
    }
}

void print(const OutputReg& a, Printer& p) { p.put("output:" + flow::format_subfield(a.src)); }

void print(const OutputTrunc& a, Printer& p) {
    p.put("output(port=");
    p.port(a.port);
    p.put(",max_len=");
    p.number(a.max_len);
    p.put(")");
}

}  // namespace weft::action
