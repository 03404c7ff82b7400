// SPDX-License-Identifier: Apache-2.0
// Timeouts of conntrack zones, and what a datapath can do.
#include "cli/vsctl/commands.h"
#include "cli/vsctl/model.h"

namespace weft::cli::vsctl {
namespace {

using dbctl::Context;
using dbctl::Invocation;
using dbctl::Needs;
using ovsdb::Atom;
using ovsdb::Datum;

constexpr std::string_view group = "Conntrack zone and datapath commands";

Result<> need_zones(const Invocation&, Needs& needs) {
    needs.column("Open_vSwitch", "datapaths");
    needs.columns("Datapath", {"ct_zones", "capabilities"});
    needs.column("CT_Zone", "timeout_policy");
    needs.column("CT_Timeout_Policy", "timeouts");
    return {};
}

RowView find_datapath(Context& context) {
    for (const auto& [name, row] : Model(context.db).root().ref_map("datapaths"))
        if (name.string() == context.arg(0)) return row;
    return {};
}

/// "zone=N" of the second argument; without "zone=" too, as Open vSwitch's own takes it.
Result<Atom> parse_zone(Context& context) {
    constexpr std::string_view prefix = "zone=";
    std::string_view text = context.arg(1);
    if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
    const auto& type = context.db.schema().find("Datapath")->find("ct_zones")->type;
    auto zone = ovsdb::parse_atom_text(text, type.key);
    if (!zone) return fail(context.arg(1) + ": " + zone.error().message + "; write zone=ZONE_ID");
    return zone;
}

RowView find_zone(const RowView& datapath, const Atom& zone) {
    for (const auto& [id, row] : datapath.ref_map("ct_zones"))
        if (id == zone) return row;
    return {};
}

/// KEY=SECONDS...
Result<Datum> parse_timeouts(Context& context) {
    const auto& type = context.db.schema().find("CT_Timeout_Policy")->find("timeouts")->type;
    Datum out;
    for (const auto& arg : context.call.from(2))
        out = ovsdb::set_union(TRY(ovsdb::parse_datum_text(arg, type)), out);
    return out;
}

Result<> add_zone_tp(Context& context) {
    auto& db = context.db;
    const auto datapath = find_datapath(context);
    if (!datapath) return fail("datapath " + context.arg(0) + " does not exist");
    const auto id = TRY(parse_zone(context));
    auto zone = find_zone(datapath, id);
    if (zone && !context.call.has("--may-exist")) return fail("zone id " + id.to_text() + " already exists");
    const auto timeouts = TRY(parse_timeouts(context));
    if (!zone) {
        zone = db.insert(*db.schema().find("CT_Zone"));
        db.add(datapath, "ct_zones", Datum::map({{id, zone.uuid()}}));
    }
    auto policy = zone.ref("timeout_policy");
    if (!policy) {
        policy = db.insert(*db.schema().find("CT_Timeout_Policy"));
        db.set_value(zone, "timeout_policy", policy.uuid());
    }
    db.set(policy, "timeouts", timeouts);
    return {};
}

Result<> del_zone_tp(Context& context) {
    const auto datapath = find_datapath(context);
    if (!datapath) return fail("datapath " + context.arg(0) + " does not exist");
    const auto id = TRY(parse_zone(context));
    if (find_zone(datapath, id))
        context.db.remove(datapath, "ct_zones", Datum(id));
    else if (!context.call.has("--if-exists"))
        return fail("zone id " + id.to_text() + " does not exist");
    return {};
}

/// "k=v l=w"
std::string pairs(const Datum& map) {
    std::string out;
    for (size_t i = 0; i < map.size(); ++i)
        out += (i > 0 ? " " : "") + map.keys()[i].to_bare() + "=" + map.values()[i].to_bare();
    return out;
}

Result<> list_zone_tp(Context& context) {
    const auto datapath = find_datapath(context);
    if (!datapath) return fail("datapath: " + context.arg(0) + " record not found");
    for (const auto& [id, zone] : datapath.ref_map("ct_zones")) {
        const auto policy = zone.ref("timeout_policy");
        context.out.line("Zone:" + id.to_text() + ", Timeout Policies: " +
                         (policy ? pairs(policy.datum("timeouts")) : "system default"));
    }
    return {};
}

Result<> list_dp_cap(Context& context) {
    const auto datapath = find_datapath(context);
    if (!datapath) return fail("datapath \"" + context.arg(0) + "\" record not found");
    context.out.line(pairs(datapath.datum("capabilities")));
    return {};
}

constexpr dbctl::Command commands[] = {
    {group, "add-zone-tp", "!DATAPATH !ZONE +TIMEOUT=SECONDS", "--may-exist",
     "set timeouts of a conntrack zone (zone=N)", true, need_zones, add_zone_tp},
    {group, "del-zone-tp", "!DATAPATH !ZONE", "--if-exists", "delete the timeouts of a zone (zone=N)", true,
     need_zones, del_zone_tp},
    {group, "list-zone-tp", "!DATAPATH", "", "print the timeouts of all zones of DATAPATH", false, need_zones,
     list_zone_tp},
    {group, "list-dp-cap", "!DATAPATH", "", "print what DATAPATH can do", false, need_zones, list_dp_cap},
};

}  // namespace

std::span<const dbctl::Command> zone_commands() { return commands; }

}  // namespace weft::cli::vsctl
