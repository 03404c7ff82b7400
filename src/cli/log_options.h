// SPDX-License-Identifier: Apache-2.0
// The logging options of every program: -v, --log-file, --syslog-method, --syslog-target.
#pragma once

#include <string>

#include "cli/options.h"
#include "cli/paths.h"
#include "obs/logging.h"

namespace weft::cli {

/// What the options asked for, for start_logging(). Level specs are applied as they are parsed.
struct LogOptions {
    bool to_file = false;
    Options::Value file;
    std::string syslog_method;  ///< empty: OVS_SYSLOG_METHOD, else libc
    std::string syslog_target;
};

void add_log_options(Options& options, LogOptions& out, obs::Logging& logging);
/// Opens console, syslog and file.
Result<> start_logging(const LogOptions& options, obs::Logging& logging, const Paths& paths,
                       const std::string& program);
std::string log_usage(const Paths& paths, const std::string& program);

}  // namespace weft::cli
