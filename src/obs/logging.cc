// SPDX-License-Identifier: Apache-2.0
#include "obs/logging.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <vector>

#include "obs/log_sinks.h"

namespace weft::obs {
namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::tolower(c); });
    return out;
}

std::optional<LogTo> find_destination(std::string_view word) {
    if (word == "syslog") return LogTo::syslog;
    if (word == "console") return LogTo::console;
    if (word == "file") return LogTo::file;
    return std::nullopt;
}

std::optional<Level> find_level(std::string_view word) {
    for (int i = 0; i <= static_cast<int>(Level::dbg); ++i)
        if (lower(level_name(static_cast<Level>(i))) == word) return static_cast<Level>(i);
    return std::nullopt;
}

std::vector<std::string> words_of(std::string_view spec) {
    std::vector<std::string> words;
    for (size_t at = 0; (at = spec.find_first_not_of(" ,:", at)) != std::string_view::npos;) {
        const size_t end = std::min(spec.find_first_of(" ,:", at), spec.size());
        words.push_back(lower(spec.substr(at, end - at)));
        at = end;
    }
    return words;
}

/// The rest of `spec` if it starts with `keyword`, in any case.
std::optional<std::string_view> after(std::string_view spec, std::string_view keyword) {
    if (spec.size() < keyword.size() || lower(spec.substr(0, keyword.size())) != keyword) return std::nullopt;
    return spec.substr(keyword.size());
}

}  // namespace

Logging::Logging(Options options) : options_(std::move(options)), started_(options_.clock()) {
    at(LogTo::syslog).pattern = syslog_pattern;
    at(LogTo::console).pattern = console_pattern;
    at(LogTo::file).pattern = file_pattern;
    for (const auto name : options_.modules) find_or_make(name);
}

Logging::~Logging() = default;

Logging::Module& Logging::find_or_make(std::string_view name) {
    if (const auto it = modules_.find(name); it != modules_.end()) return *it->second;
    auto made = std::make_unique<Module>();
    made->logging = this;
    made->own_name = name;
    made->name = made->own_name;
    for (const auto to : log_destinations) made->levels[static_cast<size_t>(to)] = at(to).default_level;
    refresh(*made);
    return *modules_.emplace(name, std::move(made)).first->second;
}

LogModule Logging::module(std::string_view name) {
    const std::lock_guard lock(mutex_);
    return LogModule(&find_or_make(name));
}

void Logging::refresh(Module& module) {
    Level chattiest = Level::off;
    for (const auto to : log_destinations)
        if (at(to).sink || (to == LogTo::syslog && syslog_target_))
            chattiest = std::max(chattiest, module.levels[static_cast<size_t>(to)]);
    module.chattiest.store(chattiest, std::memory_order_relaxed);
}

Result<> Logging::set(std::string_view spec) {
    const std::lock_guard lock(mutex_);
    if (const auto rest = after(spec, "pattern:")) return set_pattern(*rest);
    if (const auto rest = after(spec, "facility:")) return set_facility(*rest);
    return set_levels(spec);
}

Result<> Logging::set_pattern(std::string_view spec) {
    const size_t colon = std::min(spec.find(':'), spec.size());
    const std::string word = lower(spec.substr(0, colon));
    const auto to = find_destination(word);
    if (!to && word != "any") return fail(fmt::format("unknown destination \"{}\"", spec.substr(0, colon)));
    for (const auto d : log_destinations)
        if (!to || d == *to) at(d).pattern = spec.substr(std::min(colon + 1, spec.size()));
    return {};
}

Result<> Logging::set_facility(std::string_view name) {
    const int number = find_facility(lower(name));
    if (number < 0) return fail("invalid facility");
    facility_ = number;
    return {};
}

Result<> Logging::set_levels(std::string_view spec) {
    Module* module = nullptr;
    std::optional<LogTo> destination;
    std::optional<Level> level;
    for (const auto& word : words_of(spec)) {
        if (word == "any") continue;
        if (const auto d = find_destination(word)) {
            if (destination) return fail("cannot specify multiple destinations");
            destination = d;
        } else if (const auto l = find_level(word)) {
            if (level) return fail("cannot specify multiple levels");
            level = l;
        } else if (const auto it = modules_.find(word); it != modules_.end()) {
            if (module) return fail("cannot specify multiple modules");
            module = it->second.get();
        } else {
            return fail(fmt::format("no destination, level, or module \"{}\"", word));
        }
    }
    if (module) {
        set_level(*module, destination, level.value_or(Level::dbg));
        return {};
    }
    for (const auto to : log_destinations)
        if (!destination || to == *destination) at(to).default_level = level.value_or(Level::dbg);
    for (auto& [name, each] : modules_) set_level(*each, destination, level.value_or(Level::dbg));
    return {};
}

void Logging::set_level(Module& module, std::optional<LogTo> to, Level level) {
    for (const auto d : log_destinations)
        if (!to || d == *to) module.levels[static_cast<size_t>(d)] = level;
    refresh(module);
}

Result<> Logging::set_rate_limited(std::span<const std::string> modules, bool limited) {
    const std::lock_guard lock(mutex_);
    std::vector<Module*> found;
    for (const auto& name : modules) {
        const auto it = modules_.find(lower(name));
        if (it == modules_.end()) return fail("unknown module");
        found.push_back(it->second.get());
    }
    if (modules.empty())
        for (auto& [name, each] : modules_) found.push_back(each.get());
    for (auto* module : found) module->rate_limited.store(limited, std::memory_order_relaxed);
    return {};
}

void Logging::set_sink(LogTo to, std::unique_ptr<LogSink> sink) {
    const std::lock_guard lock(mutex_);
    at(to).sink = std::move(sink);
    for (auto& [name, each] : modules_) refresh(*each);
}

void Logging::set_syslog_prefix(std::string prefix) {
    const std::lock_guard lock(mutex_);
    syslog_prefix_ = std::move(prefix);
}

void Logging::set_syslog_target(std::unique_ptr<LogSink> sink) {
    const std::lock_guard lock(mutex_);
    syslog_target_ = std::move(sink);
    for (auto& [name, each] : modules_) refresh(*each);
}

Result<> Logging::open_file(std::string path) {
    auto sink = file_sink(path);
    if (!sink) {
        LOG(module("vlog"), warn, "{}", sink.error().message);
        return std::unexpected(sink.error());
    }
    file_path_ = std::move(path);
    set_sink(LogTo::file, std::move(*sink));
    LOG(module("vlog"), info, "opened log file {}", file_path_);
    return {};
}

Result<> Logging::reopen_file() {
    if (file_path_.empty()) return fail("Logging to file not configured");
    LOG(module("vlog"), info, "closing log file");
    set_sink(LogTo::file, nullptr);
    return open_file(file_path_);
}

void Logging::close_file() { set_sink(LogTo::file, nullptr); }

void Logging::set_pid(int pid) {
    const std::lock_guard lock(mutex_);
    options_.pid = pid;
}

void Logging::write(const LogState& state, Level level, std::string_view message) {
    const LogStamp stamp = options_.clock();
    const std::lock_guard lock(mutex_);
    const auto& levels = static_cast<const Module&>(state).levels;
    LogRecord record{.program = options_.program,
                     .host = options_.host,
                     .module = state.name,
                     .thread = thread_name(),
                     .message = message,
                     .pid = options_.pid,
                     .facility = facility_.value_or(facility_daemon),
                     .level = level,
                     .sequence = ++sequence_,
                     .stamp = stamp,
                     .started = started_};
    for (const auto to : log_destinations) {
        auto& destination = at(to);
        if (level > levels[static_cast<size_t>(to)]) continue;
        if (destination.sink)
            destination.sink->write(level, record.facility, format_log_line(destination.pattern, record));
        if (to == LogTo::syslog && syslog_target_) {
            LogRecord remote = record;
            remote.facility = facility_.value_or(facility_local0);
            syslog_target_->write(level, remote.facility, format_log_line(destination.pattern, remote));
        }
    }
}

std::string Logging::list() const {
    const std::lock_guard lock(mutex_);
    std::string out =
        "                 console    syslog    file\n                 -------    ------    ------\n";
    for (const auto& [name, module] : modules_) {
        const auto shown = [&m = *module](LogTo to) { return level_name(m.levels[static_cast<size_t>(to)]); };
        out += fmt::format("{:<16}  {:>4}       {:>4}       {:>4}{}\n", name, shown(LogTo::console),
                           shown(LogTo::syslog), shown(LogTo::file),
                           module->rate_limited ? "" : "    (rate limiting disabled)");
    }
    return out;
}

codec::Json Logging::list_json() const {
    const std::lock_guard lock(mutex_);
    codec::JsonArray out;
    for (const auto& [name, module] : modules_) {
        const auto shown = [&m = *module](LogTo to) {
            return codec::Json(lower(level_name(m.levels[static_cast<size_t>(to)])));
        };
        out.push_back(codec::Json::object({{"module", name},
                                           {"console", shown(LogTo::console)},
                                           {"syslog", shown(LogTo::syslog)},
                                           {"file", shown(LogTo::file)},
                                           {"rate_limited", static_cast<bool>(module->rate_limited)}}));
    }
    return out;
}

codec::Json Logging::patterns_json() const {
    const std::lock_guard lock(mutex_);
    return codec::Json::object({{"syslog", at(LogTo::syslog).pattern},
                                {"console", at(LogTo::console).pattern},
                                {"file", at(LogTo::file).pattern}});
}

std::string Logging::list_patterns() const {
    const std::lock_guard lock(mutex_);
    std::string out =
        "         prefix                            format\n"
        "         ------                            ------\n";
    const auto row = [&](std::string_view name, std::string_view prefix, LogTo to) {
        out += fmt::format("{:<7}  {:<32}  {}\n", name, prefix, at(to).pattern);
    };
    row("SYSLOG", syslog_prefix_, LogTo::syslog);
    row("CONSOLE", "none", LogTo::console);
    row("FILE", "none", LogTo::file);
    return out;
}

}  // namespace weft::obs
