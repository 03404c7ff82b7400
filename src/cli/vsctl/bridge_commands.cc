// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>

#include "cli/vsctl/commands.h"
#include "cli/vsctl/model.h"

namespace weft::cli::vsctl {
namespace {

using dbctl::Context;
using dbctl::Invocation;
using dbctl::Needs;

constexpr std::string_view group = "Bridge commands";
constexpr std::string_view fake_prefix = "fake-bridge-";  ///< of the external ids of fake bridges

Result<> need_bridges(const Invocation&, Needs& needs) {
    Model::need(needs);
    return {};
}

Result<> need_external_ids(const Invocation&, Needs& needs) {
    Model::need(needs);
    needs.column("Bridge", "external_ids");
    needs.column("Port", "external_ids");
    return {};
}

Result<int64_t> parse_vlan(const std::string& text) {
    constexpr int64_t vlan_max = 4095;
    int64_t vlan = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), vlan);
    if (error != std::errc{} || end != text.data() + text.size() || vlan < 0 || vlan > vlan_max)
        return fail("add-br: vlan must be between 0 and 4095");
    return vlan;
}

/// --may-exist: what exists must be what was to be made.
Result<> check_existing(const Bridge& existing, const std::string* parent, int64_t vlan) {
    const std::string name = existing.name;
    if (!parent) {
        if (!existing.is_fake()) return {};
        return fail("\"--may-exist add-br " + name + "\" but " + name + " is a VLAN bridge for VLAN " +
                    std::to_string(existing.vlan));
    }
    const std::string but =
        "\"--may-exist add-br " + name + " " + *parent + " " + std::to_string(vlan) + "\" but " + name;
    if (!existing.is_fake()) return fail(but + " is not a VLAN bridge");
    if (existing.parent_name() != *parent)
        return fail(but + " has the wrong parent " + existing.parent_name());
    if (existing.vlan != vlan)
        return fail(but + " is a VLAN bridge for the wrong VLAN " + std::to_string(existing.vlan));
    return {};
}

/// A port of that name with one internal interface of that name.
RowView add_local_port(Workspace& db, const std::string& name) {
    const auto iface = db.insert(*db.schema().find("Interface"));
    db.set_value(iface, "name", name);
    db.set_value(iface, "type", "internal");
    const auto port = db.insert(*db.schema().find("Port"));
    db.set_value(port, "name", name);
    db.set_value(port, "interfaces", iface.uuid());
    return port;
}

void add_real(Model& model, const std::string& name) {
    auto& db = model.db();
    const auto port = add_local_port(db, name);
    const auto bridge = db.insert(*db.schema().find("Bridge"));
    db.set_value(bridge, "name", name);
    db.set_value(bridge, "ports", port.uuid());
    db.add(model.root(), "bridges", ovsdb::Datum(ovsdb::Atom(bridge.uuid())));
}

Result<> add_fake(Model& model, const std::string& name, const std::string& parent_name, int64_t vlan) {
    const auto parent = model.find_bridge(parent_name);
    if (!parent) return fail("parent bridge " + parent_name + " does not exist");
    if (parent->is_fake()) return fail("cannot create bridge with fake bridge as parent");
    for (const auto& fake : model.fakes_of(parent->real))
        if (fake.vlan == vlan)
            return fail("bridge " + parent_name + " already has a child VLAN bridge " + fake.name +
                        " on VLAN " + std::to_string(vlan));
    const auto port = add_local_port(model.db(), name);
    model.db().set_value(port, "fake_bridge", ovsdb::Datum(ovsdb::Atom(true)));
    model.db().set_value(port, "tag", vlan);
    model.add_to_bridge(*parent, port);
    return {};
}

Result<> add_br(Context& context) {
    const auto& name = context.arg(0);
    const auto* parent = context.call.arg(1);
    if (name.empty()) return fail("bridge name must not be empty string");
    if (parent && !context.call.arg(2)) return fail("'add-br' command takes exactly 1 or 3 arguments");
    const int64_t vlan = parent ? TRY(parse_vlan(context.arg(2))) : 0;
    Model model(context.db);
    if (const auto existing = model.find_bridge(name); existing && context.call.has("--may-exist"))
        return check_existing(*existing, parent, vlan);
    TRY(model.check_unused(name, "cannot create a bridge named " + name));
    if (parent) return add_fake(model, name, *parent, vlan);
    add_real(model, name);
    return {};
}

Result<> del_br(Context& context) {
    Model model(context.db);
    const auto found = model.find_bridge(context.arg(0));
    if (!found && context.call.has("--if-exists")) return {};
    model.erase_bridge(found ? *found : TRY(model.bridge(context.arg(0))));
    return {};
}

Result<> list_br(Context& context) {
    const bool real = context.call.has("--real"), fake = context.call.has("--fake");
    std::vector<std::string> names;
    for (const auto& bridge : Model(context.db).bridges())
        if (real == fake || fake == bridge.is_fake()) names.push_back(bridge.name);
    std::ranges::sort(names);
    for (const auto& name : names) context.out.line(name);
    return {};
}

Result<> br_exists(Context& context) {
    constexpr int no_such_bridge = 2;
    if (!Model(context.db).find_bridge(context.arg(0))) context.exit_code = no_such_bridge;
    return {};
}

Result<> br_to_vlan(Context& context) {
    context.out.line(std::to_string(TRY(Model(context.db).bridge(context.arg(0))).vlan));
    return {};
}

Result<> br_to_parent(Context& context) {
    context.out.line(TRY(Model(context.db).bridge(context.arg(0))).parent_name());
    return {};
}

/// The row that has a bridge's external ids, and what their keys begin with.
std::pair<RowView, std::string> external_ids_of(const Bridge& bridge) {
    return bridge.is_fake() ? std::pair(bridge.fake_port, std::string(fake_prefix))
                            : std::pair(bridge.real, "");
}

Result<> br_set_external_id(Context& context) {
    const auto [row, prefix] = external_ids_of(TRY(Model(context.db).bridge(context.arg(0))));
    const ovsdb::Atom key(std::string_view(prefix + context.arg(1)));
    if (const auto* value = context.call.arg(2))
        context.db.add(row, "external_ids", ovsdb::Datum::map({{key, std::string_view(*value)}}));
    else
        context.db.remove(row, "external_ids", ovsdb::Datum(key));
    return {};
}

Result<> br_get_external_id(Context& context) {
    const auto [row, prefix] = external_ids_of(TRY(Model(context.db).bridge(context.arg(0))));
    if (const auto* key = context.call.arg(1)) {
        if (const auto value = row.get("external_ids", prefix + *key)) context.out.line(*value);
        return {};
    }
    for (const auto& [key, value] : row.string_map("external_ids"))
        if (key.starts_with(prefix)) context.out.line(key.substr(prefix.size()) + "=" + value);
    return {};
}

constexpr dbctl::Command commands[] = {
    {group, "add-br", "!NEW-BRIDGE ?PARENT ?NEW-VLAN", "--may-exist",
     "make a bridge, or one that is VLAN NEW-VLAN of PARENT", true, need_bridges, add_br},
    {group, "del-br", "!BRIDGE", "--if-exists", "delete BRIDGE and all of its ports", true, need_bridges,
     del_br},
    {group, "list-br", "", "--real --fake", "print the names of all bridges", false, need_bridges, list_br},
    {group, "br-exists", "!BRIDGE", "", "exit with 2 if there is no BRIDGE", false, need_bridges, br_exists},
    {group, "br-to-vlan", "!BRIDGE", "", "print the VLAN that BRIDGE is on", false, need_bridges, br_to_vlan},
    {group, "br-to-parent", "!BRIDGE", "", "print the parent of BRIDGE", false, need_bridges, br_to_parent},
    {group, "br-set-external-id", "!BRIDGE !KEY ?VALUE", "", "set or unset KEY of BRIDGE", true,
     need_external_ids, br_set_external_id},
    {group, "br-get-external-id", "!BRIDGE ?KEY", "", "print the value of KEY of BRIDGE, or all", false,
     need_external_ids, br_get_external_id},
};

}  // namespace

std::span<const dbctl::Command> bridge_commands() { return commands; }

}  // namespace weft::cli::vsctl
