// SPDX-License-Identifier: Apache-2.0
// What all messages share: headers, lists that need several messages, ports, texts and matches.
#include <algorithm>

#include "action/wire.h"
#include "flow/decode_into.h"
#include "openflow/codec.h"

namespace weft::openflow {

void Output::write_header(MessageType type) {
    out.u8(wire(version()));
    out.u8(message_number(type, version()));
    out.u16(0);
    out.u32(xid);
}

Output::Open Output::open(MessageType type) {
    const size_t start = out.size();
    write_header(type);
    return Open(out, start);
}

Output::Open Output::open_experimenter(uint32_t vendor, uint32_t subtype) {
    const size_t start = out.size();
    write_header(MessageType::experimenter);
    out.u32(vendor);
    out.u32(subtype);
    return Open(out, start);
}

Output::Open Output::open_stats(MessageType request_or_reply, StatsType type, bool with_more) {
    const size_t start = out.size();
    write_header(request_or_reply);
    out.u16(static_cast<uint16_t>(type));
    out.u16(with_more);
    if (version() > Version::v10) out.zeros(4);
    return Open(out, start);
}

Output::Open Output::open_experimenter_stats(MessageType request_or_reply, ExperimenterType type,
                                             bool with_more) {
    const size_t start = out.size();
    write_header(request_or_reply);
    out.u16(static_cast<uint16_t>(StatsType::experimenter));
    out.u16(with_more);
    if (version() > Version::v10) out.zeros(4);
    out.u32(type.vendor);
    out.u32(type.subtype);
    if (version() == Version::v10) out.zeros(4);
    return Open(out, start);
}

void Output::list_in(const std::function<Open(bool more)>& open_one, size_t n,
                     const std::function<void(size_t i)>& write_entry) {
    size_t i = 0;
    do {
        const size_t start = out.size();
        size_t end_of_header = 0;
        {
            const auto open_message = open_one(true);
            end_of_header = out.size();
            for (; i < n; ++i) {
                const size_t before = out.size();
                write_entry(i);
                if (out.size() - start <= max_message) continue;
                out.truncate(before);
                if (before > end_of_header) break;  // it goes first in the next message
            }
        }
        // The flags follow the type behind the header.
        if (i >= n && !more) out.patch_u16(start + header_size + 2, 0);
    } while (i < n);
}

void Output::list(StatsType type, size_t n, const std::function<void(size_t i)>& write_entry) {
    list_in([&](bool m) { return open_stats(MessageType::stats_reply, type, m); }, n, write_entry);
}

void Output::nicira_list(uint32_t subtype, size_t n, const std::function<void(size_t i)>& write_entry) {
    list_in([&](bool m) { return open_nicira_stats(MessageType::stats_reply, subtype, m); }, n, write_entry);
}

Header read_header(ByteSpan bytes) {
    ByteReader in(bytes);
    return {in.u8(), in.u8(), in.u16(), in.u32()};
}

Bytes rest_of(ByteReader& in) {
    const ByteSpan rest = in.take(in.size());
    return {rest.begin(), rest.end()};
}

std::string read_text(ByteReader& in, size_t size) {
    const std::string_view all = as_chars(in.take(size)).substr(0, size - 1);
    return std::string(all.substr(0, all.find('\0')));
}

void write_text(ByteWriter& out, std::string_view text, size_t size) {
    text = text.substr(0, size - 1);
    out.bytes(as_bytes(text));
    out.zeros(size - text.size());
}

OfResult<OfPort> read_port(Input& i, OfError code) {
    if (i.version == Version::v10) return OfPort{i.in.u16()};
    const auto port = action::port_from_32(i.in.u32());
    if (!port) return refuse(code);
    return *port;
}

void write_port(Output& o, OfPort port) {
    if (o.version() == Version::v10)
        o.out.u16(port.value);
    else
        o.out.u32(flow::port_to_32(port.value));
}

OfResult<flow::Match> read_match(Input& i, const flow::OxmOptions& options) {
    if (i.version > Version::v10) return action::of_result(flow::decode_ofp_match(i.in, options));
    const flow::Match m = flow::decode_match10(i.in);
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    return m;
}

void write_match(Output& o, const flow::Match& match) {
    if (o.version() == Version::v10)
        flow::encode_match10(match, o.out);
    else
        flow::encode_ofp_match(match, wire(o.version()), o.out);
}

OfResult<flow::Match> read_nx_match(ByteReader& in, uint16_t length, const flow::OxmOptions& options) {
    OfResult<flow::Match> m;
    if (const auto done = read_nx_match(in, length, *m, options); !done) m = std::unexpected(done.error());
    return m;
}

OfResult<> read_nx_match(ByteReader& in, uint16_t length, flow::Match& m, const flow::OxmOptions& options) {
    const ByteSpan tlvs = in.take(length);
    in.skip((8u - length % 8u) % 8u);
    if (!in.ok()) return refuse(OfError::brc_bad_len);
    return action::of_result(flow::decode_oxm(tlvs, m, options));
}

uint16_t write_nx_match(ByteWriter& out, const flow::Match& match, const flow::NxmCookie* cookie) {
    const size_t start = out.size();
    flow::encode_oxm(match, wire(Version::v10), out, cookie);
    const size_t length = out.size() - start;
    out.pad_to(8, start);
    return static_cast<uint16_t>(length);
}

}  // namespace weft::openflow
