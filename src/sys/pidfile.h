// SPDX-License-Identifier: Apache-2.0
// Pid files: who is running, and whether it still is.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "sys/fd.h"

namespace weft::sys {

/// A file with this process's number, locked (fcntl) as long as the process lives: a file without a lock is a
/// dead process's. Resource type; removes the file in the end, unless that is another process by then (after
/// fork()).
class Pidfile {
  public:
    /// Refused if a living process holds it, unless `overwrite`.
    static Result<std::unique_ptr<Pidfile>> create(const std::string& path, bool overwrite);
    ~Pidfile();
    Pidfile(const Pidfile&) = delete;
    Pidfile& operator=(const Pidfile&) = delete;

  private:
    Pidfile(std::string path, Fd fd, int owner) : path_(std::move(path)), fd_(std::move(fd)), owner_(owner) {}
    std::string path_;
    Fd fd_;
    int owner_;
};

/// The living process that holds the file, or 0.
int pidfile_owner(const std::string& path);

}  // namespace weft::sys
