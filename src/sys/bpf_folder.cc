// SPDX-License-Identifier: Apache-2.0
#include "sys/bpf_folder.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <filesystem>

#include "base/bytes.h"
#include "base/hash.h"

namespace weft::sys {
namespace {

namespace fs = std::filesystem;

constexpr mode_t only_ours = 0700;

bool is_bpf(const std::string& path) {
    struct statfs what{};
    return ::statfs(path.c_str(), &what) == 0 && what.f_type == BPF_FS_MAGIC;
}

/// The nearest folder above, or the path itself, that is there.
std::string existing(const std::string& path) {
    std::error_code ignored;
    fs::path p = fs::path(path);
    while (p.has_relative_path() && !fs::exists(p, ignored)) p = p.parent_path();
    return p.string();
}

Result<void> make_folder(const std::string& path) {
    if (::mkdir(path.c_str(), only_ours) == 0 || errno == EEXIST) return {};
    return fail_errno("make folder " + path);
}

}  // namespace

Result<BpfFolder> BpfFolder::make(const std::string& path) {
    const bool usual = path == bpf_file_system || path.starts_with(std::string(bpf_file_system) + "/");
    if (usual && !is_bpf(bpf_file_system) &&
        ::mount("bpf", bpf_file_system, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") != 0)
        return fail_errno(std::string("mount a BPF file system at ") + bpf_file_system);
    const std::string base = existing(path);
    if (!is_bpf(base))
        return fail(base + " is in no BPF file system: \"mount -t bpf bpf " + base + "\" makes it one",
                    EINVAL);
    std::string at = base;
    for (const fs::path& part : fs::path(path).lexically_relative(base)) {
        if (part == ".") continue;
        at += "/" + part.string();
        TRY(make_folder(at));
    }
    return BpfFolder(path);
}

std::string bpf_name_of(const std::string& path) {
    std::string name = path;
    for (char& c : name)
        if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-') c = '_';
    name.erase(0, name.find_first_not_of('_'));
    constexpr size_t readable = 60;
    if (name.size() > readable) name.erase(0, name.size() - readable);
    return fmt::format("{}_{:08x}", name, hash_bytes(as_bytes(path)) >> 32);
}

Result<void> pin(int fd, const std::string& path) {
    if (bpf_obj_pin(fd, path.c_str()) == 0) return {};
    return fail_errno("pin " + path);
}

Result<Fd> open_pin(const std::string& path) { return fd_or_errno(bpf_obj_get(path.c_str()), path); }

Result<void> BpfFolder::pin(int fd, const std::string& name) const { return sys::pin(fd, path_of(name)); }

Result<Fd> BpfFolder::open(const std::string& name) const { return open_pin(path_of(name)); }

Result<Fd> BpfFolder::lock() const {
    Fd fd = TRY(fd_or_errno(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), path_));
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return fail_errno("lock " + path_);
    return fd;
}

std::vector<std::string> BpfFolder::names() const {
    std::vector<std::string> out;
    std::error_code ignored;
    for (auto it = fs::directory_iterator(path_, ignored); it != fs::directory_iterator();
         it.increment(ignored))
        out.push_back(it->path().filename().string());
    std::ranges::sort(out);
    return out;
}

bool BpfFolder::is_folder(const std::string& name) const {
    std::error_code ignored;
    return fs::is_directory(path_of(name), ignored);
}

size_t BpfFolder::remove(const std::string& path) {
    std::error_code ignored;
    if (!fs::is_directory(path, ignored)) return fs::remove(path, ignored) ? 1 : 0;
    size_t pins = 0;
    const BpfFolder folder(path);
    for (const std::string& name : folder.names()) pins += remove(folder.path_of(name));
    folder.remove_if_empty();
    return pins;
}

void BpfFolder::remove_if_empty() const { (void)::rmdir(path_.c_str()); }

}  // namespace weft::sys
