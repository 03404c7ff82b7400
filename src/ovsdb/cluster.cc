// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/cluster.h"

#include "codec/json_members.h"
#include "ovsdb/log_record.h"

namespace weft::ovsdb {

Result<> apply_entry(const ClusterEntry& entry, ClusterContents& contents) {
    if (entry.schema) {
        const auto schema = parse_schema(*entry.schema);
        if (!schema) return std::unexpected(schema.error().to_error());
        contents.db = std::make_unique<Database>(*schema);
        contents.past.clear();
    }
    for (const codec::Json& record : entry.records) {
        const auto changes = parse_record(record, contents.db->snapshot());
        if (!changes) return std::unexpected(changes.error().to_error());
        contents.db->commit(*changes);
        if (!entry.schema)
            contents.past.add(contents.db->schema(), *changes, codec::integer_member(record, "_date"));
    }
    contents.notes.insert(contents.notes.end(), entry.notes.begin(), entry.notes.end());
    contents.last = entry.id;
    return {};
}

}  // namespace weft::ovsdb
