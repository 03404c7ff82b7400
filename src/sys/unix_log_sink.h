// SPDX-License-Identifier: Apache-2.0
// Log lines as datagrams to a Unix socket (/dev/log).
#pragma once

#include <memory>
#include <string>

#include "obs/logging.h"

namespace weft::sys {

/// Connects when the first line is written, and again after a failure; lines that find no reader are lost.
std::unique_ptr<obs::LogSink> unix_log_sink(std::string path);

}  // namespace weft::sys
