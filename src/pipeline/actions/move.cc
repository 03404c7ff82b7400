// SPDX-License-Identifier: Apache-2.0
// pipeline/actions/move.cc: copies bits of one field to another, if the packet has both.
#include "pipeline/describe.h"
#include "pipeline/translator.h"

namespace weft::pipeline {

void apply(const action::Move& a, Translator& t) {
    if (!t.holds(flow::field(a.src.field).prereq) || !t.holds(flow::field(a.dst.field).prereq)) return;
    t.key().write(a.dst, t.read_field(a.src));
    t.tell(obs::TraceKind::detail, [&] { return describe_write(a.dst, t.key().key_for_lookup()); });
}

}  // namespace weft::pipeline
