// SPDX-License-Identifier: Apache-2.0
// Bridges, ports and interfaces as ovs-vsctl sees them: "fake" bridges, which are one VLAN of a real one, are
// bridges too.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/dbctl/needs.h"
#include "cli/dbctl/workspace.h"

namespace weft::cli::vsctl {

using dbctl::RowView;
using dbctl::Workspace;

/// Value type.
struct Bridge {
    std::string name;
    RowView real;       ///< its row; of a fake bridge, that of its parent
    RowView fake_port;  ///< the Port row that is a fake bridge; false for a real one
    int64_t vlan = 0;   ///< of a fake bridge

    bool is_fake() const { return static_cast<bool>(fake_port); }
    std::string parent_name() const { return std::string(real.str("name")); }
};

/// Value types: where a port or interface is.
struct Port {
    RowView row;
    Bridge bridge;
    std::string name() const { return std::string(row.str("name")); }
};
struct Interface {
    RowView row;
    Port port;
};

/// Reads a workspace anew with every call, so it sees what was written before. Only what hangs together below
/// the Open_vSwitch row exists. The local ports of bridges and their interfaces are not found by port() and
/// interface().
class Model {
  public:
    explicit Model(Workspace& db) : db_(db) {}
    static void need(dbctl::Needs& needs);

    Workspace& db() const { return db_; }
    /// The only row of Open_vSwitch.
    RowView root() const { return db_.table("Open_vSwitch").only(); }

    std::vector<Bridge> bridges() const;
    std::vector<Bridge> fakes_of(const RowView& real) const;
    std::optional<Bridge> find_bridge(std::string_view name) const;
    Result<Bridge> bridge(std::string_view name) const;
    Result<Bridge> real_bridge(std::string_view name) const;

    std::optional<Port> find_port(std::string_view name) const;
    Result<Port> port(std::string_view name) const;
    /// Without its local port, and without those of its fake bridges.
    std::vector<RowView> ports_of(const Bridge& bridge) const;

    std::optional<Interface> find_interface(std::string_view name) const;
    Result<Interface> interface(std::string_view name) const;

    /// Nothing is called so yet; the error begins with `purpose`.
    Result<> check_unused(std::string_view name, const std::string& purpose) const;

    void add_to_bridge(const Bridge& bridge, const RowView& port);
    /// The rows of a port, its interfaces, and the reference to it.
    void erase_port(const RowView& real, const RowView& port);
    void erase_bridge(const Bridge& bridge);

  private:
    std::optional<Bridge> fake_by_port(const RowView& real, const RowView& port) const;
    /// Null for a local port.
    std::optional<Bridge> bridge_of(const RowView& real, const RowView& port) const;
    RowView real_bridge_with(const RowView& port) const;

    Workspace& db_;
};

}  // namespace weft::cli::vsctl
