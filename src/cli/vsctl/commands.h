// SPDX-License-Identifier: Apache-2.0
// The commands of ovs-vsctl that know bridges; those of any database are in cli/dbctl.
#pragma once

#include <span>
#include <vector>

#include "cli/dbctl/program.h"

namespace weft::cli::vsctl {

std::span<const dbctl::Command> switch_commands();  // switch_commands.cc: init, show, emer-reset
std::span<const dbctl::Command> bridge_commands();  // bridge_commands.cc
std::span<const dbctl::Command> port_commands();    // port_commands.cc: ports, bonds, interfaces
std::span<const dbctl::Command>
controller_commands();                            // controller_commands.cc: controllers, managers, fail mode
std::span<const dbctl::Command> ssl_commands();   // ssl_commands.cc
std::span<const dbctl::Command> aa_commands();    // aa_commands.cc: auto-attach
std::span<const dbctl::Command> zone_commands();  // zone_commands.cc: conntrack zones, datapath capabilities

/// The whole of ovs-vsctl.
dbctl::Program program();
int run(int argc, char** argv);

}  // namespace weft::cli::vsctl
