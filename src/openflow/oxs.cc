// SPDX-License-Identifier: Apache-2.0
#include "openflow/oxs.h"

namespace weft::openflow {
namespace {

using action::OfError;
using action::refuse;

constexpr uint16_t basic_class = 0x8002;
enum Field : uint8_t { duration = 0, idle_time = 1, flow_count = 3, packet_count = 4, byte_count = 5 };

action::OfResult<> read_field(uint8_t number, ByteReader in, Oxs& s) {
    switch (number) {
        case duration:
            s.has_duration = true;
            s.duration_s = in.u32();
            s.duration_ns = in.u32();
            break;
        case idle_time:
            s.has_idle = true;
            s.idle_s = in.u32();
            in.skip(4);
            break;
        case flow_count:
            s.has_flows = true;
            s.flows = in.u32();
            break;
        case packet_count:
            s.has_counts = true;
            s.packets = in.u64();
            break;
        case byte_count:
            s.has_counts = true;
            s.bytes = in.u64();
            break;
        default:
            return {};
    }
    if (!in.ok() || !in.empty()) return refuse(OfError::bmc_bad_len);
    return {};
}

void open_field(ByteWriter& out, Field number, uint8_t length) {
    out.u16(basic_class);
    out.u8(static_cast<uint8_t>(number << 1));
    out.u8(length);
}

}  // namespace

action::OfResult<Oxs> read_oxs(ByteReader& in) {
    in.skip(2);
    const uint16_t length = in.u16();
    if (!in.ok() || length < 4) return refuse(OfError::bmc_bad_len);
    ByteReader fields(in.take(length - 4u));
    in.skip((8u - length % 8u) % 8u);
    if (!in.ok()) return refuse(OfError::bmc_bad_len);
    Oxs s;
    while (!fields.empty()) {
        const uint16_t oxs_class = fields.u16();
        const uint8_t number = fields.u8(), size = fields.u8();
        const ByteReader value(fields.take(size));
        if (!fields.ok()) return refuse(OfError::bmc_bad_len);
        if (oxs_class == basic_class) TRY(read_field(number >> 1, value, s));
    }
    return s;
}

void write_oxs(ByteWriter& out, const Oxs& s) {
    const size_t start = out.size();
    out.zeros(4);
    if (s.has_duration) {
        open_field(out, duration, 8);
        out.u32(s.duration_s);
        out.u32(s.duration_ns);
    }
    if (s.has_idle) {
        open_field(out, idle_time, 8);
        out.u32(s.idle_s);
        out.u32(0);
    }
    if (s.has_counts) {
        open_field(out, packet_count, 8);
        out.u64(s.packets);
        open_field(out, byte_count, 8);
        out.u64(s.bytes);
    }
    if (s.has_flows) {
        open_field(out, flow_count, 4);
        out.u32(s.flows);
    }
    out.patch_u16(start + 2, static_cast<uint16_t>(out.size() - start));
    out.pad_to(8, start);
}

}  // namespace weft::openflow
