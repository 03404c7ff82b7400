// SPDX-License-Identifier: Apache-2.0
// The names that records go by besides their uuids.
#pragma once

#include <span>
#include <string_view>

#include "cli/dbctl/workspace.h"

namespace weft::cli::dbctl {

/// One way to name a record of `table`: by the value of `name_column` in `name_table`, which is the same
/// table or one whose column `reference` leads to the record. Without a name_column: ".", where there is one
/// record.
struct RecordName {
    std::string_view table, name_table = {}, name_column = {}, reference = {};
};

/// By name, uuid, or the beginning of a uuid (at least 4 digits) that no other record has. No such record: a
/// false RowView; several: an error.
Result<RowView> find_record(const ovsdb::client::View& view, std::span<const RecordName> names,
                            const ovsdb::TableSchema& table, std::string_view record);
/// As find_record(), but there must be one.
Result<RowView> get_record(const ovsdb::client::View& view, std::span<const RecordName> names,
                           const ovsdb::TableSchema& table, std::string_view record);

}  // namespace weft::cli::dbctl
