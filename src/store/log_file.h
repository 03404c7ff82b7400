// SPDX-License-Identifier: Apache-2.0
// The framing of Open vSwitch's database logs (ovsdb(5)): "OVSDB <magic> <length> <sha1>" and a line of JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/json.h"

namespace weft::store {

inline constexpr std::string_view standalone_magic = "JSON", clustered_magic = "CLUSTER";

/// Header and body of one record; `json` is JSON text on one line, without the line end.
std::string format_log_record(std::string_view magic, std::string_view json);

/// Reads records from the contents of a file, which must outlive it. Value type.
class LogReader {
  public:
    /// `file_name` is for errors.
    LogReader(std::string_view contents, std::string file_name)
        : contents_(contents), name_(std::move(file_name)) {}

    /// The next record, or nullopt at the end. After an error offset() is still where the bad record starts.
    Result<std::optional<codec::Json>> next();
    /// The first record, or why the file is no database.
    Result<codec::Json> first();
    /// Where the next record starts.
    uint64_t offset() const { return offset_; }
    /// Of the first record; empty before it is read.
    std::string_view magic() const { return magic_; }

  private:
    std::string_view contents_;
    std::string name_;
    std::string magic_;
    uint64_t offset_ = 0;
};

}  // namespace weft::store
