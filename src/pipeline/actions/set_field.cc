// SPDX-License-Identifier: Apache-2.0
// pipeline/actions/set_field.cc: set_field, load and the setters of OpenFlow 1.0. A packet without the field
// stays as it is. The datapath learns of it when the packet is sent (commit.h).
#include <algorithm>

#include "flow/tlv_layout.h"
#include "pipeline/translator.h"

namespace weft::pipeline {

namespace {

bool bit(const flow::FieldValue& v, size_t i) { return v.b[15 - i / 8] >> i % 8 & 1; }

/// `n` bits from bit `at` upwards, right-aligned.
flow::FieldValue bits_of(const flow::FieldValue& v, size_t at, size_t n) {
    flow::FieldValue out;
    for (size_t i = 0; i < n; ++i)
        if (bit(v, at + i)) out.b[15 - i / 8] |= static_cast<uint8_t>(1 << i % 8);
    return out;
}

/// Each run of ones in the mask.
void write_masked(const action::SetField& a, size_t n, uint16_t place, Translator& t) {
    for (size_t at = 0; at < n;) {
        size_t end = at;
        while (end < n && bit(a.mask, end)) ++end;
        if (end > at)
            t.write_field({a.field, static_cast<uint16_t>(at), static_cast<uint16_t>(end - at), place},
                          bits_of(a.value, at, end - at));
        at = end > at ? end : at + 1;
    }
}

/// An option may be longer than the value, which fills it up with zeros if it is to be all of it.
void set_option(const action::SetField& a, Translator& t) {
    constexpr uint16_t value_bits = 128;
    const uint16_t place = a.load_dst.place, n = flow::OptionPlace::unpack(place).n_bits();
    if (a.mask != flow::legal_bits(a.field)) return write_masked(a, std::min(n, value_bits), place, t);
    for (uint16_t at = 0; at < n; at = static_cast<uint16_t>(at + value_bits)) {
        const auto width = std::min<uint16_t>(value_bits, static_cast<uint16_t>(n - at));
        t.write_field({a.field, at, width, place}, at ? flow::FieldValue{} : a.value);
    }
}

}  // namespace

void apply(const action::SetField& a, Translator& t) {
    if (flow::field(a.field).is_tun_metadata()) return set_option(a, t);
    const size_t n = flow::field(a.field).n_bits;
    if (a.mask == flow::FieldValue::ones(n)) return t.write_field(flow::whole(a.field), a.value);
    write_masked(a, n, 0, t);
}

void apply(const action::SetTpPort& a, Translator& t) {
    using flow::FieldId;
    const bool src = a.side == action::SetTpPort::Side::src;
    const auto value = flow::FieldValue::from_u64(a.port);
    // The same bits of the key for all three; the first that the packet has.
    if (t.holds(flow::Prereq::tcp))
        t.key().write(flow::whole(src ? FieldId::tcp_src : FieldId::tcp_dst), value);
    else if (t.holds(flow::Prereq::udp))
        t.key().write(flow::whole(src ? FieldId::udp_src : FieldId::udp_dst), value);
    else if (t.holds(flow::Prereq::sctp))
        t.key().write(flow::whole(src ? FieldId::sctp_src : FieldId::sctp_dst), value);
}

void apply(const action::SetTunnelId& a, Translator& t) {
    t.key().write(&flow::FlowKey::tunnel, &flow::TunnelBlock::id, Be64(a.id));
}

void apply(const action::WriteMetadata& a, Translator& t) {
    const auto metadata = &flow::PipelineBlock::metadata;
    const bool whole = a.mask == ~uint64_t{0};
    const uint64_t old = whole ? 0 : t.key().read(&flow::FlowKey::pipe, metadata).host();
    t.key().write(&flow::FlowKey::pipe, metadata, Be64((old & ~a.mask) | (a.value & a.mask)));
}

}  // namespace weft::pipeline
