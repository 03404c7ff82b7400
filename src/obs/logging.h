// SPDX-License-Identifier: Apache-2.0
// The log of a program: modules, levels, patterns, destinations (ovs-appctl(8), "Logging Commands").
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/json.h"
#include "obs/log.h"
#include "obs/log_pattern.h"

namespace weft::obs {

enum class LogTo : uint8_t { syslog, console, file };
inline constexpr std::array log_destinations{LogTo::syslog, LogTo::console, LogTo::file};

/// Takes finished lines. Called with Logging's lock held: it must not log.
class LogSink {
  public:
    virtual ~LogSink() = default;
    virtual void write(Level level, int facility, std::string_view line) = 0;
};

/// Resource type, one per program (or per simulated switch). Thread-safe; outlives the modules it gave out.
class Logging {
  public:
    struct Options {
        std::string program, host;
        int pid = 0;
        std::function<LogStamp()> clock;            ///< called from any thread
        std::span<const std::string_view> modules;  ///< known by name before anybody asks for them
    };
    explicit Logging(Options options);
    ~Logging();
    Logging(const Logging&) = delete;
    Logging& operator=(const Logging&) = delete;

    /// Found or made. `name` in lower case with underscores.
    LogModule module(std::string_view name);

    /// A level spec ("jsonrpc:file:dbg"), "PATTERN:destination:pattern" or "FACILITY:facility".
    Result<> set(std::string_view spec);
    Result<> set_rate_limited(std::span<const std::string> modules, bool limited);
    void set_sink(LogTo to, std::unique_ptr<LogSink> sink);
    /// What vlog/list-pattern shows as the prefix that the syslog method adds by itself.
    void set_syslog_prefix(std::string prefix);
    /// A second receiver of syslog messages (--syslog-target), with facility local0 unless one is set.
    void set_syslog_target(std::unique_ptr<LogSink> sink);

    /// Appends to the file from now on, and says so in the log. A failure is logged, too.
    Result<> open_file(std::string path);
    Result<> reopen_file();
    void close_file();
    const std::string& file_path() const { return file_path_; }

    /// vlog/list and vlog/list-pattern, as text and as JSON.
    std::string list() const;
    codec::Json list_json() const;
    std::string list_patterns() const;
    codec::Json patterns_json() const;

    /// After fork(): the process's own number.
    void set_pid(int pid);
    Time now() const { return options_.clock().now; }
    void write(const LogState& module, Level level, std::string_view message);

  private:
    struct Module : LogState {
        std::string own_name;
        std::array<Level, 3> levels{Level::info, Level::info, Level::info};
    };
    struct Destination {
        std::string pattern;
        Level default_level = Level::info;
        std::unique_ptr<LogSink> sink;
    };

    Module& find_or_make(std::string_view name);
    Result<> set_pattern(std::string_view spec);
    Result<> set_facility(std::string_view name);
    Result<> set_levels(std::string_view spec);
    void set_level(Module& module, std::optional<LogTo> to, Level level);
    void refresh(Module& module);
    Destination& at(LogTo to) { return destinations_[static_cast<size_t>(to)]; }
    const Destination& at(LogTo to) const { return destinations_[static_cast<size_t>(to)]; }

    Options options_;
    LogStamp started_;
    mutable std::mutex mutex_;
    std::map<std::string, std::unique_ptr<Module>, std::less<>> modules_;
    std::array<Destination, 3> destinations_;
    std::unique_ptr<LogSink> syslog_target_;
    std::string syslog_prefix_ = "none";
    std::optional<int> facility_;
    std::string file_path_;
    uint64_t sequence_ = 0;
};

}  // namespace weft::obs
