// SPDX-License-Identifier: Apache-2.0
// pipeline/actions/action_set.cc: write_actions and clear_actions.
#include "action/text.h"
#include "pipeline/translator.h"

namespace weft::pipeline {

namespace {

void set_output(Translator& t) {
    const Be32 port(t.action_set().output().value);
    t.key().write(&flow::FlowKey::pipe, &flow::PipelineBlock::actset_output, port);
}

/// What it would run: "action set is: output:3"; the set's own words if it runs nothing.
void tell_set(Translator& t, const char* verb) {
    t.tell(obs::TraceKind::detail, [&] {
        const action::Actions set = t.action_set().in_order();
        const std::string is = std::string("action set ") + verb;
        return set.empty() ? is + " empty" : is + ": " + action::to_text(set);
    });
}

}  // namespace

void apply(const action::WriteActions& a, Translator& t) {
    if (!t.inner_known()) return;  // Open vSwitch waits here too
    t.action_set().write(a.actions);
    set_output(t);
    tell_set(t, "is");
}

void apply(const action::ClearActions&, Translator& t) {
    tell_set(t, "was");
    t.action_set().clear();
    set_output(t);
}

}  // namespace weft::pipeline
