// SPDX-License-Identifier: Apache-2.0
// Waiting until ovs-vswitchd has done what the database says, and what it says of new interfaces.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/dbctl/program.h"

namespace weft::cli::vsctl {

/// next_cfg of Open_vSwitch is incremented with each change; the switch copies it to cur_cfg once it is done.
class Reload final : public dbctl::Custom {
  public:
    Reload(const Paths& paths, bool wait) : log_folder_(paths.logdir), wait_(wait) {}

    void need(dbctl::Needs& needs) override;
    /// A new database gets its Open_vSwitch row.
    void begin(dbctl::Workspace& db) override;
    void before_commit(const dbctl::Workspace& db, ovsdb::client::Txn& txn) override;
    bool finished(const ovsdb::client::View& view, const ovsdb::client::Outcome& outcome) override;
    std::vector<std::string> complaints(const ovsdb::client::View& view,
                                        const ovsdb::client::Outcome& outcome) override;

  private:
    std::string log_folder_;
    bool wait_;
    std::vector<Uuid> new_interfaces_;  ///< by the uuids of the workspace
};

}  // namespace weft::cli::vsctl
