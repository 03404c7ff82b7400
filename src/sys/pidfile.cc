// SPDX-License-Identifier: Apache-2.0
#include "sys/pidfile.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

namespace weft::sys {
namespace {

struct flock whole_file_lock() {
    struct flock lock{};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return lock;
}

std::string reason() { return std::string(" (") + std::strerror(errno) + ")"; }

}  // namespace

int pidfile_owner(const std::string& path) {
    const Fd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (!fd.valid()) return 0;
    auto lock = whole_file_lock();
    if (::fcntl(fd.get(), F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return 0;
    return lock.l_pid;
}

Result<std::unique_ptr<Pidfile>> Pidfile::create(const std::string& path, bool overwrite) {
    if (const int owner = overwrite ? 0 : pidfile_owner(path))
        return fail(path + ": already running as pid " + std::to_string(owner) + ", aborting", EEXIST);
    // The file appears under its name complete and locked, so that nobody reads half of it or takes it for
    // dead.
    const std::string temporary = path + ".tmp" + std::to_string(::getpid());
    constexpr int mode = 0666;
    Fd fd(::open(temporary.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
    if (!fd.valid()) return fail(temporary + ": create failed" + reason(), errno);
    auto lock = whole_file_lock();
    const std::string text = std::to_string(::getpid()) + "\n";
    const bool written = ::fcntl(fd.get(), F_SETLK, &lock) == 0 &&
                         ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
    if (!written || ::rename(temporary.c_str(), path.c_str()) != 0) {
        auto error = fail(path + ": cannot create the pid file" + reason(), errno);
        ::unlink(temporary.c_str());
        return error;
    }
    return std::unique_ptr<Pidfile>(new Pidfile(path, std::move(fd), ::getpid()));
}

Pidfile::~Pidfile() {
    if (::getpid() == owner_) ::unlink(path_.c_str());
}

}  // namespace weft::sys
