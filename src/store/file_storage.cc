// SPDX-License-Identifier: Apache-2.0
#include "store/file_storage.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "codec/json_text.h"
#include "ovsdb/log_record.h"
#include "store/log_file.h"

namespace weft::store {
namespace {

// Compaction pays when the log is large, mostly history, and the last time is not just over.
constexpr uint64_t min_compaction_size = 10u << 20;
constexpr size_t min_compaction_commits = 100;
constexpr Duration min_compaction_interval = 10min, max_compaction_interval = 24h;

/// As Open vSwitch words it.
std::unexpected<Error> io_error(const std::string& path, const char* what, const Error& error) {
    const std::string reason = error.code ? std::strerror(error.code) : error.message;
    return fail("I/O error: " + path + ": " + what + " (" + reason + ")", error.code);
}

Result<std::string> read_file(FileSystem& fs, const std::string& path) {
    auto contents = fs.read(path);
    if (!contents) return io_error(path, "open failed", contents.error());
    return contents;
}

std::string whole_file(const ovsdb::Snapshot& contents, const std::string& comment, int64_t date_ms) {
    std::string out = format_log_record(standalone_magic, codec::format_json(contents.schema->to_json()));
    ovsdb::Changes all = everything(contents);
    all.comment = comment;
    const std::string record = format_record(all, *contents.schema, {.date_ms = date_ms, .use_diff = false});
    if (!record.empty()) out += format_log_record(standalone_magic, record);
    return out;
}

/// After a failure: a part of a file is of no use to anybody, and takes room on a disk that may be full.
void discard(FileSystem& fs, const std::string& path) {
    if (fs.exists(path)) [[maybe_unused]]
        const auto gone = fs.remove(path);
}

Result<> append_synced(AppendFile& file, std::string_view bytes) {
    TRY(file.append(bytes));
    return file.sync();
}

/// Writes a file whole and synced, or leaves none.
Result<std::shared_ptr<AppendFile>> write_file(FileSystem& fs, const std::string& path,
                                               const std::string& bytes) {
    auto created = fs.create(path);
    if (!created) return io_error(path, "create failed", created.error());
    std::shared_ptr<AppendFile> file = std::move(*created);
    auto written = append_synced(*file, bytes);
    if (written) return file;
    discard(fs, path);
    return std::unexpected(written.error());
}

Result<ovsdb::SchemaPtr> schema_record(LogReader& reader, const std::string& path) {
    const codec::Json first = TRY(reader.first());
    if (reader.magic() == clustered_magic)
        return fail("ovsdb error: " + path +
                    ": cannot apply this operation to clustered database file; \"ovsdb-tool "
                    "cluster-to-standalone\" makes one that "
                    "is not");
    auto schema = ovsdb::parse_schema(first);
    if (!schema) return fail(path + ": " + schema.error().to_string());
    return *schema;
}

struct Loaded {
    OpenedDatabase opened;
    uint64_t size = 0;  ///< of what was read
    size_t records = 0;
};

Result<Loaded> load(std::string_view contents, const std::string& path) {
    LogReader reader(contents, path);
    Loaded out;
    out.opened.db = std::make_unique<ovsdb::Database>(TRY(schema_record(reader, path)));
    for (;;) {
        out.size = reader.offset();
        const auto record = reader.next();
        if (record && !*record) break;
        if (!record) {
            out.opened.warning = record.error().message;
            break;
        }
        const auto changes = parse_record(**record, out.opened.db->snapshot());
        if (!changes) {
            out.opened.warning =
                path + ": record at offset " + std::to_string(out.size) + ": " + changes.error().to_string();
            break;
        }
        out.opened.db->commit(*changes);
        const codec::Json* date = (*record)->find("_date");
        if (out.records > 0)
            out.opened.past.add(out.opened.db->schema(), *changes,
                                date && date->integer() ? *date->integer() : 0);
        ++out.records;
    }
    return out;
}

}  // namespace

Result<> create_database(FileSystem& fs, const std::string& path, const ovsdb::Snapshot& contents,
                         const std::string& comment, int64_t date_ms) {
    TRY(write_file(fs, path, whole_file(contents, comment, date_ms)));
    return {};
}

Result<OpenedDatabase> read_database(FileSystem& fs, const std::string& path) {
    const std::string contents = TRY(read_file(fs, path));
    return std::move(TRY(load(contents, path)).opened);
}

Result<ovsdb::SchemaPtr> read_schema(FileSystem& fs, const std::string& path) {
    const std::string contents = TRY(read_file(fs, path));
    LogReader reader(contents, path);
    return schema_record(reader, path);
}

/// Under way, maybe on another thread.
struct FileStorage::Compaction {
    ovsdb::Snapshot snapshot;
    std::string path;
    Result<std::shared_ptr<AppendFile>> file = fail("not done yet");
    uint64_t size = 0;      ///< of the snapshot
    uint64_t followed = 0;  ///< bytes behind it in the new file
    std::string appended;   ///< meanwhile, to the old file, and not yet to the new one
    size_t rounds = 0, commits = 0;
    Time started;
    std::move_only_function<void(Result<>)> done;
};

FileStorage::FileStorage(std::string path, FileOptions options)
    : path_(std::move(path)), options_(std::move(options)) {}

FileStorage::~FileStorage() { *alive_ = false; }

Result<FileStorage::Opened> FileStorage::open(const std::string& path, FileOptions options) {
    FileSystem& fs = *options.fs;
    std::unique_ptr<FileStorage> storage(new FileStorage(path, std::move(options)));
    storage->path_ = fs.real_path(path);
    if (!fs.exists(path)) TRY(read_file(fs, path));  // for the error; no lock file for what is not there
    auto lock = fs.lock(path);
    if (!lock)
        return fail("I/O error: " + path + ": failed to lock lockfile (" + lock.error().message + ")",
                    lock.error().code);
    storage->lock_ = std::move(*lock);
    const std::string contents = TRY(read_file(fs, path));
    Loaded loaded = TRY(load(contents, path));
    storage->file_ = TRY(fs.open(path));
    storage->schema_ = loaded.opened.db->snapshot().schema;
    storage->size_ = loaded.size;
    storage->snapshot_size_ = loaded.records <= 1 ? loaded.size : 0;
    storage->commits_ = loaded.records;
    storage->tail_is_bad_ = loaded.size < contents.size();
    storage->tail_has_records_ = contents.find("OVSDB JSON ", loaded.size + 1) != std::string::npos;
    if (storage->tail_is_bad_)
        LOG(storage->options_.log, warn, "{}; the last {} bytes of the file are not used",
            loaded.opened.warning, contents.size() - loaded.size);
    return Opened{std::move(loaded.opened.db), std::move(storage), std::move(loaded.opened.warning),
                  std::move(loaded.opened.past)};
}

Result<> FileStorage::keep_tail() {
    FileSystem& fs = *options_.fs;
    const std::string aside = path_ + ".damaged", contents = TRY(fs.read(path_));
    const auto file = fs.exists(aside) ? TRY(fs.open(aside)) : TRY(fs.create(aside));
    TRY(file->append(std::string_view(contents).substr(size_)));
    TRY(file->sync());
    LOG(options_.log, warn, "{}: what follows the damage is cut off and kept in {}", path_, aside);
    tail_has_records_ = false;
    return {};
}

Result<> FileStorage::cut_tail() {
    if (tail_has_records_) TRY(keep_tail());
    TRY(file_->truncate(size_));
    if (const auto synced = file_->sync(); !synced) {
        distrust(synced.error());
        return synced;
    }
    tail_is_bad_ = false;
    return {};
}

void FileStorage::distrust(const Error& why) {
    if (std::exchange(is_unsafe_, true)) return;
    LOG(options_.log, err, "{}; the file will be written anew, until then no transaction is durable",
        why.message);
}

/// Puts a file that is written and synced into the database's place.
Result<> FileStorage::take_over(const std::string& temporary, std::shared_ptr<AppendFile> file) {
    const auto renamed = options_.fs->rename(temporary, path_);
    if (!renamed && options_.fs->exists(temporary)) {
        discard(*options_.fs, temporary);
        return renamed;
    }
    is_unsafe_ = false;
    if (!renamed) distrust(renamed.error());  // it is there, but after a power cut it may not be
    file_ = std::move(file);
    tail_is_bad_ = false;
    return {};
}

Result<> FileStorage::append(const ovsdb::Changes& changes) {
    if (changes.empty()) return {};
    const int64_t date_ms = next_date_ms_ ? std::exchange(next_date_ms_, 0) : options_.date_ms();
    const std::string record =
        format_record(changes, *schema_, {.date_ms = date_ms, .use_diff = options_.use_diff});
    if (record.empty()) return {};
    if (tail_is_bad_) TRY(cut_tail());
    const std::string framed = format_log_record(standalone_magic, record);
    if (auto written = file_->append(framed); !written) {
        tail_is_bad_ = true;  // some of it may be there
        LOG(options_.log, warn, "{}: {}", path_, written.error().message);
        return written;
    }
    size_ += framed.size();
    ++commits_;
    if (compacting_) {
        compacting_->appended += framed;
        ++compacting_->commits;
    }
    return {};
}

void FileStorage::sync(uint64_t ticket) {
    tickets_.push_back(ticket);
    if (!syncing_) start_sync();
}

void FileStorage::start_sync() {
    syncing_ = true;
    auto tickets = std::make_shared<std::vector<uint64_t>>(std::exchange(tickets_, {}));
    auto result = std::make_shared<Result<>>();
    if (is_unsafe_)
        *result = fail(path_ + ": fsync failed before, and the file is not written anew yet", EIO);
    options_.aside(
        [file = file_, result] {
            if (*result) *result = file->sync();
        },
        [this, alive = alive_, tickets, result, file = file_] {
            if (!*alive) return;
            syncing_ = false;
            if (file != file_ && !is_unsafe_)
                *result = {};  // the file that took its place has all of it, synced
            if (!*result) distrust(result->error());
            if (!tickets_.empty()) start_sync();
            for (const uint64_t ticket : *tickets) options_.synced(ticket, *result);
        });
}

class FileStorage::NewFile : public ovsdb::Replacement {
  public:
    explicit NewFile(FileStorage& of)
        : of_(of),
          fs_(*of.options_.fs),
          path_(of.path_ + ".new.tmp"),
          date_ms_(of.options_.date_ms()),
          use_diff_(of.options_.use_diff) {}
    ~NewFile() override {
        if (file_) discard(fs_, path_);
    }

    Result<> write(const ovsdb::Snapshot& snapshot, const std::string& comment) override {
        file_ = nullptr;
        discard(fs_, path_);  // if it stays, create() says why
        const std::string bytes = whole_file(snapshot, comment, date_ms_);
        file_ = TRY(write_file(fs_, path_, bytes));
        schema_ = snapshot.schema;
        size_ = whole_ = bytes.size();
        commits_ = 0;
        return {};
    }
    Result<> append(const ovsdb::Changes& changes) override {
        const std::string record =
            format_record(changes, *schema_, {.date_ms = date_ms_, .use_diff = use_diff_});
        if (record.empty()) return {};
        const std::string framed = format_log_record(standalone_magic, record);
        TRY(append_synced(*file_, framed));
        size_ += framed.size();
        ++commits_;
        return {};
    }
    Result<> take_place() override {
        TRY(of_.take_over(path_, std::exchange(file_, nullptr)));
        of_.compacting_ = nullptr;  // what it was about is gone
        of_.size_ = size_;
        of_.snapshot_size_ = whole_;
        of_.commits_ = commits_;
        of_.schema_ = schema_;
        return {};
    }

  private:
    FileStorage& of_;
    FileSystem& fs_;
    std::string path_;
    int64_t date_ms_;
    bool use_diff_;
    std::shared_ptr<AppendFile> file_;
    ovsdb::SchemaPtr schema_;
    uint64_t size_ = 0, whole_ = 0;
    size_t commits_ = 0;
};

std::unique_ptr<ovsdb::Replacement> FileStorage::replacement() { return std::make_unique<NewFile>(*this); }

bool FileStorage::is_due_for_compaction(Time now) const {
    if (compacting_) return false;
    if (is_unsafe_) return true;
    const Duration since = now - compacted_;
    if (commits_ >= min_compaction_commits && since >= max_compaction_interval) return true;
    if (size_ < min_compaction_size || size_ / 2 < snapshot_size_) return false;
    return commits_ >= min_compaction_commits || since >= min_compaction_interval;
}

void FileStorage::compact(const ovsdb::Snapshot& snapshot, Time now,
                          std::move_only_function<void(Result<>)> done) {
    if (compacting_) return done(fail(path_ + ": compaction is under way already"));
    auto c = compacting_ = std::make_shared<Compaction>();
    c->snapshot = snapshot;
    c->path = path_ + ".tmp";
    c->started = now;
    c->done = std::move(done);
    compaction_step(c, [c, &fs = *options_.fs, date_ms = options_.date_ms()] {
        discard(fs, c->path);
        const std::string bytes = whole_file(c->snapshot, "compacting database online", date_ms);
        c->snapshot = {};
        c->size = bytes.size();
        c->file = write_file(fs, c->path, bytes);
    });
}

/// Does `work`, and what was appended meanwhile as well, until it is so little that nobody minds the wait.
void FileStorage::compaction_step(const std::shared_ptr<Compaction>& c,
                                  std::move_only_function<void()> work) {
    constexpr size_t little = 65536, max_rounds = 8;
    options_.long_aside(std::move(work), [this, alive = alive_, c] {
        if (!*alive || compacting_ != c) return;  // the database has gone or was replaced meanwhile
        if (!c->file || c->appended.size() <= little || ++c->rounds > max_rounds) {
            compacting_ = nullptr;
            return c->done(finish_compaction(*c));
        }
        compaction_step(c, [c, bytes = std::exchange(c->appended, {}), &fs = *options_.fs] {
            auto written = append_synced(**c->file, bytes);
            c->followed += bytes.size();
            if (written) return;
            discard(fs, c->path);
            c->file = std::unexpected(written.error());
        });
    });
}

Result<> FileStorage::finish_compaction(Compaction& c) {
    compacted_ = c.started;  // a failure is not tried again at once either
    auto file = TRY(c.file);
    if (!c.appended.empty())
        if (auto appended = append_synced(*file, c.appended); !appended) {
            discard(*options_.fs, c.path);
            return appended;
        }
    TRY(take_over(c.path, std::move(file)));
    snapshot_size_ = c.size;
    size_ = c.size + c.followed + c.appended.size();
    commits_ = c.commits;
    return {};
}

}  // namespace weft::store
