// SPDX-License-Identifier: Apache-2.0
// pipeline/actions/fin_timeout.cc: a TCP packet that ends its connection shortens the rule's timeouts.
#include "pipeline/translator.h"

namespace weft::pipeline {

void apply(const action::FinTimeout& a, Translator& t) {
    if (!t.rule() || !t.holds(flow::Prereq::tcp)) return;
    constexpr flow::Subfield fin{flow::FieldId::tcp_flags, 0, 1}, rst{flow::FieldId::tcp_flags, 2, 1};
    const bool ends = t.key().read(fin).to_u64() || t.key().read(rst).to_u64();
    if (ends) t.effect(ReduceTimeouts{t.bridge().tables, t.rule(), a.idle, a.hard});
}

}  // namespace weft::pipeline
