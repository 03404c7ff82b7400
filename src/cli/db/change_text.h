// SPDX-License-Identifier: Apache-2.0
// Changes of a database as people read them.
//
//     ~ Bridge br0
//         fail_mode: none -> secure
//         ports: +eth1 -eth0
//     - Port eth0
//     + Port eth1
//         interfaces: eth1
//         tag: 5
#pragma once

#include <string>
#include <vector>

#include "ovsdb/snapshot.h"

namespace weft::cli::db {

struct ChangeTextOptions {
    /// Where the names of rows are looked up, the first that has the row counts; all of one schema.
    std::vector<const ovsdb::Snapshot*> names = {};
    bool with_state = false;  ///< also what daemons tell of themselves (is_state())
    std::string indent = {};
};

/// Sorted by table and name; references by the names of their rows. The same for the same changes, whatever
/// uuids new rows have. Empty if nothing is changed.
std::string change_text(const ovsdb::Changes& changes, const ovsdb::Schema& schema,
                        const ChangeTextOptions& options);

}  // namespace weft::cli::db
