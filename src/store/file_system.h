// SPDX-License-Identifier: Apache-2.0
// The few things that a database needs of a file system, so that a test can take its place.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weft::store {

/// A file that is only appended to. sync() may be called from another thread than the rest.
class AppendFile {
  public:
    virtual ~AppendFile() = default;
    /// All of it or an error; after an error some of it may be in the file.
    virtual Result<> append(std::string_view bytes) = 0;
    virtual Result<> truncate(uint64_t size) = 0;
    /// What was appended before the call is on the disk when it returns. After an error none of it need ever
    /// get there, whatever a later call says.
    virtual Result<> sync() = 0;
};

/// Held until destruction.
class FileLock {
  public:
    virtual ~FileLock() = default;
};

class FileSystem {
  public:
    virtual ~FileSystem() = default;
    virtual Result<std::string> read(const std::string& path) = 0;
    virtual Result<std::unique_ptr<AppendFile>> open(const std::string& path) = 0;
    /// The file must not exist.
    virtual Result<std::unique_ptr<AppendFile>> create(const std::string& path) = 0;
    /// Over what is there; on the disk when it returns. After an error exists(from) tells whether it was done
    /// all the same, but may not outlive a power cut.
    virtual Result<> rename(const std::string& from, const std::string& to) = 0;
    virtual Result<> remove(const std::string& path) = 0;
    virtual bool exists(const std::string& path) = 0;
    /// Of the file itself, if `path` is a symbolic link: what is written anew is put there.
    virtual std::string real_path(const std::string& path) { return path; }
    virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path) = 0;
};

}  // namespace weft::store
