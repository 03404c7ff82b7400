// SPDX-License-Identifier: Apache-2.0
#include "cli/dbctl/db_commands.h"
#include "cli/vsctl/commands.h"
#include "cli/vsctl/reload.h"
#include "cli/vsctl/schema.h"
#include "cli/vsctl/tables.h"

namespace weft::cli::vsctl {

dbctl::Program program() {
    dbctl::Program out{
        .name = "ovs-vsctl",
        .description = "ovs-vswitchd management utility",
        .log_module = "vsctl",
        .schema_text = std::string(schema_text()),
        .commands = {},
        .records = record_names,
        .show = shown_tables,
        .no_wait_help = "do not wait for ovs-vswitchd to reconfigure",
        .completions = {{"BRIDGE", "ovs-vsctl --timeout=2 list-br"},
                        {"PARENT", "ovs-vsctl --timeout=2 --real list-br"},
                        {"PORT", "ovs-vsctl --timeout=2 --bare --columns=name list Port"},
                        {"BOND", "ovs-vsctl --timeout=2 --bare --columns=name list Port"},
                        {"IFACE", "ovs-vsctl --timeout=2 --bare --columns=name list Interface"},
                        {"PORT\\|IFACE", "ovs-vsctl --timeout=2 --bare --columns=name list Interface"},
                        {"MODE", "echo standalone secure"}}};
    for (const auto part : {switch_commands(), bridge_commands(), port_commands(), controller_commands(),
                            ssl_commands(), aa_commands(), zone_commands(), dbctl::database_commands()})
        out.commands.insert(out.commands.end(), part.begin(), part.end());
    return out;
}

int run(int argc, char** argv) {
    const auto make = [](const Paths& paths, bool wait) { return std::make_unique<Reload>(paths, wait); };
    return dbctl::run(program(), make, argc, argv);
}

}  // namespace weft::cli::vsctl
