// SPDX-License-Identifier: Apache-2.0
#include "cli/dbctl/needs.h"

namespace weft::cli::dbctl {

void Needs::record(const ovsdb::TableSchema& wanted) {
    table(wanted.name);
    for (const auto& name : records_) {
        if (name.table != wanted.name || name.name_column.empty()) continue;
        column(name.name_table, name.name_column);
        if (!name.reference.empty()) column(name.name_table, name.reference);
    }
}

std::vector<ovsdb::client::TableInterest> Needs::interest() const {
    std::vector<ovsdb::client::TableInterest> out;
    for (const auto& [name, wanted] : wanted_) {
        auto& one = out.emplace_back(ovsdb::client::TableInterest{.table = name});
        if (wanted.all) continue;
        one.columns.assign(wanted.columns.begin(), wanted.columns.end());
        // No column would mean all of them.
        const auto* table = schema_.find(name);
        if (one.columns.empty() && table)
            one.columns.push_back(table->columns[ovsdb::first_user_column].name);
    }
    return out;
}

}  // namespace weft::cli::dbctl
