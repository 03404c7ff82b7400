// SPDX-License-Identifier: Apache-2.0
#include "cli/vsctl/model.h"

namespace weft::cli::vsctl {

using ovsdb::Atom;
using ovsdb::Datum;

void Model::need(dbctl::Needs& needs) {
    needs.column("Open_vSwitch", "bridges");
    needs.columns("Bridge", {"name", "ports"});
    needs.columns("Port", {"name", "fake_bridge", "tag", "interfaces"});
    needs.column("Interface", "name");
}

std::optional<Bridge> Model::fake_by_port(const RowView& real, const RowView& port) const {
    constexpr int64_t vlan_max = 4095;
    const auto tag = port.integer("tag");
    if (!port.boolean("fake_bridge", false) || !tag || *tag < 0 || *tag > vlan_max) return std::nullopt;
    return Bridge{std::string(port.str("name")), real, port, *tag};
}

std::vector<Bridge> Model::fakes_of(const RowView& real) const {
    std::vector<Bridge> out;
    for (const auto& port : real.refs("ports"))
        if (auto fake = fake_by_port(real, port)) out.push_back(std::move(*fake));
    return out;
}

std::vector<Bridge> Model::bridges() const {
    std::vector<Bridge> out;
    for (const auto& real : root().refs("bridges")) {
        out.push_back({std::string(real.str("name")), real, {}});
        for (auto& fake : fakes_of(real)) out.push_back(std::move(fake));
    }
    return out;
}

std::optional<Bridge> Model::find_bridge(std::string_view name) const {
    const auto top = root().refs("bridges");
    for (const auto& real : top)
        if (real.str("name") == name) return Bridge{std::string(name), real, {}};
    const auto port = db_.table("Port").find("name", name);
    const auto real = port ? real_bridge_with(port) : RowView{};
    return real ? fake_by_port(real, port) : std::nullopt;
}

Result<Bridge> Model::bridge(std::string_view name) const {
    auto found = find_bridge(name);
    if (!found) return fail("no bridge named " + std::string(name));
    return std::move(*found);
}

Result<Bridge> Model::real_bridge(std::string_view name) const {
    auto found = TRY(bridge(name));
    if (found.is_fake()) return fail(std::string(name) + " is a fake bridge");
    return found;
}

RowView Model::real_bridge_with(const RowView& port) const {
    const Atom uuid(port.uuid());
    for (const auto& real : root().refs("bridges"))
        if (real.datum("ports").contains(uuid)) return real;
    return {};
}

std::optional<Bridge> Model::bridge_of(const RowView& real, const RowView& port) const {
    if (fake_by_port(real, port) || port.str("name") == real.str("name")) return std::nullopt;
    if (const auto tag = port.integer("tag"))
        for (auto& fake : fakes_of(real))
            if (fake.vlan == *tag) return fake;
    return Bridge{std::string(real.str("name")), real, {}};
}

std::optional<Port> Model::find_port(std::string_view name) const {
    for (const auto& port : db_.table("Port")) {
        if (port.str("name") != name) continue;
        const auto real = real_bridge_with(port);
        auto bridge = real ? bridge_of(real, port) : std::nullopt;
        if (bridge) return Port{port, std::move(*bridge)};
    }
    return std::nullopt;
}

Result<Port> Model::port(std::string_view name) const {
    auto found = find_port(name);
    if (!found) return fail("no port named " + std::string(name));
    return std::move(*found);
}

std::vector<RowView> Model::ports_of(const Bridge& bridge) const {
    std::vector<RowView> out;
    for (const auto& port : bridge.real.refs("ports")) {
        const auto own = bridge_of(bridge.real, port);
        if (own && own->name == bridge.name) out.push_back(port);
    }
    return out;
}

std::optional<Interface> Model::find_interface(std::string_view name) const {
    for (const auto& iface : db_.table("Interface")) {
        if (iface.str("name") != name) continue;
        for (const auto& port : db_.table("Port")) {
            if (!port.datum("interfaces").contains(Atom(iface.uuid()))) continue;
            if (auto found = find_port(port.str("name"))) return Interface{iface, std::move(*found)};
        }
    }
    return std::nullopt;
}

Result<Interface> Model::interface(std::string_view name) const {
    auto found = find_interface(name);
    if (!found) return fail("no interface named " + std::string(name));
    return std::move(*found);
}

Result<> Model::check_unused(std::string_view name, const std::string& purpose) const {
    const std::string quoted(name);
    if (find_bridge(name)) return fail(purpose + " because a bridge named " + quoted + " already exists");
    if (const auto port = find_port(name))
        return fail(purpose + " because a port named " + quoted + " already exists on bridge " +
                    port->bridge.name);
    if (const auto iface = find_interface(name))
        return fail(purpose + " because an interface named " + quoted + " already exists on bridge " +
                    iface->port.bridge.name);
    return {};
}

void Model::add_to_bridge(const Bridge& bridge, const RowView& port) {
    db_.add(bridge.real, "ports", Datum(Atom(port.uuid())));
}

void Model::erase_port(const RowView& real, const RowView& port) {
    db_.remove(real, "ports", Datum(Atom(port.uuid())));
    for (const auto& iface : port.refs("interfaces")) db_.erase(iface);
    db_.erase(port);
}

void Model::erase_bridge(const Bridge& bridge) {
    if (bridge.is_fake()) {
        for (const auto& port : ports_of(bridge)) erase_port(bridge.real, port);
        return erase_port(bridge.real, bridge.fake_port);
    }
    for (const auto& port : bridge.real.refs("ports")) erase_port(bridge.real, port);
    db_.remove(root(), "bridges", Datum(Atom(bridge.real.uuid())));
    db_.erase(bridge.real);
}

}  // namespace weft::cli::vsctl
