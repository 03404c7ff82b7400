// SPDX-License-Identifier: Apache-2.0
#include "sys/disk_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

namespace weft::sys {
namespace {

namespace fs = std::filesystem;

Result<> sync_directory_of(const std::string& path) {
    fs::path dir = fs::path(path).parent_path();
    if (dir.empty()) dir = ".";
    const Fd fd = TRY(fd_or_errno(::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), dir.string()));
    if (::fsync(fd.get()) < 0) return fail_errno(dir.string() + ": fsync failed");
    return {};
}

/// Whether this process has the file open. To look at the file itself would not do: when it is closed again,
/// the lock that the process holds is gone.
bool is_open_here(const std::string& path) {
    struct stat file{}, other{};
    if (::stat(path.c_str(), &file) < 0) return false;
    std::error_code ec;
    for (const auto& fd : fs::directory_iterator("/proc/self/fd", ec))
        if (::stat(fd.path().c_str(), &other) == 0 && other.st_dev == file.st_dev &&
            other.st_ino == file.st_ino)
            return true;
    return false;
}

}  // namespace

Result<std::string> read_file(const std::string& path) {
    const Fd fd = TRY(fd_or_errno(::open(path.c_str(), O_RDONLY | O_CLOEXEC), path));
    struct stat st{};
    std::string out;
    if (::fstat(fd.get(), &st) == 0 && st.st_size > 0) out.reserve(static_cast<size_t>(st.st_size));
    char buffer[1 << 16];
    for (;;) {
        const ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
        if (n == 0) return out;
        if (n > 0)
            out.append(buffer, static_cast<size_t>(n));
        else if (errno != EINTR)
            return fail_errno(path + ": read failed");
    }
}

Result<AppendFile> AppendFile::open(const std::string& path, Open how) {
    const int flags = O_WRONLY | O_APPEND | O_CLOEXEC | (how == Open::fresh ? O_CREAT | O_EXCL : 0);
    Fd fd = TRY(fd_or_errno(::open(path.c_str(), flags, 0640), path));
    return AppendFile(std::move(fd), path);
}

Result<> AppendFile::append(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::write(fd_.get(), bytes.data(), bytes.size());
        if (n >= 0)
            bytes.remove_prefix(static_cast<size_t>(n));
        else if (errno != EINTR)
            return fail_errno(path_ + ": write failed");
    }
    return {};
}

Result<> AppendFile::truncate(uint64_t size) {
    if (::ftruncate(fd_.get(), static_cast<off_t>(size)) < 0) return fail_errno(path_ + ": truncate failed");
    return {};
}

Result<> AppendFile::sync() {
    if (::fsync(fd_.get()) < 0) return fail_errno(path_ + ": fsync failed");
    return {};
}

Result<> rename_file(const std::string& from, const std::string& to) {
    if (std::rename(from.c_str(), to.c_str()) < 0) return fail_errno("rename " + from + " to " + to);
    return sync_directory_of(to);
}

Result<> delete_file(const std::string& path) {
    if (::unlink(path.c_str()) < 0) return fail_errno(path + ": unlink failed");
    return {};
}

bool file_exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

std::string real_path(const std::string& path) {
    std::error_code ec;
    const fs::path real = fs::weakly_canonical(path, ec);
    return ec ? path : real.string();
}

Result<LockFile> LockFile::take(const std::string& path) {
    const fs::path file = real_path(path);
    const std::string name = (file.parent_path() / ("." + file.filename().string() + ".~lock~")).string();
    if (is_open_here(name))
        return fail_code(name + ": cannot lock file because this process has already locked it", EAGAIN);
    Fd fd = TRY(fd_or_errno(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600),
                            name + ": failed to open lock file"));
    struct flock lock{};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    if (::fcntl(fd.get(), F_SETLK, &lock) == 0) return LockFile(std::move(fd));
    const int code = errno;
    if (::fcntl(fd.get(), F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
        return fail_code(
            name + ": cannot lock file because it is already locked by pid " + std::to_string(lock.l_pid),
            EAGAIN);
    return fail_code(name + ": failed to lock file", code);
}

}  // namespace weft::sys
