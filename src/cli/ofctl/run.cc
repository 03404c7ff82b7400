// SPDX-License-Identifier: Apache-2.0
#include "cli/ofctl/run.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "base/spelling.h"
#include "cli/arguments.h"
#include "cli/ofctl/tool.h"
#include "cli/ofctl/usage.h"
#include "cli/tls_options.h"

namespace weft::cli::ofctl {
namespace {

using openflow::PacketInFormat;

/// In any case: `openflow13` is OpenFlow13.
std::optional<openflow::Version> version_named(std::string_view word) {
    for (const auto v : {openflow::Version::v10, openflow::Version::v11, openflow::Version::v12,
                         openflow::Version::v13, openflow::Version::v14, openflow::Version::v15}) {
        if (folded(word) == folded(openflow::version_name(v))) return v;
    }
    return openflow::parse_version(word);
}

Result<openflow::VersionSet> parse_versions(std::string_view text) {
    openflow::VersionSet out;
    while (!text.empty()) {
        const size_t comma = std::min(text.find(','), text.size());
        const std::string_view word = text.substr(0, comma);
        text.remove_prefix(std::min(comma + 1, text.size()));
        const auto version = version_named(word);
        if (!version) return fail("Unknown OpenFlow version: \"" + std::string(word) + "\"");
        out.insert(*version);
    }
    return out;
}

Result<PacketInFormat> parse_packet_in_format(std::string_view text) {
    if (text == "standard" || text == "openflow10") return PacketInFormat::standard;
    if (text == "nxt_packet_in" || text == "nxm") return PacketInFormat::nxt;
    if (text == "nxt_packet_in2") return PacketInFormat::nxt2;
    return fail("unknown packet-in format `" + std::string(text) + "'");
}

Result<SortKey> parse_sort_key(const Options::Value& text, bool descending) {
    if (!text || *text == "priority") return SortKey{nullptr, descending};
    const flow::Field* field = flow::find_field(*text);
    if (!field) return fail(*text + ": unknown field name");
    return SortKey{field, descending};
}

/// An option whose value `read` understands.
template <class Read>
void add_value(Options& options, std::string name, char letter, Read read) {
    options.add({std::move(name), letter, Options::Argument::required,
                 [read](const Options::Value& value) -> Result<> { return read(*value); }});
}

void add_sort(Options& options, std::string name, Settings& s, bool descending) {
    options.add({std::move(name), 0, Options::Argument::optional,
                 [&s, descending](const Options::Value& value) -> Result<> {
                     s.sort.push_back(TRY(parse_sort_key(value, descending)));
                     return {};
                 }});
}

void add_choice(Options& options, std::string name, std::optional<bool>& target, bool value) {
    options.add(
        {std::move(name), 0, Options::Argument::none, [&target, value](const Options::Value&) -> Result<> {
             target = value;
             return {};
         }});
}

void add_output_options(Options& options, Settings& s) {
    add_sort(options, "sort", s, false);
    add_sort(options, "rsort", s, true);
    add_choice(options, "names", s.names, true);
    add_choice(options, "no-names", s.names, false);
    add_choice(options, "stats", s.stats, true);
    add_choice(options, "no-stats", s.stats, false);
    options.add({"more", 'm', Options::Argument::none, [&s](const Options::Value&) -> Result<> {
                     ++s.verbosity;
                     return {};
                 }});
    options.add({"color", 0, Options::Argument::optional, [&s](const Options::Value& when) -> Result<> {
                     s.color = when.value_or("auto");
                     if (*s.color != "always" && *s.color != "never" && *s.color != "auto")
                         return fail("incorrect value `" + *s.color + "' for --color");
                     return {};
                 }});
    add_format_option(options, s.json, s.json_style);
    options.flag("timestamp", s.timestamps);
}

void add_options(Options& options, Settings& s, net::TlsFiles& tls) {
    add_value(options, "protocols", 'O', [&s](const std::string& text) -> Result<> {
        if (!text.empty()) s.versions = TRY(parse_versions(text));
        return {};
    });
    add_value(options, "flow-format", 'F', [&s](const std::string& text) -> Result<> {
        s.formats = TRY(FlowFormats::parse(text));
        return {};
    });
    add_value(options, "packet-in-format", 'P', [&s](const std::string& text) -> Result<> {
        s.packet_in = TRY(parse_packet_in_format(text));
        return {};
    });
    options.flag("strict", s.strict);
    options.flag("readd", s.readd);
    options.flag("bundle", s.bundle);
    options.flag("may-create", s.may_create);
    options.flag("read-only", s.read_only);
    options.flag("pcap", s.pcap);
    options.flag("raw", s.raw);
    add_output_options(options, s);
    add_timeout_option(options, 't');
    add_tls_options(options, tls);
    add_completion_option(options, [&options] { return completion(options); });
}

Result<const Command*> find_command(const std::string& name) {
    const auto found = std::ranges::find(commands(), name, &Command::name);
    if (found != commands().end()) return &*found;
    std::vector<std::string_view> names;
    for (const Command& c : commands()) names.push_back(c.name);
    return fail("unknown command '" + name + "'; use --help for help" + hint(name, names));
}

Result<const Command*> check(const std::vector<std::string>& words, const Settings& settings) {
    const Command* command = TRY(find_command(words[0]));
    TRY(check_arity(command->name, command->arguments, std::span(words).subspan(1)));
    if (command->changes && settings.read_only)
        return fail("'" + words[0] + "' command does not work in read only mode");
    return command;
}

}  // namespace

int run(int argc, char** argv) {
    const Paths paths = Paths::from_environment();
    Daemon daemon({.program = "ovs-ofctl",
                   .usage = {},
                   .keep_stdout = true,
                   .help = [&] { return usage(paths); },
                   .version_note = "OpenFlow versions 0x1:0x6\n"},
                  argc, argv);
    CHECK(daemon.logging().set("console:warn"));
    Settings settings;
    net::TlsFiles tls;
    add_options(daemon.options(), settings, tls);
    const auto words = daemon.parse();
    if (words.empty()) daemon.fatal("missing command name; use --help for help");
    if (words[0] == "help") {
        std::fputs(usage(paths).c_str(), stdout);
        return EXIT_SUCCESS;
    }
    if ((settings.formats & FlowFormats::of(settings.versions)).empty())
        daemon.fatal(
            "None of the enabled OpenFlow versions (" + settings.versions.to_string() +
            ") supports any of the enabled flow formats (" + settings.formats.to_string() +
            ").  (Use -O to enable additional OpenFlow versions or -F to enable additional flow formats.)");
    const auto command = check(words, settings);
    if (!command) daemon.fatal(command.error().message);
    if ((*command)->is_daemon)
        daemon.start();
    else
        daemon.start_tool();
    daemon.use_tls(std::move(tls));
    // Flows that no other key tells apart are in falling order of their priority.
    if (!settings.sort.empty()) settings.sort.push_back({nullptr, true});
    Tool tool(daemon, std::move(settings));
    const auto done = (*command)->run(tool, std::span(words).subspan(1));
    std::fflush(stdout);
    if (!done) daemon.fatal(done.error().message);
    return tool.exit_code;
}

}  // namespace weft::cli::ofctl
