// SPDX-License-Identifier: Apache-2.0
// Where log lines end: standard error, a file, the system log.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "obs/logging.h"

namespace weft::obs {

std::unique_ptr<LogSink> console_sink();
/// Appends; every line is handed to the kernel at once. The folder must exist.
Result<std::unique_ptr<LogSink>> file_sink(const std::string& path);
/// syslog(3) under the given program name.
std::unique_ptr<LogSink> libc_syslog_sink(std::string program);
/// One datagram per line, "<PRI>line", to a numeric address.
Result<std::unique_ptr<LogSink>> udp_syslog_sink(const std::string& host, uint16_t port);

}  // namespace weft::obs
