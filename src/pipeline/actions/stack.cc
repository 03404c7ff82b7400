// SPDX-License-Identifier: Apache-2.0
// pipeline/actions/stack.cc: push and pop. How much may be pushed is checked where loops are made: at a
// resubmit.
#include "pipeline/describe.h"
#include "pipeline/translator.h"

namespace weft::pipeline {

void apply(const action::StackPush& a, Translator& t) {
    const bool has = t.holds(flow::field(a.src.field).prereq);
    t.stack().push_back(has ? t.read_field(a.src) : flow::FieldValue{});
}

void apply(const action::StackPop& a, Translator& t) {
    if (t.stack().empty()) {
        t.tell(obs::TraceKind::error, [] { return std::string("stack underflow"); });
        return;
    }
    const flow::FieldValue value = t.stack().back();
    t.stack().pop_back();
    t.write_field(a.dst, value);
    t.tell(obs::TraceKind::detail, [&] { return describe_write(a.dst, t.key().key_for_lookup()); });
}

}  // namespace weft::pipeline
