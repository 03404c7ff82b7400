// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/cluster.h"

#include "ovsdb/database.h"
#include "ovsdb/log_record.h"

namespace weft::ovsdb {

Result<> apply_entry(const ClusterEntry& entry, std::unique_ptr<Database>& db) {
    if (entry.schema) {
        const auto schema = parse_schema(*entry.schema);
        if (!schema) return std::unexpected(schema.error().to_error());
        db = std::make_unique<Database>(*schema);
    }
    for (const codec::Json& record : entry.records) {
        const auto changes = parse_record(record, db->snapshot());
        if (!changes) return std::unexpected(changes.error().to_error());
        db->commit(*changes);
    }
    return {};
}

}  // namespace weft::ovsdb
