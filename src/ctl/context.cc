// SPDX-License-Identifier: Apache-2.0
#include "ctl/context.h"

namespace weft::ctl {

Result<bridge::Switch::Runtime*> find_bridge(const Context& c, const std::string& name,
                                             std::string_view otherwise) {
    bridge::Switch::Runtime* r = c.sw.find(name);
    if (!r) return fail(std::string(otherwise));
    return r;
}

std::string port_name(bridge::Backer& backer, DpPort port) {
    const auto state = backer.datapath().port_state(port);
    return state ? state->name : std::to_string(port.value);
}

obs::Shown show_names(const std::vector<std::string>& names, bool json) {
    if (json) return codec::Json(codec::JsonArray(names.begin(), names.end()));
    std::string out;
    for (const std::string& name : names) out += name + "\n";
    return out;
}

void add_switch_commands(obs::CommandTable& table, const Context& c) {
    add_bridge_commands(table, c);
    add_fdb_commands(table, c);
    add_dpif_commands(table, c);
    add_dpctl_commands(table, c);
    add_dpctl_flow_commands(table, c);
    add_upcall_commands(table, c);
    add_trace_commands(table, c);
    add_detrace_commands(table, c);
    add_flows_commands(table, c);
    add_drop_commands(table, c);
    add_absent_commands(table, c);
}

}  // namespace weft::ctl
