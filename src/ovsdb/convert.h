// SPDX-License-Identifier: Apache-2.0
// A database of one schema read as one of another (ovsdb-server(7) 4.1.19).
#pragma once

#include <memory>

#include "base/prng.h"
#include "ovsdb/database.h"

namespace weft::ovsdb {

/// Tables and columns that the new schema does not have are left out, those that are new get their default;
/// everything must then fulfil the new schema's constraints.
OpResult<std::unique_ptr<Database>> convert(const Snapshot& from, SchemaPtr to, Prng& prng);

}  // namespace weft::ovsdb
