// SPDX-License-Identifier: Apache-2.0
// pipeline/actions/ct.cc: connection tracking. No datapath has it yet, and forwarding without it what a
// firewall would hold back is worse than a drop that says why.
#include "pipeline/drop.h"
#include "pipeline/translator.h"

namespace weft::pipeline {

void apply(const action::Ct&, Translator& t) {
    t.fail(Drop::needs_conntrack, std::string(explanation(Drop::needs_conntrack)));
}
void apply(const action::Nat&, Translator&) {}  // stands inside ct only

/// A packet that was never tracked has nothing to clear, unless a test says it was.
void apply(const action::CtClear&, Translator& t) {
    t.key().write_block(&flow::FlowKey::ct, flow::CtBlock{});
}

}  // namespace weft::pipeline
