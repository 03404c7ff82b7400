// SPDX-License-Identifier: Apache-2.0
// pipeline/actions/control.cc: exit, clone, note and conjunction.
#include <algorithm>

#include "pipeline/translator.h"

namespace weft::pipeline {

void apply(const action::Exit&, Translator& t) { t.exit(); }

/// What the actions inside do to packet, stack and action set is gone afterwards. They need no clone of the
/// datapath, unless they truncate: the commit step turns its packet back where the packet goes on
/// differently.
void apply(const action::Clone& a, Translator& t) {
    const bool truncates = std::ranges::any_of(a.actions, [](const action::Action& one) {
        return std::holds_alternative<action::OutputTrunc>(one.v);
    });
    const bool changes_headers = std::ranges::any_of(a.actions, [](const action::Action& one) {
        return std::holds_alternative<action::Encap>(one.v) || std::holds_alternative<action::Decap>(one.v);
    });
    if (changes_headers) t.commit();  // once, not in the datapath's clone that this comes to and after it
    const auto body = [&] { t.in_clone([&] { t.execute(a.actions); }); };
    truncates ? t.in_datapath_clone(body) : body();
}

void apply(const action::Note&, Translator&) {}
void apply(const action::Conjunction&, Translator&) {}  // the classifier knows

}  // namespace weft::pipeline
