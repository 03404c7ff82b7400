// SPDX-License-Identifier: Apache-2.0
// Names of tables and columns as users abbreviate them.
#pragma once

#include <string_view>

#include "base/result.h"
#include "ovsdb/schema.h"

namespace weft::cli::dbctl {

/// By its name, in any case and with - for _, or the beginning of only one name.
Result<const ovsdb::TableSchema*> find_table(const ovsdb::Schema& schema, std::string_view name);

enum class WithUuid : bool { no, yes };
/// As find_table(). `_uuid` is found where it may be read.
Result<const ovsdb::ColumnSchema*> find_column(const ovsdb::TableSchema& table, std::string_view name,
                                               WithUuid with_uuid = WithUuid::no);

}  // namespace weft::cli::dbctl
