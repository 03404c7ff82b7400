// SPDX-License-Identifier: Apache-2.0
// A database in a log file, as ovsdb-server keeps it (ovsdb(5)).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "obs/log.h"
#include "ovsdb/change_log.h"
#include "ovsdb/database.h"
#include "ovsdb/storage.h"
#include "store/file_system.h"

namespace weft::store {

using ovsdb::run_at_once;
using ovsdb::RunAside;

struct FileOptions {
    FileSystem* fs;
    std::function<int64_t()> date_ms;     ///< now, in ms since 1970
    RunAside aside = run_at_once();       ///< for syncs
    RunAside long_aside = run_at_once();  ///< for compaction, during which syncs go on
    std::function<void(uint64_t ticket, const Result<>&)> synced = [](uint64_t, const Result<>&) {};
    bool use_diff = true;  ///< false: readable for Open vSwitch before 2.15
    obs::LogModule log = {};
};

/// What open_database() found.
struct OpenedDatabase {
    std::unique_ptr<ovsdb::Database> db;
    std::string warning;                  ///< why the rest of the file was not read; empty: all of it was
    ovsdb::RecentTransactions past = {};  ///< but for the first, which may stand for all before it
};

/// Creates the file with a schema and, unless it is empty, the contents in one record. It must not exist.
Result<> create_database(FileSystem& fs, const std::string& path, const ovsdb::Snapshot& contents,
                         const std::string& comment, int64_t date_ms);

/// Reads a file without locking or changing it.
Result<OpenedDatabase> read_database(FileSystem& fs, const std::string& path);
/// The schema alone.
Result<ovsdb::SchemaPtr> read_schema(FileSystem& fs, const std::string& path);

/// Resource type, one thread (that of the server); work goes aside. Holds the file's lock. A tail that cannot
/// be read is cut off by the first write; if there are records behind what was damaged, it is kept in
/// FILE.damaged. After a sync that failed nothing is called durable until compact()
/// has written the file anew: the system forgets what it could not write.
class FileStorage : public ovsdb::Storage {
  public:
    struct Opened {
        std::unique_ptr<ovsdb::Database> db;
        std::unique_ptr<FileStorage> storage;
        std::string warning;  ///< as OpenedDatabase's
        ovsdb::RecentTransactions past = {};
    };
    static Result<Opened> open(const std::string& path, FileOptions options);
    ~FileStorage() override;

    Result<> append(const ovsdb::Changes& changes) override;
    void set_date(int64_t ms) override { next_date_ms_ = ms; }
    void sync(uint64_t ticket) override;
    std::unique_ptr<ovsdb::Replacement> replacement() override;

    /// Whether the log has grown so much that compact() pays, or must be written anew.
    bool is_due_for_compaction(Time now) const;
    /// Rewrites the file as one record; `done` is told how it went, at once or later. Appends go on
    /// meanwhile.
    void compact(const ovsdb::Snapshot& snapshot, Time now, std::move_only_function<void(Result<>)> done);
    bool is_compacting() const { return compacting_ != nullptr; }

    const std::string& path() const { return path_; }
    uint64_t size() const { return size_; }

  private:
    struct Compaction;
    class NewFile;
    FileStorage(std::string path, FileOptions options);
    void start_sync();
    Result<> cut_tail();
    Result<> keep_tail();
    void compaction_step(const std::shared_ptr<Compaction>& c, std::move_only_function<void()> work);
    Result<> finish_compaction(Compaction& compaction);
    Result<> take_over(const std::string& temporary, std::shared_ptr<AppendFile> file);
    void distrust(const Error& why);

    std::string path_;
    FileOptions options_;
    std::unique_ptr<FileLock> lock_;
    std::shared_ptr<AppendFile> file_;
    ovsdb::SchemaPtr schema_;
    uint64_t size_ = 0;           ///< of the readable part
    uint64_t snapshot_size_ = 0;  ///< when it was last compacted
    size_t commits_ = 0;          ///< since then
    Time compacted_{};
    int64_t next_date_ms_ = 0;       ///< 0: that of the clock
    bool tail_is_bad_ = false;       ///< the file is longer than size_
    bool tail_has_records_ = false;  ///< which were good before something in front of them was damaged
    bool is_unsafe_ = false;         ///< a sync failed: what the disk has of the file is not known
    std::vector<uint64_t> tickets_;
    bool syncing_ = false;
    std::shared_ptr<Compaction> compacting_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace weft::store
