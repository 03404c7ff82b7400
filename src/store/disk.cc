// SPDX-License-Identifier: Apache-2.0
#include "store/disk.h"

#include "sys/disk_file.h"

namespace weft::store {
namespace {

class DiskFile : public AppendFile {
  public:
    explicit DiskFile(sys::AppendFile file) : file_(std::move(file)) {}
    Result<> append(std::string_view bytes) override { return file_.append(bytes); }
    Result<> truncate(uint64_t size) override { return file_.truncate(size); }
    Result<> sync() override { return file_.sync(); }

  private:
    sys::AppendFile file_;
};

class DiskLock : public FileLock {
  public:
    explicit DiskLock(sys::LockFile lock) : lock_(std::move(lock)) {}

  private:
    sys::LockFile lock_;
};

}  // namespace

Result<std::string> Disk::read(const std::string& path) { return sys::read_file(path); }

Result<std::unique_ptr<AppendFile>> Disk::open(const std::string& path) {
    return std::make_unique<DiskFile>(TRY(sys::AppendFile::open(path, sys::AppendFile::Open::existing)));
}

Result<std::unique_ptr<AppendFile>> Disk::create(const std::string& path) {
    return std::make_unique<DiskFile>(TRY(sys::AppendFile::open(path, sys::AppendFile::Open::fresh)));
}

Result<> Disk::rename(const std::string& from, const std::string& to) { return sys::rename_file(from, to); }
Result<> Disk::remove(const std::string& path) { return sys::delete_file(path); }
std::string Disk::real_path(const std::string& path) { return sys::real_path(path); }
bool Disk::exists(const std::string& path) { return sys::file_exists(path); }

Result<std::unique_ptr<FileLock>> Disk::lock(const std::string& path) {
    return std::make_unique<DiskLock>(TRY(sys::LockFile::take(path)));
}

}  // namespace weft::store
