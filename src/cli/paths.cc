// SPDX-License-Identifier: Apache-2.0
#include "cli/paths.h"

#include <cstdlib>

namespace weft::cli {

Paths Paths::from_environment() {
    Paths out;
    const auto take = [](const char* variable, std::string& target) {
        const char* value = std::getenv(variable);
        if (value) target = value;
        return value != nullptr;
    };
    take("OVS_RUNDIR", out.rundir);
    take("OVS_LOGDIR", out.logdir);
    if (take("OVS_SYSCONFDIR", out.sysconfdir)) out.dbdir = out.sysconfdir + "/openvswitch";
    take("OVS_DBDIR", out.dbdir);
    take("OVS_PKGDATADIR", out.pkgdatadir);
    return out;
}

std::string within(std::string_view folder, std::string_view path) {
    return path.starts_with('/') ? std::string(path) : std::string(folder) + "/" + std::string(path);
}

}  // namespace weft::cli
