// SPDX-License-Identifier: Apache-2.0
// What the commands of a running switch work on.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "bridge/switch.h"
#include "ctl/spare_datapaths.h"
#include "loop/loop.h"
#include "obs/commands.h"

namespace weft::ctl {

/// Referenced objects outlive the command table. Commands run on the control thread.
struct Context {
    bridge::Switch& sw;
    loop::Loop& loop;
    SpareDatapaths& spare;
};

/// "no such bridge" in a Result.
Result<bridge::Switch::Runtime*> find_bridge(const Context& c, const std::string& name,
                                             std::string_view otherwise = "no such bridge");

/// What a port of the datapath is called, whether or not a bridge has it; its number if it is gone.
std::string port_name(bridge::Backer& backer, DpPort port);

/// Names, one a line or as an array.
obs::Shown show_names(const std::vector<std::string>& names, bool json);

// One function for each file of commands.
void add_bridge_commands(obs::CommandTable& table, const Context& c);
void add_fdb_commands(obs::CommandTable& table, const Context& c);
void add_dpif_commands(obs::CommandTable& table, const Context& c);
void add_dpctl_commands(obs::CommandTable& table, const Context& c);
void add_dpctl_flow_commands(obs::CommandTable& table, const Context& c);
void add_upcall_commands(obs::CommandTable& table, const Context& c);
void add_trace_commands(obs::CommandTable& table, const Context& c);
/// What Open vSwitch answers for features that we do not have and that are therefore never in use.
/// `stream_state`: how the stream of a dummy port is.
void add_dummy_commands(obs::CommandTable& table, const Context& c,
                        std::function<std::string_view(const std::string&)> stream_state);
/// From datapath flows back to rules.
void add_detrace_commands(obs::CommandTable& table, const Context& c);
/// flows/*: what changed in the tables, and the way back.
void add_flows_commands(obs::CommandTable& table, const Context& c);
/// drops/*: packets that went nowhere.
void add_drop_commands(obs::CommandTable& table, const Context& c);
void add_absent_commands(obs::CommandTable& table, const Context& c);

/// The switch's commands, all of them.
void add_switch_commands(obs::CommandTable& table, const Context& c);

}  // namespace weft::ctl
