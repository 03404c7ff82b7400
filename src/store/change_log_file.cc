// SPDX-License-Identifier: Apache-2.0
#include "store/change_log_file.h"

#include "codec/json_text.h"
#include "store/log_file.h"

namespace weft::store {

std::vector<codec::Json> parse_change_log(std::string_view contents, const std::string& file_name,
                                          std::string& warning) {
    LogReader reader(contents, file_name);
    std::vector<codec::Json> out;
    for (;;) {
        auto record = reader.next();
        if (!record) warning = record.error().message;
        if (!record || !*record) return out;
        out.push_back(std::move(**record));
    }
}

Result<ChangeLogFile::Opened> ChangeLogFile::open(FileSystem& fs, const std::string& database_path,
                                                  obs::LogModule log) {
    Opened out;
    out.store.reset(new ChangeLogFile(fs, path_of(database_path), log));
    if (!fs.exists(out.store->path_)) return out;
    out.records = ovsdb::condense(TRY(out.store->read()));
    TRY(out.store->write(out.records));
    return out;
}

Result<std::vector<codec::Json>> ChangeLogFile::read() {
    const std::string contents = TRY(fs_.read(path_));
    std::string warning;
    auto records = parse_change_log(contents, path_, warning);
    if (!warning.empty()) LOG(log_, warn, "{}; the rest of the file is not used", warning);
    return records;
}

Result<> ChangeLogFile::write(const std::vector<codec::Json>& records) {
    if (records.empty()) {
        file_ = nullptr;
        return fs_.exists(path_) ? fs_.remove(path_) : Result<>();
    }
    std::string bytes;
    for (const codec::Json& record : records)
        bytes += format_log_record(standalone_magic, codec::format_json(record));
    const std::string temporary = path_ + ".tmp";
    if (fs_.exists(temporary)) TRY(fs_.remove(temporary));
    std::shared_ptr<AppendFile> file = TRY(fs_.create(temporary));
    TRY(file->append(bytes));
    TRY(file->sync());
    const auto renamed = fs_.rename(temporary, path_);
    if (!renamed && fs_.exists(temporary)) return renamed;
    file_ = std::move(file);
    size_ = bytes.size();
    tail_is_bad_ = false;
    is_unsafe_ = !renamed;
    return renamed;
}

Result<> ChangeLogFile::append(const std::string& record) {
    if (!file_) return write({TRY(codec::parse_json(record))});
    if (size_ > max_size || is_unsafe_) {
        const auto records = TRY(read());
        TRY(write(ovsdb::condense(records)));
    }
    if (tail_is_bad_) TRY(file_->truncate(size_));
    tail_is_bad_ = true;  // until all of it is there
    const std::string framed = format_log_record(standalone_magic, record);
    TRY(file_->append(framed));
    TRY(file_->sync());
    tail_is_bad_ = false;
    size_ += framed.size();
    return {};
}

}  // namespace weft::store
