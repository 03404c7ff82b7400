// SPDX-License-Identifier: Apache-2.0
#include "cli/vsctl/reload.h"

#include <algorithm>

namespace weft::cli::vsctl {

using ovsdb::client::Outcome;
using ovsdb::client::View;

void Reload::need(dbctl::Needs& needs) {
    needs.table("Open_vSwitch");
    if (!wait_) return;
    needs.columns("Open_vSwitch", {"next_cfg", "cur_cfg"});
    needs.columns("Interface", {"name", "ofport", "error"});
}

void Reload::begin(dbctl::Workspace& db) {
    const auto* table = db.schema().find("Open_vSwitch");
    if (table && db.table(table->name).empty()) db.insert(*table);
}

void Reload::before_commit(const dbctl::Workspace& db, ovsdb::client::Txn& txn) {
    if (!wait_) return;
    new_interfaces_.clear();
    for (const auto& delta : ovsdb::client::deltas(db.base(), db.view(), "Interface"))
        if (!delta.before) new_interfaces_.push_back(delta.after.uuid());
    if (const auto root = db.base().table("Open_vSwitch").only())
        txn.increment(root, "next_cfg");
    else
        txn.set("Open_vSwitch", db.table("Open_vSwitch").only().uuid(), "next_cfg", 1);
}

bool Reload::finished(const View& view, const Outcome& outcome) {
    if (!wait_) return true;
    const auto wanted = outcome.incremented.value_or(1);
    return view.table("Open_vSwitch").only().integer("cur_cfg", 0) >= wanted;
}

std::vector<std::string> Reload::complaints(const View& view, const Outcome& outcome) {
    std::vector<std::string> out;
    for (const auto& uuid : new_interfaces_) {
        const auto real = outcome.inserted.find(uuid);
        const auto iface =
            real == outcome.inserted.end() ? dbctl::RowView{} : view.table("Interface").find(real->second);
        if (!iface || iface.integer("ofport", -1) >= 0) continue;
        const std::string error(iface.str("error"));
        out.push_back("Error detected while setting up '" + std::string(iface.str("name")) + "'" +
                      (error.empty() ? "" : ": " + error) + ".  See ovs-vswitchd log for details.");
    }
    std::ranges::sort(out);
    if (!out.empty()) out.push_back("The default log directory is \"" + log_folder_ + "\".");
    return out;
}

}  // namespace weft::cli::vsctl
