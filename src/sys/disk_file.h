// SPDX-License-Identifier: Apache-2.0
// Files: whole ones read, appended to, locked, renamed; and what makes that durable.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sys/fd.h"

namespace weft::sys {

Result<std::string> read_file(const std::string& path);

/// A file that is only appended to. Resource type; moves.
class AppendFile {
  public:
    enum class Open : uint8_t {
        existing,
        fresh,  ///< must not exist; mode 0640
    };
    static Result<AppendFile> open(const std::string& path, Open how);

    /// All of it or an error; after an error some of it may be in the file.
    Result<> append(std::string_view bytes);
    /// Cuts the file; later appends start there.
    Result<> truncate(uint64_t size);
    /// Contents and size are on the disk when it returns.
    Result<> sync();

  private:
    AppendFile(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
    Fd fd_;
    std::string path_;
};

/// Renames over what is there; on the disk when it returns.
Result<> rename_file(const std::string& from, const std::string& to);
Result<> delete_file(const std::string& path);
bool file_exists(const std::string& path);
/// With symbolic links followed; the path itself where that cannot be done.
std::string real_path(const std::string& path);

/// Writer's lock of a file, held until destruction: a lock of `.NAME.~lock~` beside it, as Open vSwitch's
/// programs take it. Symbolic links are followed to the file itself. Resource type; moves.
class LockFile {
  public:
    /// Fails with EAGAIN and the holder's pid in the message if another process, or this one, holds it.
    static Result<LockFile> take(const std::string& path);

  private:
    explicit LockFile(Fd fd) : fd_(std::move(fd)) {}
    Fd fd_;
};

}  // namespace weft::sys
