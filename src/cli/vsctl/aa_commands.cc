// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "cli/vsctl/commands.h"
#include "cli/vsctl/model.h"

namespace weft::cli::vsctl {
namespace {

using dbctl::Context;
using dbctl::Invocation;
using dbctl::Needs;
using ovsdb::Atom;
using ovsdb::Datum;

constexpr std::string_view group = "Auto Attach commands";

Result<> need_mappings(const Invocation&, Needs& needs) {
    Model::need(needs);
    needs.column("Bridge", "auto_attach");
    needs.column("AutoAttach", "mappings");
    return {};
}

Result<int64_t> parse_id(const std::string& text) {
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return fail("Invalid argument " + text);
    return value;
}

/// I-SID and VLAN of the command's arguments, within what the column may hold.
Result<std::pair<Atom, Atom>> parse_mapping(Context& context) {
    const Atom i_sid = TRY(parse_id(context.arg(1))), vlan = TRY(parse_id(context.arg(2)));
    const auto& type = context.db.schema().find("AutoAttach")->find("mappings")->type;
    if (auto ok = type.key.check(i_sid); !ok) return std::unexpected(ok.error().to_error());
    if (auto ok = type.value->check(vlan); !ok) return std::unexpected(ok.error().to_error());
    return std::pair(i_sid, vlan);
}

Result<> add_mapping(Context& context) {
    auto& db = context.db;
    const auto mapping = TRY(parse_mapping(context));
    const auto bridge = TRY(Model(db).bridge(context.arg(0))).real;
    auto row = bridge.ref("auto_attach");
    if (!row) {
        row = db.insert(*db.schema().find("AutoAttach"));
        db.set_value(bridge, "auto_attach", row.uuid());
    }
    if (!row.datum("mappings").contains(mapping.first)) db.add(row, "mappings", Datum::map({mapping}));
    return {};
}

Result<> del_mapping(Context& context) {
    const auto mapping = TRY(parse_mapping(context));
    const auto row = TRY(Model(context.db).bridge(context.arg(0))).real.ref("auto_attach");
    if (row) context.db.remove(row, "mappings", Datum::map({mapping}));
    return {};
}

Result<> get_mappings(Context& context) {
    const auto row = TRY(Model(context.db).bridge(context.arg(0))).real.ref("auto_attach");
    const Datum mappings = row ? row.datum("mappings") : Datum();
    for (size_t i = 0; i < mappings.size(); ++i)
        context.out.line(mappings.keys()[i].to_text() + " " + mappings.values()[i].to_text());
    return {};
}

constexpr dbctl::Command commands[] = {
    {group, "add-aa-mapping", "!BRIDGE !I-SID !VLAN", "", "add Auto Attach mapping to BRIDGE", true,
     need_mappings, add_mapping},
    {group, "del-aa-mapping", "!BRIDGE !I-SID !VLAN", "", "delete Auto Attach mapping from BRIDGE", true,
     need_mappings, del_mapping},
    {group, "get-aa-mapping", "!BRIDGE", "", "print the Auto Attach mappings of BRIDGE", false, need_mappings,
     get_mappings},
};

}  // namespace

std::span<const dbctl::Command> aa_commands() { return commands; }

}  // namespace weft::cli::vsctl
