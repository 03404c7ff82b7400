// SPDX-License-Identifier: Apache-2.0
// Changes as a client that monitors them gets them: <table-updates> (RFC 7047 4.1.6) and <table-updates2>
// (ovsdb-server(7) 4.1.14), as JSON text.
#pragma once

#include <string>

#include "ovsdb/monitor_request.h"
#include "ovsdb/snapshot.h"

namespace weft::ovsdb {

/// All rows, for the reply to the request; "{}" if there are none.
std::string format_initial(const MonitorRequest& request, const Snapshot& snapshot);

/// The changes that the request selects; empty if there are none.
std::string format_changes(const MonitorRequest& request, const Schema& schema,
                           std::span<const RowChange> changes);

/// What a client of `before` must be told when it becomes one of `after`, which differs by the conditions.
/// Empty if nothing.
std::string format_condition_change(const MonitorRequest& before, const MonitorRequest& after,
                                    const Snapshot& snapshot);

}  // namespace weft::ovsdb
