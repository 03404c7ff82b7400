// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cli/dbctl/column_args.h"
#include "cli/vsctl/commands.h"
#include "cli/vsctl/model.h"

namespace weft::cli::vsctl {
namespace {

using dbctl::Context;
using dbctl::Invocation;
using dbctl::Needs;
using ovsdb::Atom;
using ovsdb::Datum;

constexpr std::string_view port_group = "Port commands (a bond is considered to be a single port)";
constexpr size_t interfaces_min = 2;  ///< of a bond
constexpr std::string_view bond_group = "Bond commands";
constexpr std::string_view iface_group = "Interface commands (a bond consists of multiple interfaces)";

std::string joined(std::span<const std::string> words, std::string_view separator) {
    std::string out;
    for (const auto& word : words) out += (out.empty() ? "" : std::string(separator)) + word;
    return out;
}

std::vector<std::string> sorted_names(const std::vector<RowView>& rows) {
    std::vector<std::string> out;
    for (const auto& row : rows) out.emplace_back(row.str("name"));
    std::ranges::sort(out);
    return out;
}

Result<> need_bridges(const Invocation&, Needs& needs) {
    Model::need(needs);
    return {};
}

/// The first argument that sets a column; the number of arguments if there is none.
size_t first_setting(const Invocation& call, size_t from) {
    for (size_t i = from; i < call.args.size(); ++i)
        if (call.args[i].find('=') != std::string::npos) return i;
    return call.args.size();
}

Result<> need_settings(std::span<const std::string> settings, Needs& needs) {
    Model::need(needs);
    needs.column("Port", "bond_fake_iface");
    const auto& table = *needs.schema().find("Port");
    for (const auto& arg : settings) {
        if (arg.find('=') == arg.npos) continue;  // wrong in another way, which add() tells
        std::string_view rest = arg;
        const auto word = TRY(ovsdb::take_word(rest));
        if (word.empty()) return fail(arg + ": missing column name");
        needs.column(table.name, TRY(dbctl::find_column(table, word))->name);
    }
    return {};
}
Result<> need_add_port(const Invocation& call, Needs& needs) { return need_settings(call.from(2), needs); }
Result<> need_add_bond(const Invocation& call, Needs& needs) {
    // Without enough interfaces, that is what is wrong.
    const size_t settings = first_setting(call, 2);
    return need_settings(settings < 2 + interfaces_min ? std::span<const std::string>() : call.from(settings),
                         needs);
}

/// What add-port and add-bond make.
struct NewPort {
    std::string bridge, name;
    std::vector<std::string> interfaces;
    std::span<const std::string> settings;
    bool is_bond;
};

/// --may-exist: the port there must be the one that was to be made.
Result<> check_existing(const NewPort& wanted, const Port& existing) {
    const std::string command =
        std::string("\"--may-exist ") + (wanted.is_bond ? "add-bond " : "add-port ") + wanted.bridge + " " +
        wanted.name + (wanted.is_bond ? " " + joined(wanted.interfaces, " ") : "") + "\" but " + wanted.name;
    if (existing.bridge.name != wanted.bridge)
        return fail(command + " is actually attached to bridge " + existing.bridge.name);
    auto interfaces = wanted.interfaces;
    std::ranges::sort(interfaces);
    const auto actual = sorted_names(existing.row.refs("interfaces"));
    if (actual != interfaces) return fail(command + " actually has interface(s) " + joined(actual, ", "));
    return {};
}

Result<> add(Context& context, const NewPort& wanted) {
    if (wanted.name.empty()) return fail("port name must not be empty string");
    Model model(context.db);
    if (const auto existing = model.find_port(wanted.name); existing && context.call.has("--may-exist"))
        return check_existing(wanted, *existing);
    TRY(model.check_unused(wanted.name, "cannot create a port named " + wanted.name));
    for (const auto& iface : wanted.interfaces)
        TRY(model.check_unused(iface, "cannot create an interface named " + iface));
    const auto bridge = TRY(model.bridge(wanted.bridge));

    auto& db = context.db;
    std::vector<Uuid> interfaces;
    for (const auto& name : wanted.interfaces) {
        const auto iface = db.insert(*db.schema().find("Interface"));
        db.set_value(iface, "name", name);
        interfaces.push_back(iface.uuid());
    }
    const auto port = db.insert(*db.schema().find("Port"));
    db.set_value(port, "name", wanted.name);
    db.set_value(port, "interfaces", interfaces);
    db.set_value(port, "bond_fake_iface", Datum(Atom(context.call.has("--fake-iface"))));
    if (bridge.is_fake()) db.set_value(port, "tag", bridge.vlan);
    for (const auto& arg : wanted.settings) {
        const auto setting = TRY(dbctl::parse_assignment(port.table(), arg));
        TRY(dbctl::assign(db, port, setting, &context.symbols));
    }
    model.add_to_bridge(bridge, port);
    return {};
}

Result<> add_port(Context& context) {
    return add(context, {context.arg(0), context.arg(1), {context.arg(1)}, context.call.from(2), false});
}

Result<> add_bond(Context& context) {
    const size_t settings = first_setting(context.call, 2);
    const auto interfaces = context.call.from(2).first(settings - 2);
    if (interfaces.size() < interfaces_min)
        return fail("add-bond requires at least 2 interfaces, but only " + std::to_string(interfaces.size()) +
                    " were specified");
    return add(context, {context.arg(0),
                         context.arg(1),
                         {interfaces.begin(), interfaces.end()},
                         context.call.from(settings),
                         true});
}

/// The port must be on the bridge that was named.
Result<> check_bridge(Model& model, const std::string& bridge_name, const Port& port,
                      const std::string& name) {
    const auto bridge = TRY(model.bridge(bridge_name));
    if (bridge.name == port.bridge.name) return {};
    std::string message = "bridge " + bridge.name + " does not have a port " + name;
    if (port.bridge.parent_name() == bridge.name)
        message += " (although its child bridge " + port.bridge.name + " does)";
    return fail(message);
}

Result<> del_port(Context& context) {
    const bool must_exist = !context.call.has("--if-exists"), by_iface = context.call.has("--with-iface");
    const auto* bridge = context.call.arg(1) ? &context.arg(0) : nullptr;
    const auto& name = context.call.args.back();
    Model model(context.db);
    auto port = model.find_port(name);
    if (!port && by_iface)
        if (auto iface = model.find_interface(name)) port = std::move(iface->port);
    if (!port && !must_exist) return {};
    if (!port && model.find_bridge(name))
        return fail("cannot delete port " + name + " because it is the local port for bridge " + name +
                    " (deleting this port requires deleting the entire bridge)");
    if (!port) return fail(std::string("no port ") + (by_iface ? "or interface " : "") + "named " + name);
    if (bridge) TRY(check_bridge(model, *bridge, *port, name));
    model.erase_port(port->bridge.real, port->row);
    return {};
}

Result<> port_to_br(Context& context) {
    context.out.line(TRY(Model(context.db).port(context.arg(0))).bridge.name);
    return {};
}

Result<> list_ports(Context& context) {
    Model model(context.db);
    for (const auto& name : sorted_names(model.ports_of(TRY(model.bridge(context.arg(0))))))
        context.out.line(name);
    return {};
}

Result<> add_bond_iface(Context& context) {
    const auto &bond = context.arg(0), &name = context.arg(1);
    Model model(context.db);
    const auto port = TRY(model.port(bond));
    if (const auto existing = model.find_interface(name); existing && context.call.has("--may-exist")) {
        if (existing->port.name() == bond) return {};
        return fail("\"--may-exist add-bond-iface " + bond + " " + name + "\" but " + name +
                    " is actually attached to port " + existing->port.name());
    }
    TRY(model.check_unused(name, "cannot create an interface named " + name));
    const auto iface = context.db.insert(*context.db.schema().find("Interface"));
    context.db.set_value(iface, "name", name);
    context.db.add(port.row, "interfaces", Datum(Atom(iface.uuid())));
    return {};
}

Result<> del_bond_iface(Context& context) {
    const auto* bond = context.call.arg(1) ? &context.arg(0) : nullptr;
    const auto& name = context.call.args.back();
    Model model(context.db);
    const auto found = model.find_interface(name);
    if (!found && context.call.has("--if-exists")) return {};
    const auto iface = found ? *found : TRY(model.interface(name));
    if (bond) TRY(model.port(*bond));
    const auto port_name = iface.port.name();
    if (bond && port_name != *bond) return fail("port " + *bond + " does not have an interface " + name);
    if (iface.port.row.datum("interfaces").size() == 1)
        return fail("cannot delete last interface from port " + port_name);
    context.db.remove(iface.port.row, "interfaces", Datum(Atom(iface.row.uuid())));
    context.db.erase(iface.row);
    return {};
}

Result<> list_ifaces(Context& context) {
    Model model(context.db);
    std::vector<RowView> interfaces;
    for (const auto& port : model.ports_of(TRY(model.bridge(context.arg(0)))))
        for (auto& iface : port.refs("interfaces")) interfaces.push_back(std::move(iface));
    for (const auto& name : sorted_names(interfaces)) context.out.line(name);
    return {};
}

Result<> iface_to_br(Context& context) {
    context.out.line(TRY(Model(context.db).interface(context.arg(0))).port.bridge.name);
    return {};
}

constexpr dbctl::Command commands[] = {
    {port_group, "list-ports", "!BRIDGE", "", "print the names of all ports of BRIDGE", false, need_bridges,
     list_ports},
    {port_group, "add-port", "!BRIDGE !NEW-PORT *COLUMN?:KEY=VALUE", "--may-exist",
     "add network device to BRIDGE", true, need_add_port, add_port},
    {port_group, "del-port", "?BRIDGE !PORT|IFACE", "--if-exists --with-iface",
     "delete PORT (which may be bonded)", true, need_bridges, del_port},
    {port_group, "port-to-br", "!PORT", "", "print the name of the bridge that contains PORT", false,
     need_bridges, port_to_br},
    {bond_group, "add-bond", "!BRIDGE !BOND !IFACE +IFACE *COLUMN?:KEY=VALUE", "--may-exist --fake-iface",
     "add bonded port of IFACEs to BRIDGE", true, need_add_bond, add_bond},
    {bond_group, "add-bond-iface", "!BOND !IFACE", "--may-exist", "add IFACE to BOND", true, need_bridges,
     add_bond_iface},
    {bond_group, "del-bond-iface", "?BOND !IFACE", "--if-exists", "remove IFACE from its port", true,
     need_bridges, del_bond_iface},
    {iface_group, "list-ifaces", "!BRIDGE", "", "print the names of all interfaces of BRIDGE", false,
     need_bridges, list_ifaces},
    {iface_group, "iface-to-br", "!IFACE", "", "print the name of the bridge that contains IFACE", false,
     need_bridges, iface_to_br},
};

}  // namespace

std::span<const dbctl::Command> port_commands() { return commands; }

}  // namespace weft::cli::vsctl
