// SPDX-License-Identifier: Apache-2.0
#include "bridge/default_rule.h"

#include <algorithm>

namespace weft::bridge {

namespace {

pipeline::FlowChange normal_rule(int32_t priority) {
    pipeline::FlowChange change;
    change.command = pipeline::FlowChange::Command::add;
    change.filter.table = 0;
    change.filter.strict = true;
    change.filter.priority = priority;
    change.filter.hidden = priority > 0xffff;
    if (priority > 0xffff) change.rule.flags = pipeline::rule_flag::hidden;
    change.rule.actions =
        std::make_shared<const action::Actions>(action::Actions{action::Output{ofpp::normal}});
    return change;
}

}  // namespace

bool has_controllers(const BridgeConfig& config) {
    return std::ranges::any_of(config.controllers, [](const ControllerConfig& c) {
        const bool passive = c.target.starts_with("p");
        return c.type.empty() ? !passive : c.type == "primary";
    });
}

bool switches_alone(const BridgeConfig& config) {
    return config.fail_mode != "secure" && !has_controllers(config);
}

std::vector<pipeline::RuleEvent> restart_tables(Bridge& bridge, bool alone, Time now) {
    pipeline::TablesEdit edit(*bridge.tables, now);
    pipeline::FlowChange all;
    all.command = pipeline::FlowChange::Command::remove;
    (void)edit.apply(all);
    if (alone) (void)edit.apply(normal_rule(0));
    return edit.publish();
}

void set_fail_open(Bridge& bridge, bool open, Time now) {
    pipeline::FlowChange change = normal_rule(pipeline::fail_open_priority);
    if (!open) change.command = pipeline::FlowChange::Command::remove;
    pipeline::TablesEdit edit(*bridge.tables, now);
    (void)edit.apply(change);
    edit.publish();
}

}  // namespace weft::bridge
