// SPDX-License-Identifier: Apache-2.0
// What the commands of ovs-ofctl work with, and the table of them: the one place that says how a command is
// called.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "action/text.h"
#include "cli/daemon.h"
#include "cli/ofctl/client.h"
#include "cli/ofctl/flow_format.h"
#include "codec/json_text.h"
#include "openflow/print/print.h"

namespace weft::cli::ofctl {

struct SortKey {
    const flow::Field* field = nullptr;  ///< null: the priority
    bool descending = false;
};

/// What the command line asked for. Value type.
struct Settings {
    openflow::VersionSet versions = {openflow::Version::v10};
    FlowFormats formats = FlowFormats::any;
    std::optional<openflow::PacketInFormat> packet_in{};
    std::vector<SortKey> sort{};
    std::optional<bool> names{}, stats{};
    std::optional<std::string> color{};
    int verbosity = 0;
    bool strict = false, readd = false, timestamps = false, bundle = false, may_create = false,
         read_only = false;
    codec::JsonStyle json_style = {};
    bool json = false, pcap = false, raw = false, is_daemon = false;
};

using Args = std::span<const std::string>;

class Tool;

/// Value type.
struct Command {
    std::string_view group;  ///< heading of the usage it stands under; empty: not shown there
    std::string_view name;
    std::string_view arguments;  ///< "!ONE ?OPTIONAL *ANY +AT-LEAST-ONE"
    std::string_view help;
    bool changes;  ///< refused with --read-only
    Result<> (*run)(Tool&, Args);
    bool is_daemon = false;  ///< may run in the background
};

/// Resource type.
class Tool {
  public:
    Tool(Daemon& daemon, Settings settings) : daemon_(daemon), settings_(std::move(settings)) {}

    Daemon& daemon() { return daemon_; }
    const Settings& settings() const { return settings_; }

    /// A connection in one of the versions allowed (-O).
    Result<std::unique_ptr<Client>> open(const std::string& target);
    Result<std::unique_ptr<Client>> open(const std::string& target, openflow::VersionSet versions);
    /// A connection that speaks one of the formats, which is set up.
    Result<std::unique_ptr<Client>> open(const std::string& target, FlowFormats usable,
                                         FlowFormats::Wanted wanted);

    /// A connection for a bundle of changes.
    Result<std::unique_ptr<Client>> open_for_bundle(const std::string& target, FlowFormats usable);

    /// Whether names of ports are wanted where they can be shown: as told, else on a terminal.
    bool shows_names() const;
    bool accepts_names() const { return settings_.names.value_or(true); }
    /// Asks the switch for them, once for each target.
    Result<const flow::PortNames*> port_names(const std::string& target);
    Result<const flow::TableNames*> table_names(const std::string& target);
    /// The names to show, if any.
    Result<action::Names> names_to_show(const std::string& target);
    /// Calls `parse` without names, and if that fails and names may be used, again with those of the target's
    /// ports, then of its tables too.
    template <class Parse>
    auto with_names(const std::string& target, Parse parse) -> decltype(parse(action::Names{})) {
        auto result = parse(known_names(target));
        if (result || !accepts_names()) return result;
        if (!ports_.contains(target)) {
            TRY(port_names(target));
            result = parse(known_names(target));
        }
        if (result || tables_.contains(target)) return result;
        TRY(table_names(target));
        return parse(known_names(target));
    }
    /// A table by number or name; the error names it.
    Result<uint8_t> table(const std::string& target, const std::string& text);
    /// A port by number or name; the error names it.
    Result<OfPort> port(const std::string& target, const std::string& text);

    openflow::PrintOptions print_options(int more = 0) const {
        return {.verbosity = settings_.verbosity + more};
    }
    void print(std::string_view text);
    /// Ends the program with the error that the switch answered.
    [[noreturn]] void refuse(const Refusal& refusal);
    /// Prints the messages that answer a request.
    Result<> dump(Client& client, openflow::Body request);
    /// As dump(), or with --format=json as a document whose member is the list.
    Result<> show_list(Client& client, openflow::Body request, std::string_view member);
    /// Sends changes, and waits until they are done. The first that the switch refuses ends the program with
    /// its error.
    Result<> change(Client& client, std::span<const openflow::Body> changes);
    /// As change(), all or nothing.
    Result<> change_at_once(Client& client, std::span<const openflow::Body> changes);
    /// JSON to print at the end: one document for a command.
    void add_json(std::string_view member, codec::Json value);

    int exit_code = 0;

  private:
    FlowFormats allowed_formats(bool bundle) const;
    Result<std::unique_ptr<Client>> open_one(const std::string& target, FlowFormats usable,
                                             FlowFormats allowed, FlowFormats::Wanted wanted);
    action::Names known_names(const std::string& target) const;
    Daemon& daemon_;
    Settings settings_;
    std::map<std::string, flow::PortNames> ports_;
    std::map<std::string, flow::TableNames> tables_;
};

/// All commands, in the order of the manual.
std::span<const Command> commands();

// By file.
Result<> show(Tool& t, Args args);
Result<> dump_desc(Tool& t, Args args);
Result<> dump_tables(Tool& t, Args args);
Result<> dump_table_features(Tool& t, Args args);
Result<> dump_table_desc(Tool& t, Args args);
Result<> mod_table(Tool& t, Args args);
Result<> get_frags(Tool& t, Args args);
Result<> set_frags(Tool& t, Args args);

Result<> dump_ports(Tool& t, Args args);
Result<> dump_ports_desc(Tool& t, Args args);
Result<> mod_port(Tool& t, Args args);
Result<> add_tlv_map(Tool& t, Args args);
Result<> del_tlv_map(Tool& t, Args args);
Result<> dump_tlv_map(Tool& t, Args args);
Result<> ct_flush(Tool& t, Args args);
Result<> ct_flush_zone(Tool& t, Args args);
Result<> dump_ipfix_bridge(Tool& t, Args args);
Result<> dump_ipfix_flow(Tool& t, Args args);

Result<> queue_stats(Tool& t, Args args);
Result<> queue_get_config(Tool& t, Args args);

Result<> dump_flows(Tool& t, Args args);
Result<> dump_aggregate(Tool& t, Args args);
Result<> add_flow(Tool& t, Args args);
Result<> add_flows(Tool& t, Args args);
Result<> mod_flows(Tool& t, Args args);
Result<> del_flows(Tool& t, Args args);
Result<> replace_flows(Tool& t, Args args);
Result<> diff_flows(Tool& t, Args args);
Result<> packet_out(Tool& t, Args args);
Result<> bundle(Tool& t, Args args);

Result<> add_group(Tool& t, Args args);
Result<> add_groups(Tool& t, Args args);
Result<> mod_group(Tool& t, Args args);
Result<> del_groups(Tool& t, Args args);
Result<> insert_buckets(Tool& t, Args args);
Result<> remove_buckets(Tool& t, Args args);
Result<> dump_groups(Tool& t, Args args);
Result<> dump_group_stats(Tool& t, Args args);
Result<> dump_group_features(Tool& t, Args args);

Result<> add_meter(Tool& t, Args args);
Result<> mod_meter(Tool& t, Args args);
Result<> del_meters(Tool& t, Args args);
Result<> dump_meters(Tool& t, Args args);
Result<> meter_stats(Tool& t, Args args);
Result<> meter_features(Tool& t, Args args);

Result<> monitor(Tool& t, Args args);
Result<> snoop(Tool& t, Args args);
Result<> probe(Tool& t, Args args);
Result<> ping(Tool& t, Args args);
Result<> benchmark(Tool& t, Args args);

Result<> ofp_parse(Tool& t, Args args);
Result<> ofp_parse_pcap(Tool& t, Args args);
Result<> ofp_print(Tool& t, Args args);
Result<> parse_flow(Tool& t, Args args);
Result<> parse_flows(Tool& t, Args args);
Result<> parse_group(Tool& t, Args args);
Result<> parse_key_value(Tool& t, Args args);
Result<> print_error(Tool& t, Args args);
Result<> encode_error_reply(Tool& t, Args args);
Result<> encode_hello(Tool& t, Args args);
Result<> list_commands(Tool& t, Args args);

Result<> parse_pcap(Tool& t, Args args);
Result<> parse_packet(Tool& t, Args args);
Result<> compose_packet(Tool& t, Args args);

Result<> parse_nxm(Tool& t, Args args);
Result<> parse_oxm(Tool& t, Args args);
Result<> parse_actions(Tool& t, Args args);
Result<> parse_instructions(Tool& t, Args args);
Result<> parse_match10(Tool& t, Args args);
Result<> parse_match11(Tool& t, Args args);

}  // namespace weft::cli::ofctl
