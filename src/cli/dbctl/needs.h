// SPDX-License-Identifier: Apache-2.0
// Which tables and columns the commands of one run read or write, so that nothing else is fetched.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/dbctl/records.h"
#include "ovsdb/client/contents.h"
#include "ovsdb/schema.h"

namespace weft::cli::dbctl {

/// Resource type.
class Needs {
  public:
    Needs(const ovsdb::Schema& schema, std::span<const RecordName> records)
        : schema_(schema), records_(records) {}

    const ovsdb::Schema& schema() const { return schema_; }
    void table(std::string_view name) { wanted_[std::string(name)]; }
    void column(std::string_view table, std::string_view column) {
        wanted_[std::string(table)].columns.emplace(column);
    }
    void columns(std::string_view table, std::initializer_list<std::string_view> names) {
        for (const auto name : names) column(table, name);
    }
    void all_columns(std::string_view table) { wanted_[std::string(table)].all = true; }
    /// What finding records of the table by their names reads.
    void record(const ovsdb::TableSchema& table);

    std::vector<ovsdb::client::TableInterest> interest() const;

  private:
    struct Wanted {
        bool all = false;
        std::set<std::string, std::less<>> columns;
    };
    const ovsdb::Schema& schema_;
    std::span<const RecordName> records_;
    std::map<std::string, Wanted, std::less<>> wanted_;
};

}  // namespace weft::cli::dbctl
