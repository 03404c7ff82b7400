// SPDX-License-Identifier: Apache-2.0
// From a drop's reason to the rule, row or missing state behind it, and to what would change it.
#pragma once

#include "ctl/explanation.h"

namespace weft::ctl {

/// A drop and the switch it happened in. Valid within one command.
struct Case {
    bridge::Switch& sw;
    bridge::Backer& backer;
    const bridge::DropRecord& record;
    const bridge::Bridge* came_by = nullptr;  ///< null: no bridge has the port
    Time now;

    /// The bridge where the reason came up; null: none.
    const bridge::Bridge* site() const;
    /// The rule that decided; null: none did.
    pipeline::RulePtr rule() const;
    const flow::FlowKey& key() const { return record.key; }
    bool is(pipeline::Drop reason) const { return record.reason.is(reason); }
    /// Of the port that a drop of the datapath names.
    const bridge::Member* out_port() const { return member(DpPort{record.sample.arg}); }
    const bridge::Member* in_port() const;
    /// Whichever bridge has the port; null: none has.
    const bridge::Member* member(DpPort port) const;
};

/// Of every reason there is, what a person needs to change it.
Verdict judge(const Case& about);

// In files of their own; none: it is not theirs to tell.
std::optional<Verdict> judge_rules(const Case& about);        ///< verdict_rules.cc: tables, rules, groups
std::optional<Verdict> judge_ports(const Case& about);        ///< verdict_ports.cc: VLANs, ports, MTU
std::optional<Verdict> judge_controllers(const Case& about);  ///< verdict_controllers.cc: controllers, load
std::optional<Verdict> judge_in_words(const Case& about);     ///< verdict_words.cc: all others
Verdict judge_forwarded(const Case& about);                   ///< verdict_forward.cc: not dropped
/// What keeps controllers of a bridge from helping; empty: nothing does.
std::string controllers_state(const Case& about, const bridge::Bridge& bridge);

}  // namespace weft::ctl
