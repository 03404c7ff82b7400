// SPDX-License-Identifier: Apache-2.0
#include "cli/daemon_options.h"

namespace weft::cli {

void add_daemon_options(Options& options, DaemonOptions& out) {
    options.flag("detach", out.detach);
    options.flag("monitor", out.monitor);
    options.ignore("no-self-confinement");  // we do not confine ourselves
    options.flag("no-chdir", out.change_directory, false);
    options.optional_text("pidfile", out.has_pidfile, out.pidfile);
    options.flag("overwrite-pidfile", out.overwrite_pidfile);
    options.text("user", out.user);
}

std::string daemon_usage(const Paths& paths, const std::string& program) {
    return "\nDaemon options:\n"
           "  --detach                run in background as daemon\n"
           "  --monitor               creates a process to monitor this daemon\n"
           "  --user=username[:group] changes the effective daemon user:group\n"
           "  --no-chdir              do not chdir to '/'\n"
           "  --pidfile[=FILE]        create pidfile (default: " +
           paths.rundir + "/" + program +
           ".pid)\n"
           "  --overwrite-pidfile     with --pidfile, start even if already running\n";
}

}  // namespace weft::cli
