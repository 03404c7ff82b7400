// SPDX-License-Identifier: Apache-2.0
#include "sys/host_statistics.h"

#include <fmt/core.h>
#include <mntent.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <sstream>

namespace weft::sys {
namespace {

std::string contents(const std::string& path) {
    std::ifstream in(path);
    return std::string(std::istreambuf_iterator<char>(in), {});
}

std::string load_average() {
    std::array<double, 3> load{};
    if (::getloadavg(load.data(), 3) != 3) return "";
    return fmt::format("{:.2f},{:.2f},{:.2f}", load[0], load[1], load[2]);
}

/// Total, used, used but easily given back, swap, swap used; in kB.
std::string memory() {
    std::istringstream in(contents("/proc/meminfo"));
    std::map<std::string, uint64_t, std::less<>> kb;
    std::string line, key;
    uint64_t value = 0;
    while (std::getline(in, line))
        if (std::istringstream words(line); words >> key >> value) kb[key] = value;
    if (!kb.contains("MemTotal:")) return "";
    return fmt::format("{},{},{},{},{}", kb["MemTotal:"], kb["MemTotal:"] - kb["MemFree:"],
                       kb["Buffers:"] + kb["Cached:"], kb["SwapTotal:"], kb["SwapTotal:"] - kb["SwapFree:"]);
}

/// Of /proc/PID/stat.
struct ProcessStat {
    int parent = 0, processor = 0;
    uint64_t cpu_ms = 0, age_ms = 0, size_kb = 0, resident_kb = 0;
};

std::optional<ProcessStat> process_stat(int pid) {
    const std::string text = contents(fmt::format("/proc/{}/stat", pid));
    const size_t name_end = text.rfind(')');
    if (name_end == std::string::npos) return std::nullopt;
    std::istringstream in(text.substr(name_end + 1));
    std::string state;
    in >> state;
    std::array<int64_t, 36> f{};  // from the parent's id to the processor
    for (int64_t& field : f) in >> field;
    double uptime_s = 0;
    std::istringstream(contents("/proc/uptime")) >> uptime_s;
    const int64_t ticks = ::sysconf(_SC_CLK_TCK);
    const auto ms = [&](int64_t t) { return static_cast<uint64_t>(t * 1000 / ticks); };
    const auto up = static_cast<uint64_t>(uptime_s * 1000);
    return ProcessStat{.parent = static_cast<int>(f[0]),
                       .processor = static_cast<int>(f[35]),
                       .cpu_ms = ms(f[10] + f[11]),
                       .age_ms = up - std::min(up, ms(f[18])),
                       .size_kb = static_cast<uint64_t>(f[19]) / 1024,
                       .resident_kb = static_cast<uint64_t>(f[20] * ::sysconf(_SC_PAGESIZE)) / 1024};
}

/// How often the process `monitor` has started its child again, by the title it shows; none: it is no
/// monitor.
std::optional<unsigned> crashes_seen(int monitor) {
    const std::string title = contents(fmt::format("/proc/{}/cmdline", monitor));
    if (title.find("monitoring pid") == std::string::npos) return std::nullopt;
    const size_t count = title.find('(');
    return count == std::string::npos
               ? 0u
               : static_cast<unsigned>(std::strtoul(title.c_str() + count + 1, nullptr, 10));
}

std::string process_text(int pid) {
    const auto self = process_stat(pid);
    if (!self) return "";
    uint64_t booted_ms = self->age_ms;
    const auto crashes = crashes_seen(self->parent);
    if (crashes)
        if (const auto monitor = process_stat(self->parent)) booted_ms = monitor->age_ms;
    return fmt::format("{},{},{},{},{},{},{}", self->size_kb, self->resident_kb, self->cpu_ms,
                       crashes.value_or(0), booted_ms, self->age_ms, self->processor);
}

/// Processes by the files they hold record locks on, as /proc/locks names these. To open a pidfile and ask
/// would do for those of others, but to close our own one again would release our lock on it.
std::map<std::string, int> lock_holders() {
    std::istringstream in(contents("/proc/locks"));
    std::map<std::string, int> out;
    std::string line, number, kind, advice, access, file;
    int pid = 0;
    while (std::getline(in, line))
        if (std::istringstream words(line); words >> number >> kind >> advice >> access >> pid >> file)
            if (kind == "POSIX" && access == "WRITE") out[file] = pid;
    return out;
}

void add_processes(const std::string& rundir, std::map<std::string, std::string>& out) {
    const auto holders = lock_holders();
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(rundir, error)) {
        struct stat file{};
        const auto& path = entry.path();
        if (path.extension() != ".pid" || ::stat(path.c_str(), &file) != 0) continue;
        const auto holder = holders.find(
            fmt::format("{:02x}:{:02x}:{}", major(file.st_dev), minor(file.st_dev), file.st_ino));
        if (holder != holders.end()) out["process_" + path.stem().string()] = process_text(holder->second);
    }
}

/// Types of file systems that are on no device of this host.
std::set<std::string> types_without_device() {
    std::istringstream in(contents("/proc/filesystems"));
    std::set<std::string> out;
    for (std::string line; std::getline(in, line);)
        if (line.starts_with("nodev")) out.insert(line.substr(line.find('\t') + 1));
    return out;
}

std::string file_systems() {
    const auto elsewhere = types_without_device();
    const std::unique_ptr<FILE, int (*)(FILE*)> mounts(::setmntent("/proc/self/mounts", "r"), ::endmntent);
    std::string out;
    if (!mounts) return out;
    while (const mntent* m = ::getmntent(mounts.get())) {
        struct statvfs s{};
        if (elsewhere.contains(m->mnt_type) || !::hasmntopt(m, "rw") || ::statvfs(m->mnt_dir, &s) != 0 ||
            s.f_blocks == 0)
            continue;
        std::string point = m->mnt_dir;
        std::ranges::replace_if(point, [](char c) { return c == ' ' || c == ','; }, '_');
        const auto kb = [&](uint64_t blocks) { return blocks * s.f_frsize / 1024; };
        out += fmt::format("{}{},{},{}", out.empty() ? "" : " ", point, kb(s.f_blocks),
                           kb(s.f_blocks - s.f_bfree));
    }
    return out;
}

}  // namespace

std::map<std::string, std::string> host_statistics(const std::string& rundir) {
    std::map<std::string, std::string> out;
    out["cpu"] = std::to_string(::sysconf(_SC_NPROCESSORS_ONLN));
    out["load_average"] = load_average();
    out["memory"] = memory();
    out["file_systems"] = file_systems();
    add_processes(rundir, out);
    std::erase_if(out, [](const auto& item) { return item.second.empty(); });
    return out;
}

}  // namespace weft::sys
