// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/snapshot.h"

namespace weft::ovsdb {

size_t Snapshot::row_count() const {
    size_t n = 0;
    for (const RowMap& table : tables) n += table.size();
    return n;
}

size_t Snapshot::cell_count() const {
    size_t n = 0;
    for (TableIndex t = 0; t < tables.size(); ++t)
        n += tables[t].size() * (schema->tables[t].columns.size() - first_user_column);
    return n;
}

void Changes::apply_to(Snapshot& to) const {
    for (const RowChange& change : rows) {
        RowMap& table = to.tables[change.table];
        if (change.after) {
            CHECK(table.set(change.after) == change.before);
        } else {
            CHECK(table.find(change.uuid) == change.before.get());
            table.erase(change.uuid);
        }
    }
}

Changes Changes::between(const Snapshot& from, const Snapshot& to) {
    CHECK(from.schema == to.schema);
    Changes out;
    for (TableIndex t = 0; t < to.tables.size(); ++t) {
        RowMap::compare(from.tables[t], to.tables[t], [&](const Row* before, const Row* after) {
            const Uuid& uuid = before ? before->uuid() : after->uuid();
            out.rows.push_back({t, uuid, RowPtr::share(before), RowPtr::share(after)});
        });
    }
    return out;
}

}  // namespace weft::ovsdb
