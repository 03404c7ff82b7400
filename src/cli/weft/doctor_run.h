// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/daemon.h"

namespace weft::cli::weft_tool {

struct DoctorRequest {
    std::string target;                ///< the switch, if it runs
    std::vector<std::string> devices;  ///< none: its ports
    bool json = false;
};
/// weft doctor: looks, diagnoses, prints; the exit code, 2 if something is at fault.
int run_doctor(Daemon& daemon, const DoctorRequest& request);

}  // namespace weft::cli::weft_tool
