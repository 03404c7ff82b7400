// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/snapshot.h"

namespace weft::ovsdb {

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
