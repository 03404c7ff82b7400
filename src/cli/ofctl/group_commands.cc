// SPDX-License-Identifier: Apache-2.0
// Groups and meters.
#include "cli/ofctl/flow_file.h"
#include "openflow/group_text.h"
#include "openflow/meter_text.h"

namespace weft::cli::ofctl {
namespace {

using openflow::GroupCommand;
using openflow::MeterCommand;

Result<> change_groups(Tool& t, const std::string& target, const std::string& text,
                       std::optional<GroupCommand> command, bool from_file) {
    Changes changes;
    const auto add = [&](std::string_view line, std::optional<GroupCommand> meaning) -> Result<> {
        return t.with_names(target, [&](const action::Names& names) {
            return add_group_text(line, meaning, names, changes);
        });
    };
    if (from_file)
        TRY(read_lines(text, [&](std::string_view line) { return add(line, command); }));
    else
        TRY(add(text, command.value_or(GroupCommand::add)));
    if (command == GroupCommand::insert_bucket &&
        (changes.usable & FlowFormats::of(t.settings().versions)).empty())
        return fail("insert-bucket needs OpenFlow 1.5 or later ('-O OpenFlow15')");
    const auto client = TRY(t.open(target, changes.usable, FlowFormats::Wanted::simplest));
    return t.settings().bundle ? t.change_at_once(*client, changes.list) : t.change(*client, changes.list);
}

Result<> change_groups(Tool& t, Args args, GroupCommand command) {
    return change_groups(t, args[0], args[1], command, args[1] == "-");
}

/// `[GROUP]` of dump-groups and dump-group-stats: a number, or the words of a group.
Result<uint32_t> group_asked(Args args) {
    if (args.size() < 2 || args[1].empty()) return action::group_all;
    if (args[1].find('=') == std::string::npos) return openflow::parse_group_id(args[1]);
    return TRY(openflow::parse_group_mod(args[1], GroupCommand::remove)).id;
}

Result<uint32_t> meter_asked(Args args) {
    if (args.size() < 2) return action::meter_all;
    return TRY(openflow::parse_meter_mod(args[1], MeterCommand::remove)).id;
}

/// Meters came with 1.3.
Result<std::unique_ptr<Client>> open_for_meters(Tool& t, const std::string& target) {
    return t.open(target, FlowFormats::v13_up, FlowFormats::Wanted::simplest);
}

Result<> change_meter(Tool& t, Args args, MeterCommand command) {
    const auto mod = TRY(openflow::parse_meter_mod(args[1], command));
    const auto client = TRY(open_for_meters(t, args[0]));
    const openflow::Body change[] = {mod};
    return t.change(*client, change);
}

}  // namespace

Result<> add_group(Tool& t, Args args) {
    const bool from_file = args[1] == "-";
    return change_groups(t, args[0], args[1], from_file ? std::nullopt : std::optional(GroupCommand::add),
                         from_file);
}
Result<> add_groups(Tool& t, Args args) { return change_groups(t, args[0], args[1], std::nullopt, true); }
Result<> mod_group(Tool& t, Args args) {
    return change_groups(t, args,
                         t.settings().may_create ? GroupCommand::add_or_modify : GroupCommand::modify);
}
Result<> insert_buckets(Tool& t, Args args) { return change_groups(t, args, GroupCommand::insert_bucket); }
Result<> remove_buckets(Tool& t, Args args) { return change_groups(t, args, GroupCommand::remove_bucket); }

Result<> del_groups(Tool& t, Args args) {
    const std::string text = args.size() > 1 && !args[1].empty() ? args[1] : "group_id=all";
    return change_groups(t, args[0], text, GroupCommand::remove, text == "-");
}

Result<> dump_groups(Tool& t, Args args) {
    const uint32_t id = TRY(group_asked(args));
    const auto client = TRY(t.open(args[0]));
    return t.show_list(*client, openflow::GroupDescRequest{id}, "groups");
}

Result<> dump_group_stats(Tool& t, Args args) {
    const uint32_t id = TRY(group_asked(args));
    const auto client = TRY(t.open(args[0]));
    return t.show_list(*client, openflow::GroupStatsRequest{id}, "groups");
}

Result<> dump_group_features(Tool& t, Args args) {
    const auto client = TRY(t.open(args[0]));
    return t.show_list(*client, openflow::GroupFeaturesRequest{}, "features");
}

Result<> add_meter(Tool& t, Args args) { return change_meter(t, args, MeterCommand::add); }
Result<> mod_meter(Tool& t, Args args) { return change_meter(t, args, MeterCommand::modify); }

Result<> del_meters(Tool& t, Args args) {
    const openflow::Body change[] = {
        openflow::MeterMod{.command = MeterCommand::remove, .id = TRY(meter_asked(args))}};
    const auto client = TRY(open_for_meters(t, args[0]));
    return t.change(*client, change);
}

Result<> dump_meters(Tool& t, Args args) {
    const uint32_t id = TRY(meter_asked(args));
    const auto client = TRY(open_for_meters(t, args[0]));
    return t.show_list(*client, openflow::MeterConfigRequest{id}, "meters");
}

Result<> meter_stats(Tool& t, Args args) {
    const uint32_t id = TRY(meter_asked(args));
    const auto client = TRY(open_for_meters(t, args[0]));
    return t.show_list(*client, openflow::MeterStatsRequest{id}, "meters");
}

Result<> meter_features(Tool& t, Args args) {
    const auto client = TRY(open_for_meters(t, args[0]));
    return t.show_list(*client, openflow::MeterFeaturesRequest{}, "features");
}

}  // namespace weft::cli::ofctl
