// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cli/vsctl/commands.h"
#include "cli/vsctl/model.h"

namespace weft::cli::vsctl {
namespace {

using dbctl::Context;
using dbctl::Invocation;
using dbctl::Needs;
using ovsdb::Datum;

constexpr std::string_view controller_group = "Controller commands", manager_group = "Manager commands";

Result<> need_controllers(const Invocation&, Needs& needs) {
    Model::need(needs);
    needs.columns("Bridge", {"controller", "fail_mode"});
    needs.columns("Controller", {"target", "inactivity_probe"});
    return {};
}

Result<> need_managers(const Invocation&, Needs& needs) {
    needs.column("Open_vSwitch", "manager_options");
    needs.columns("Manager", {"target", "inactivity_probe"});
    return {};
}

/// Sorted, one a line.
void print_targets(Context& context, const std::vector<RowView>& rows) {
    std::vector<std::string> targets;
    for (const auto& row : rows) targets.emplace_back(row.str("target"));
    std::ranges::sort(targets);
    for (const auto& target : targets) context.out.line(target);
}

void warn_of_unknown(Context& context, const std::string& target) {
    const auto known = {"tcp:", "ssl:", "unix:", "ptcp:", "pssl:", "punix:"};
    if (std::ranges::none_of(known, [&](const char* start) { return target.starts_with(start); }))
        context.warn("vsctl", "target type \"" + target + "\" is possibly erroneous");
}

/// Puts rows with these targets in the place of those that `owner` refers to.
Result<> replace_targets(Context& context, const RowView& owner, std::string_view column,
                         std::span<const std::string> targets) {
    auto& db = context.db;
    for (const auto& row : owner.refs(column)) db.erase(row);
    const auto& table = db.schema().tables[owner.table().find(column)->key_table];
    std::vector<Uuid> rows;
    for (const auto& target : targets) {
        warn_of_unknown(context, target);
        const auto row = db.insert(table);
        db.set_value(row, "target", target);
        if (const auto* probe = context.call.value("--inactivity-probe")) {
            const auto* probe_column = table.find("inactivity_probe");
            if (probe_column)
                db.set(row, probe_column->name, TRY(ovsdb::parse_datum_text(*probe, probe_column->type)));
        }
        rows.push_back(row.uuid());
    }
    db.set_value(owner, column, rows);
    return {};
}

Result<> get_controller(Context& context) {
    print_targets(context, TRY(Model(context.db).bridge(context.arg(0))).real.refs("controller"));
    return {};
}

Result<> set_controller(Context& context) {
    const auto bridge = TRY(Model(context.db).real_bridge(context.arg(0)));
    return replace_targets(context, bridge.real, "controller", context.call.from(1));
}

Result<> get_fail_mode(Context& context) {
    const auto mode = TRY(Model(context.db).bridge(context.arg(0))).real.str("fail_mode");
    if (!mode.empty()) context.out.line(mode);
    return {};
}

Result<> del_fail_mode(Context& context) {
    context.db.set(TRY(Model(context.db).real_bridge(context.arg(0))).real, "fail_mode", Datum());
    return {};
}

Result<> set_fail_mode(Context& context) {
    const auto bridge = TRY(Model(context.db).real_bridge(context.arg(0)));
    const auto& mode = context.arg(1);
    if (mode != "standalone" && mode != "secure")
        return fail("fail-mode must be \"standalone\" or \"secure\"");
    context.db.set_value(bridge.real, "fail_mode", mode);
    return {};
}

Result<> get_manager(Context& context) {
    print_targets(context, Model(context.db).root().refs("manager_options"));
    return {};
}

Result<> set_manager(Context& context) {
    return replace_targets(context, Model(context.db).root(), "manager_options", context.call.from(0));
}

constexpr dbctl::Command commands[] = {
    {controller_group, "get-controller", "!BRIDGE", "", "print the controllers of BRIDGE", false,
     need_controllers, get_controller},
    {controller_group, "del-controller", "!BRIDGE", "", "delete the controllers of BRIDGE", true,
     need_controllers, set_controller},
    {controller_group, "set-controller", "!BRIDGE *TARGET",
     "--inactivity-probe=", "set the controllers of BRIDGE", true, need_controllers, set_controller},
    {controller_group, "get-fail-mode", "!BRIDGE", "", "print the fail-mode of BRIDGE", false,
     need_controllers, get_fail_mode},
    {controller_group, "del-fail-mode", "!BRIDGE", "", "delete the fail-mode of BRIDGE", true,
     need_controllers, del_fail_mode},
    {controller_group, "set-fail-mode", "!BRIDGE !MODE", "",
     "set the fail-mode of BRIDGE: standalone or secure", true, need_controllers, set_fail_mode},
    {manager_group, "get-manager", "", "", "print the managers", false, need_managers, get_manager},
    {manager_group, "del-manager", "", "", "delete the managers", true, need_managers, set_manager},
    {manager_group, "set-manager", "+TARGET", "--inactivity-probe=", "set the managers", true, need_managers,
     set_manager},
};

}  // namespace

std::span<const dbctl::Command> controller_commands() { return commands; }

}  // namespace weft::cli::vsctl
