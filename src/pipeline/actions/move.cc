// SPDX-License-Identifier: Apache-2.0
// pipeline/actions/move.cc: copies bits of one field to another, if the packet has both.
#include <algorithm>

#include "pipeline/describe.h"
#include "pipeline/translator.h"

namespace weft::pipeline {

namespace {

constexpr int value_bits = 128;

/// Options of tunnels may be wider than a value: these are the pieces.
flow::Subfield piece(flow::Subfield sf, uint16_t at) {
    return {sf.field, static_cast<uint16_t>(sf.ofs + at),
            static_cast<uint16_t>(std::min(sf.n_bits - at, value_bits)), sf.place};
}

void move_pieces(const action::Move& a, Translator& t) {
    std::vector<flow::FieldValue> values;  // all are read before the first is written: they may overlap
    for (uint16_t at = 0; at < a.src.n_bits; at = static_cast<uint16_t>(at + piece(a.src, at).n_bits))
        values.push_back(t.read_field(piece(a.src, at)));
    uint16_t at = 0;
    for (const flow::FieldValue& value : values) {
        const flow::Subfield dst = piece(a.dst, at);
        t.key().write(dst, value);
        at = static_cast<uint16_t>(at + dst.n_bits);
    }
}

}  // namespace

void apply(const action::Move& a, Translator& t) {
    if (!t.holds(flow::field(a.src.field).prereq) || !t.holds(flow::field(a.dst.field).prereq)) return;
    if (a.src.n_bits <= value_bits)
        t.key().write(a.dst, t.read_field(a.src));
    else
        move_pieces(a, t);
    t.tell(obs::TraceKind::detail, [&] { return describe_write(a.dst, t.key().key_for_lookup()); });
}

}  // namespace weft::pipeline
