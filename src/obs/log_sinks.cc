// SPDX-License-Identifier: Apache-2.0
#include "obs/log_sinks.h"

#include <fcntl.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/syslog_sink.h>
#include <spdlog/sinks/udp_sink.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace weft::obs {
namespace {

/// Hands whole lines to a sink of spdlog.
class SpdlogSink : public LogSink {
  public:
    enum class Prefix { none, pri };
    SpdlogSink(std::shared_ptr<spdlog::sinks::sink> sink, Prefix prefix = Prefix::none)
        : sink_(std::move(sink)), prefix_(prefix) {
        sink_->set_formatter(std::make_unique<spdlog::pattern_formatter>("%v"));
        if (prefix_ == Prefix::pri)
            sink_->set_formatter(
                std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::local, ""));
    }

    void write(Level level, int facility, std::string_view line) override {
        std::string text;
        if (prefix_ == Prefix::pri) text = "<" + std::to_string(facility * 8 + syslog_severity(level)) + ">";
        text += line;
        sink_->log({spdlog::source_loc{}, "", to_spdlog(level), text});
        sink_->flush();
    }

  private:
    static spdlog::level::level_enum to_spdlog(Level level) {
        switch (level) {
            case Level::off:
            case Level::emer:
                return spdlog::level::critical;
            case Level::err:
                return spdlog::level::err;
            case Level::warn:
                return spdlog::level::warn;
            case Level::info:
                return spdlog::level::info;
            case Level::dbg:
                return spdlog::level::debug;
        }
        return spdlog::level::critical;
    }
    std::shared_ptr<spdlog::sinks::sink> sink_;
    Prefix prefix_;
};

/// Not spdlog's: that one makes missing folders, retries with sleeps and hides the reason of a failure.
class FileSink : public LogSink {
  public:
    explicit FileSink(std::FILE* file) : file_(file, &std::fclose) {}
    void write(Level, int, std::string_view line) override {
        std::fwrite(line.data(), 1, line.size(), file_.get());
        std::fputc('\n', file_.get());
        std::fflush(file_.get());
    }

  private:
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

}  // namespace

std::unique_ptr<LogSink> console_sink() {
    return std::make_unique<SpdlogSink>(std::make_shared<spdlog::sinks::stderr_sink_mt>());
}

Result<std::unique_ptr<LogSink>> file_sink(const std::string& path) {
    constexpr int mode = 0660;  // less the umask
    const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, mode);
    std::FILE* file = fd < 0 ? nullptr : ::fdopen(fd, "a");
    if (!file) return fail("failed to open " + path + " for logging: " + std::strerror(errno), errno);
    return std::make_unique<FileSink>(file);
}

std::unique_ptr<LogSink> libc_syslog_sink(std::string program) {
    constexpr int options = 0;
    return std::make_unique<SpdlogSink>(std::make_shared<spdlog::sinks::syslog_sink_mt>(
        std::move(program), options, facility_daemon << 3, false));
}

Result<std::unique_ptr<LogSink>> udp_syslog_sink(const std::string& host, uint16_t port) {
    try {
        return std::make_unique<SpdlogSink>(
            std::make_shared<spdlog::sinks::udp_sink_mt>(spdlog::sinks::udp_sink_config{host, port}),
            SpdlogSink::Prefix::pri);
    } catch (const std::exception& e) {
        return fail("cannot send log messages to " + host + ":" + std::to_string(port) + ": " + e.what());
    }
}

}  // namespace weft::obs
