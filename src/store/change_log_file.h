// SPDX-License-Identifier: Apache-2.0
// The records of an ovsdb::ChangeLog in a file beside the database's, which Open vSwitch does not look at.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "obs/log.h"
#include "ovsdb/change_log.h"
#include "store/file_system.h"

namespace weft::store {

/// Resource type, one thread. Framed as the database's log. The file is there as long as it has something to
/// say; a tail that cannot be read is cut off.
class ChangeLogFile : public ovsdb::ChangeLogStore {
  public:
    struct Opened {
        std::unique_ptr<ChangeLogFile> store;
        std::vector<codec::Json> records;
    };
    /// Of the database at `database_path`, whose lock the caller holds. `fs` must outlive the result.
    static Result<Opened> open(FileSystem& fs, const std::string& database_path, obs::LogModule log = {});
    static std::string path_of(const std::string& database_path) { return database_path + ".changes"; }

    Result<> append(const std::string& record) override;

  private:
    static constexpr uint64_t max_size = 4u << 20;  ///< then what is over is left out

    ChangeLogFile(FileSystem& fs, std::string path, obs::LogModule log)
        : fs_(fs), path_(std::move(path)), log_(log) {}
    Result<std::vector<codec::Json>> read();
    Result<> write(const std::vector<codec::Json>& records);

    FileSystem& fs_;
    std::string path_;
    obs::LogModule log_;
    std::shared_ptr<AppendFile> file_;  ///< null: there is none yet
    uint64_t size_ = 0;
    bool tail_is_bad_ = false;
    bool is_unsafe_ = false;  ///< a power cut may bring the file before this one back
};

/// The records of such a file, up to the first that is not well-formed; `warning` says why the rest was not
/// read.
std::vector<codec::Json> parse_change_log(std::string_view contents, const std::string& file_name,
                                          std::string& warning);

}  // namespace weft::store
