// SPDX-License-Identifier: Apache-2.0
#include "obs/log_pattern.h"

#include <array>
#include <charconv>
#include <ctime>
#include <utility>

namespace weft::obs {
namespace {

constexpr std::array<std::string_view, 24> facilities{
    "kern",   "user",   "mail",   "daemon", "auth",   "syslog", "lpr",    "news",
    "uucp",   "clock",  "",       "ftp",    "ntp",    "audit",  "alert",  "clock2",
    "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"};

/// One escape's letter, flags and argument.
struct Escape {
    char letter = 0;
    bool left = false, zeros = false;
    size_t width = 0;
    std::string_view braces;
};

/// Reads what follows a '%' and moves `at` behind it.
Escape read_escape(std::string_view pattern, size_t& at) {
    Escape e;
    const auto peek = [&] { return at < pattern.size() ? pattern[at] : '\0'; };
    if (peek() == '-') e.left = true, ++at;
    if (peek() == '0') e.zeros = true, ++at;
    constexpr size_t width_max = 1000;
    for (; peek() >= '0' && peek() <= '9'; ++at)
        e.width = std::min(width_max, e.width * 10 + static_cast<size_t>(peek() - '0'));
    e.letter = peek();
    if (at < pattern.size()) ++at;
    if ((e.letter == 'd' || e.letter == 'D') && peek() == '{') {
        const size_t end = pattern.find('}', at);
        if (end != std::string_view::npos) {
            e.braces = pattern.substr(at + 1, end - at - 1);
            at = end + 1;
        }
    }
    return e;
}

std::string expand(const Escape& e, const LogRecord& r) {
    constexpr std::string_view iso = "%Y-%m-%d %H:%M:%S";
    switch (e.letter) {
        case 'A':
            return std::string(r.program);
        case 'B':
            return std::to_string(r.facility * 8 + syslog_severity(r.level));
        case 'c':
            return std::string(r.module);
        case 'd':
            return format_calendar(e.braces.empty() ? iso : e.braces, r.stamp.since_1970, false);
        case 'D':
            return format_calendar(e.braces.empty() ? iso : e.braces, r.stamp.since_1970, true);
        case 'E':
            return std::string(r.host);
        case 'm':
            return std::string(r.message);
        case 'N':
            return std::to_string(r.sequence);
        case 'n':
            return "\n";
        case 'p':
            return std::string(level_name(r.level));
        case 'P':
            return std::to_string(r.pid);
        case 'r':
            return std::to_string(to_ms(r.stamp.now - r.started.now));
        case 't':
            return r.thread.empty() ? "main" : std::string(r.thread);
        case 'T':
            return r.thread.empty() ? "" : "(" + std::string(r.thread) + ")";
        case '\0':
            return "%";
        default:
            return std::string(1, e.letter);
    }
}

}  // namespace

std::string format_calendar(std::string_view format, std::chrono::nanoseconds since_1970, bool utc) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since_1970);
    const std::time_t when = seconds.count();
    std::tm parts{};
    utc ? gmtime_r(&when, &parts) : localtime_r(&when, &parts);
    std::array<char, 512> buffer;
    const size_t n = std::strftime(buffer.data(), buffer.size(), std::string(format).c_str(), &parts);
    std::string out(buffer.data(), n);

    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(since_1970 - seconds).count();
    const std::array digits{'0' + ms / 100, '0' + ms / 10 % 10, '0' + ms % 10};
    size_t used = 0;
    for (char& c : out)
        if (c == '#') c = used < digits.size() ? static_cast<char>(digits[used++]) : '0';
    return out;
}

std::string format_log_line(std::string_view pattern, const LogRecord& record) {
    std::string out;
    for (size_t at = 0; at < pattern.size();) {
        const char c = pattern[at++];
        if (c != '%') {
            out += c;
            continue;
        }
        const Escape e = read_escape(pattern, at);
        const std::string text = expand(e, record);
        const std::string pad(e.width > text.size() ? e.width - text.size() : 0,
                              e.zeros && !e.left ? '0' : ' ');
        out += e.left ? text + pad : pad + text;
    }
    return out;
}

std::string_view level_name(Level level) {
    constexpr std::array<std::string_view, 6> names{"OFF", "EMER", "ERR", "WARN", "INFO", "DBG"};
    return names[static_cast<size_t>(level)];
}

int syslog_severity(Level level) {
    switch (level) {
        case Level::off:
        case Level::emer:
            return 1;
        case Level::err:
            return 3;
        case Level::warn:
            return 4;
        case Level::info:
            return 6;
        case Level::dbg:
            return 7;
    }
    std::unreachable();
}

int find_facility(std::string_view name) {
    for (size_t i = 0; i < facilities.size(); ++i)
        if (!facilities[i].empty() && facilities[i] == name) return static_cast<int>(i);
    return -1;
}

}  // namespace weft::obs
