// SPDX-License-Identifier: Apache-2.0
// A file system in memory that loses power when told to: for tests and simulations.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "base/prng.h"
#include "store/file_system.h"

namespace weft::store {

/// Resource type; files are for any thread, the rest for one. Every operation that writes counts; from the
/// one that fail_after() names on, all fail, as after a power cut, or some, as on a disk that is full or
/// broken for a while. What fails may have been done in part: some bytes of an append; a rename, but not for
/// good; of what a sync should have written, nothing will ever be. restart() gives what a machine would find:
/// synced bytes are there, of later ones a part or nothing, maybe with the last sector in disorder.
class MemoryDisk : public FileSystem {
  public:
    explicit MemoryDisk(uint64_t seed = 0) : prng_(seed) {}

    Result<std::string> read(const std::string& path) override;
    Result<std::unique_ptr<AppendFile>> open(const std::string& path) override;
    Result<std::unique_ptr<AppendFile>> create(const std::string& path) override;
    Result<> rename(const std::string& from, const std::string& to) override;
    Result<> remove(const std::string& path) override;
    bool exists(const std::string& path) override {
        const std::lock_guard lock(mutex_);
        return files_.contains(path);
    }
    Result<std::unique_ptr<FileLock>> lock(const std::string& path) override;

    size_t writes() const {
        const std::lock_guard lock(mutex_);
        return writes_;
    }
    static constexpr size_t all = static_cast<size_t>(-1);
    /// The first `n` further writes succeed; then `count` of them fail.
    void fail_after(size_t n, size_t count = all) {
        const std::lock_guard lock(mutex_);
        fail_at_ = writes_ + n;
        fail_end_ = count == all ? all : fail_at_ + count;
    }
    /// Loses what was not synced and works again. Files and locks that were open are of no more use.
    void restart();

    /// For a test to look at or spoil; the file must exist.
    std::string& contents(const std::string& path) { return files_.at(path)->bytes; }
    void put(const std::string& path, std::string bytes);

  private:
    struct File {
        std::string bytes;
        size_t synced = 0;
        std::vector<std::pair<size_t, size_t>> lost = {};  ///< [from, to) will not be found
    };
    class Handle;
    class Lock;
    Result<> write();

    std::map<std::string, std::shared_ptr<File>> files_;
    std::map<std::string, std::shared_ptr<File>>
        unsure_;  ///< as the directory on the disk may still have it; null: not
    std::set<std::string> locked_;
    mutable std::mutex mutex_;
    Prng prng_;
    size_t writes_ = 0, fail_at_ = all, fail_end_ = all;
    unsigned generation_ = 0;
};

}  // namespace weft::store
