// SPDX-License-Identifier: Apache-2.0
// How the host does: processors, load, memory, daemons, file systems.
#pragma once

#include <map>
#include <string>

namespace weft::sys {

/// The keys and values of Open_vSwitch:statistics (ovs-vswitchd.conf.db(5)); daemons are those that have
/// their pidfile in `rundir`. What cannot be found out is left out.
std::map<std::string, std::string> host_statistics(const std::string& rundir);

}  // namespace weft::sys
