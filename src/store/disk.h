// SPDX-License-Identifier: Apache-2.0
// The machine's own file system.
#pragma once

#include "store/file_system.h"

namespace weft::store {

/// Without state: a value like any other; thread-safe.
class Disk : public FileSystem {
  public:
    Result<std::string> read(const std::string& path) override;
    Result<std::unique_ptr<AppendFile>> open(const std::string& path) override;
    Result<std::unique_ptr<AppendFile>> create(const std::string& path) override;
    Result<> rename(const std::string& from, const std::string& to) override;
    Result<> remove(const std::string& path) override;
    bool exists(const std::string& path) override;
    std::string real_path(const std::string& path) override;
    Result<std::unique_ptr<FileLock>> lock(const std::string& path) override;
};

}  // namespace weft::store
