// SPDX-License-Identifier: Apache-2.0
// The daemon options of every program that can run in the background.
#pragma once

#include <string>

#include "cli/options.h"
#include "cli/paths.h"

namespace weft::cli {

struct DaemonOptions {
    bool detach = false, monitor = false, change_directory = true, overwrite_pidfile = false;
    bool has_pidfile = false;
    Options::Value pidfile;
    std::string user, unixctl;
};

void add_daemon_options(Options& options, DaemonOptions& out);
std::string daemon_usage(const Paths& paths, const std::string& program);

}  // namespace weft::cli
