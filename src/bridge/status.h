// SPDX-License-Identifier: Apache-2.0
// What the switch reports to the database, as rows and columns.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "bridge/switch.h"
#include "obs/memory.h"
#include "ovsdb/client/txn.h"

namespace weft::bridge {

/// Columns of one row that are to have these values. Value type.
struct RowUpdate {
    std::string table;
    Uuid row;
    std::map<std::string, ovsdb::Datum, std::less<>> columns;
};

/// What the program is, for the row of Open_vSwitch.
struct ProgramFacts {
    std::string version = "3.1.0";
    std::vector<std::string> interface_types, datapath_types;
    /// Open_vSwitch:statistics, asked for where other_config:enable-statistics is set; may be null.
    std::function<std::map<std::string, std::string>()> host_statistics;
};

/// State of bridges, interfaces and controllers; all of it, whether or not the database has it already.
std::vector<RowUpdate> report_state(Switch& sw, const ProgramFacts& facts, Time now);
/// What changes all the time: statistics of interfaces and of the host.
std::vector<RowUpdate> report_statistics(Switch& sw, const ProgramFacts& facts);

/// For memory/show.
void add_memory_usage(Switch& sw, obs::MemoryUsage& usage);

/// Puts the updates into a transaction, which leaves out what the database has already.
void write(const std::vector<RowUpdate>& updates, ovsdb::client::Txn& txn);

}  // namespace weft::bridge
