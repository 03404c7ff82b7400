// SPDX-License-Identifier: Apache-2.0
#include "cli/dbctl/db_commands.h"
#include "cli/vsctl/commands.h"
#include "cli/vsctl/model.h"
#include "cli/vsctl/tables.h"

namespace weft::cli::vsctl {
namespace {

using dbctl::Context;
using dbctl::Invocation;
using dbctl::Needs;
using ovsdb::Datum;

constexpr std::string_view group = "Open vSwitch commands";

Result<> need_shown(const Invocation&, Needs& needs) {
    dbctl::need_show(shown_tables, needs);
    return {};
}

Result<> need_reset(const Invocation&, Needs& needs) {
    Model::need(needs);
    needs.columns("Open_vSwitch", {"manager_options", "ssl"});
    needs.columns("Bridge",
                  {"other_config", "controller", "fail_mode", "mirrors", "netflow", "sflow", "ipfix"});
    needs.column("Port", "other_config");
    needs.columns("Interface", {"ingress_policing_rate", "ingress_policing_burst"});
    return {};
}

/// The row that a new database lacks is made before any command.
Result<> init(Context&) { return {}; }

void reset_bridge(Workspace& db, const RowView& bridge) {
    for (const auto* column : {"controller", "fail_mode", "mirrors", "netflow", "sflow", "ipfix"})
        db.set(bridge, column, Datum());
    std::map<std::string, std::string> kept;
    if (const auto address = bridge.get("other_config", "hwaddr")) kept.emplace("hwaddr", *address);
    db.set_value(bridge, "other_config", kept);
}

Result<> emer_reset(Context& context) {
    auto& db = context.db;
    const auto root = Model(db).root();
    db.set(root, "manager_options", Datum());
    db.set(root, "ssl", Datum());
    for (const auto& bridge : db.table("Bridge").rows()) reset_bridge(db, bridge);
    for (const auto& port : db.table("Port").rows()) db.set(port, "other_config", Datum());
    for (const auto& iface : db.table("Interface").rows()) {
        db.set_value(iface, "ingress_policing_rate", 0);
        db.set_value(iface, "ingress_policing_burst", 0);
    }
    return {};
}

constexpr dbctl::Command commands[] = {
    {group, "init", "", "", "initialize database, if not yet initialized", true, nullptr, init},
    {group, "show", "", "", "print overview of database contents", false, need_shown, dbctl::run_show},
    {group, "emer-reset", "", "", "reset configuration to clean state", true, need_reset, emer_reset},
};

}  // namespace

std::span<const dbctl::Command> switch_commands() { return commands; }

}  // namespace weft::cli::vsctl
