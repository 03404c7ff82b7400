// SPDX-License-Identifier: Apache-2.0
// The pattern language of log lines (ovs-appctl(8), vlog/set PATTERN).
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/time.h"
#include "obs/log.h"

namespace weft::obs {

/// When a message was written, by the process's monotonic clock and by the calendar.
struct LogStamp {
    Time now{};
    std::chrono::nanoseconds since_1970{};
};

/// All that a pattern can show.
struct LogRecord {
    std::string_view program, host, module, thread, message;
    int pid = 0;
    int facility = 0;
    Level level = Level::off;
    uint64_t sequence = 0;
    LogStamp stamp, started;
};

inline constexpr std::string_view syslog_pattern = "ovs|%05N|%c%T|%p|%m";
inline constexpr std::string_view console_pattern = "%D{%Y-%m-%dT%H:%M:%SZ}|%05N|%c%T|%p|%m";
inline constexpr std::string_view file_pattern = "%D{%Y-%m-%dT%H:%M:%S.###Z}|%05N|%c%T|%p|%m";

/// The line without its end. Unknown escapes stand for their letter.
std::string format_log_line(std::string_view pattern, const LogRecord& record);

/// "OFF", "EMER", "ERR", "WARN", "INFO", "DBG".
std::string_view level_name(Level level);
/// Severity of RFC 5424 6.2.1.
int syslog_severity(Level level);
inline constexpr int facility_daemon = 3, facility_local0 = 16;
/// The number of RFC 5424 6.2.1, or -1.
int find_facility(std::string_view name);

/// "%H:%M:%S.###": strftime with one digit of the fraction per '#' (the fourth and later are zeros).
std::string format_calendar(std::string_view format, std::chrono::nanoseconds since_1970, bool utc);

}  // namespace weft::obs
