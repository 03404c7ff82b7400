// SPDX-License-Identifier: Apache-2.0
#include "store/memory_disk.h"

#include <algorithm>
#include <cerrno>

namespace weft::store {

class MemoryDisk::Handle : public AppendFile {
  public:
    Handle(MemoryDisk& disk, std::shared_ptr<File> file) : disk_(disk), file_(std::move(file)) {}
    Result<> append(std::string_view bytes) override {
        const std::lock_guard guard(disk_.mutex_);
        // A write that the power cut hits may still have put some of its bytes down.
        const bool ok = disk_.write().has_value();
        file_->bytes += ok ? bytes : bytes.substr(0, disk_.prng_.below(bytes.size() + 1));
        return ok ? Result<>() : fail("the disk fails", EIO);
    }
    Result<> truncate(uint64_t size) override {
        const std::lock_guard guard(disk_.mutex_);
        TRY(disk_.write());
        file_->bytes.resize(size);
        file_->synced = std::min<size_t>(file_->synced, size);
        for (auto& [from, to] : file_->lost) to = std::min<size_t>(to, size);
        return {};
    }
    Result<> sync() override {
        const std::lock_guard guard(disk_.mutex_);
        const auto done = disk_.write();
        if (!done) file_->lost.emplace_back(file_->synced, file_->bytes.size());
        file_->synced = file_->bytes.size();
        return done;
    }

  private:
    MemoryDisk& disk_;
    std::shared_ptr<File> file_;
};

class MemoryDisk::Lock : public FileLock {
  public:
    Lock(MemoryDisk& disk, std::string path)
        : disk_(disk), path_(std::move(path)), generation_(disk.generation_) {}
    ~Lock() override {
        const std::lock_guard guard(disk_.mutex_);
        if (generation_ == disk_.generation_) disk_.locked_.erase(path_);
    }

  private:
    MemoryDisk& disk_;
    std::string path_;
    unsigned generation_;
};

Result<> MemoryDisk::write() {
    const size_t number = writes_++;
    return number >= fail_at_ && number < fail_end_ ? fail("the disk fails", EIO) : Result<>();
}

Result<std::string> MemoryDisk::read(const std::string& path) {
    const std::lock_guard guard(mutex_);
    const auto it = files_.find(path);
    if (it == files_.end()) return fail(path + ": No such file or directory", ENOENT);
    return it->second->bytes;
}

Result<std::unique_ptr<AppendFile>> MemoryDisk::open(const std::string& path) {
    const std::lock_guard guard(mutex_);
    const auto it = files_.find(path);
    if (it == files_.end()) return fail(path + ": No such file or directory", ENOENT);
    return std::make_unique<Handle>(*this, it->second);
}

Result<std::unique_ptr<AppendFile>> MemoryDisk::create(const std::string& path) {
    const std::lock_guard guard(mutex_);
    if (files_.contains(path)) return fail(path + ": File exists", EEXIST);
    TRY(write());
    return std::make_unique<Handle>(*this, files_[path] = std::make_shared<File>());
}

Result<> MemoryDisk::rename(const std::string& from, const std::string& to) {
    const std::lock_guard guard(mutex_);
    const auto it = files_.find(from);
    if (it == files_.end()) return fail(from + ": No such file or directory", ENOENT);
    const auto done = write();
    if (!done && prng_.one_in(2)) return done;
    if (!done) unsure_.try_emplace(to, files_.contains(to) ? files_[to] : nullptr);
    if (done) unsure_.clear();  // it syncs the folder
    files_[to] = std::move(it->second);
    files_.erase(from);
    return done;
}

Result<> MemoryDisk::remove(const std::string& path) {
    const std::lock_guard guard(mutex_);
    if (!files_.contains(path)) return fail(path + ": No such file or directory", ENOENT);
    TRY(write());
    files_.erase(path);
    return {};
}

Result<std::unique_ptr<FileLock>> MemoryDisk::lock(const std::string& path) {
    const std::lock_guard guard(mutex_);
    if (!locked_.insert(path).second)
        return fail(path + ": cannot lock file because it is already locked", EAGAIN);
    return std::make_unique<Lock>(*this, path);
}

void MemoryDisk::put(const std::string& path, std::string bytes) {
    auto file = std::make_shared<File>();
    file->bytes = std::move(bytes);
    file->synced = file->bytes.size();
    files_[path] = std::move(file);
}

void MemoryDisk::restart() {
    const std::lock_guard guard(mutex_);
    for (auto& [path, before] : unsure_) {
        if (prng_.one_in(2)) continue;
        if (before)
            files_[path] = before;
        else
            files_.erase(path);
    }
    unsure_.clear();
    for (auto& [path, file] : files_) {
        const size_t unsure = file->bytes.size() - file->synced;
        const size_t kept = file->synced + prng_.below(unsure + 1);
        auto found = std::make_shared<File>();  // old handles keep writing to what is gone
        found->bytes = file->bytes.substr(0, kept);
        for (const auto& [from, to] : file->lost)
            for (size_t i = from; i < std::min(to, kept); ++i) found->bytes[i] = '\0';
        if (kept > file->synced && prng_.one_in(4)) {  // the last sector never made it, though the size did
            const size_t spoiled = file->synced + prng_.below(kept - file->synced);
            std::fill(found->bytes.begin() + static_cast<ptrdiff_t>(spoiled), found->bytes.end(), '\0');
        }
        found->synced = found->bytes.size();
        file = std::move(found);
    }
    locked_.clear();
    ++generation_;
    fail_at_ = fail_end_ = all;
}

}  // namespace weft::store
