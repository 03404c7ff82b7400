// SPDX-License-Identifier: Apache-2.0
#include "cli/ofctl/tool.h"

#include <unistd.h>

#include <cstdio>

#include "cli/ofctl/progress.h"
#include "codec/json_text.h"
#include "openflow/print/json.h"

namespace weft::cli::ofctl {

using openflow::Version;
using openflow::VersionSet;

namespace {

std::span<const openflow::TableInfo> tables_in(const openflow::Body& body) {
    if (const auto* features = std::get_if<openflow::TableFeaturesReply>(&body)) return features->tables;
    if (const auto* stats = std::get_if<openflow::TableStatsReply>(&body)) return stats->tables;
    return {};
}

}  // namespace

Result<std::unique_ptr<Client>> Tool::open(const std::string& target, VersionSet versions) {
    return Client::open(daemon_, target, {.versions = versions});
}

Result<std::unique_ptr<Client>> Tool::open(const std::string& target) {
    return open(target, settings_.versions);
}

FlowFormats Tool::allowed_formats(bool bundle) const {
    const FlowFormats told = FlowFormats::of(settings_.versions);
    // Bundles came with 1.4: they need no -O.
    if (bundle && (told & FlowFormats::v14_up).empty()) return FlowFormats::oxm14;
    return settings_.formats & told;
}

Result<std::unique_ptr<Client>> Tool::open_for_bundle(const std::string& target, FlowFormats usable) {
    return open_one(target, usable & FlowFormats(FlowFormats::v14_up), allowed_formats(true),
                    FlowFormats::Wanted::simplest);
}

Result<std::unique_ptr<Client>> Tool::open(const std::string& target, FlowFormats usable,
                                           FlowFormats::Wanted wanted) {
    if (settings_.bundle) return open_for_bundle(target, usable);
    return open_one(target, usable, allowed_formats(false), wanted);
}

Result<std::unique_ptr<Client>> Tool::open_one(const std::string& target, FlowFormats usable,
                                               FlowFormats allowed, FlowFormats::Wanted wanted) {
    const FlowFormats both = usable & allowed;
    if (both.empty()) {
        const FlowFormats better = usable & settings_.formats;
        return fail("none of the usable flow formats (" + usable.to_string() +
                    ") is among the allowed flow formats (" + allowed.to_string() + ")" +
                    version_hint(better.versions()));
    }
    auto client = TRY(open(target, both.versions()));
    const auto format = both.pick(client->version(), wanted);
    CHECK(format);
    const openflow::Dialect wished = dialect_of(*format);
    if (wished.nxm) client->send(openflow::SetFlowFormat{true});
    if (wished.table_id) client->send(openflow::UseTableId{true});
    if (wished.nxm || wished.table_id) {
        if (TRY(client->barrier()))
            return fail(target + ": the switch does not know flow format " +
                        FlowFormats(*format).to_string());
    }
    client->dialect() = wished;
    return client;
}

bool Tool::shows_names() const { return settings_.names.value_or(::isatty(STDOUT_FILENO) != 0); }

action::Names Tool::known_names(const std::string& target) const {
    const auto ports = ports_.find(target);
    const auto tables = tables_.find(target);
    return {ports == ports_.end() ? nullptr : &ports->second,
            tables == tables_.end() ? nullptr : &tables->second};
}

Result<const flow::PortNames*> Tool::port_names(const std::string& target) {
    if (const auto* known = known_names(target).ports) return known;
    const auto client = TRY(open(target));
    flow::PortNames names;
    TRY(client->collect(openflow::PortDescRequest{}, [&](ByteSpan part) {
        const auto message = openflow::decode(part, client->dialect());
        const auto* ports = message ? std::get_if<openflow::PortDescReply>(&message->body) : nullptr;
        if (!ports) return;
        for (const auto& port : ports->ports) names.add(port.number, port.name);
    }));
    return &ports_.emplace(target, std::move(names)).first->second;
}

Result<const flow::TableNames*> Tool::table_names(const std::string& target) {
    if (const auto* known = known_names(target).tables) return known;
    const auto client = TRY(open(target));
    flow::TableNames names;
    const bool has_features = client->version() >= Version::v13;
    TRY(client->collect(
        has_features ? openflow::Body(openflow::TableFeaturesRequest{}) : openflow::TableStatsRequest{},
        [&](ByteSpan part) {
            const auto message = openflow::decode(part, client->dialect());
            if (!message) return;
            for (const auto& table : tables_in(message->body)) names.add(table.id, table.name);
        }));
    return &tables_.emplace(target, std::move(names)).first->second;
}

Result<action::Names> Tool::names_to_show(const std::string& target) {
    if (!shows_names()) return action::Names{};
    TRY(port_names(target));
    TRY(table_names(target));
    return known_names(target);
}

Result<uint8_t> Tool::table(const std::string& target, const std::string& text) {
    if (const auto table = flow::parse_table(text)) return *table;
    const auto* names = accepts_names() ? TRY(table_names(target)) : nullptr;
    if (const auto table = flow::parse_table(text, names)) return *table;
    return fail("unknown table \"" + text + "\"");
}

Result<OfPort> Tool::port(const std::string& target, const std::string& text) {
    if (const auto port = flow::parse_port(text)) return *port;
    const auto* names = accepts_names() ? TRY(port_names(target)) : nullptr;
    if (const auto port = flow::parse_port(text, names)) return *port;
    return fail(target + ": unknown port `" + text + "'");
}

void Tool::print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void Tool::refuse(const Refusal& refusal) {
    std::fflush(stdout);
    const std::string text = openflow::print_message(refusal.message, print_options(2));
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::exit(EXIT_FAILURE);
}

Result<> Tool::dump(Client& client, openflow::Body request) {
    auto options = print_options(1);
    if (shows_names()) options.names = TRY(names_to_show(client.target()));
    return client.collect(std::move(request),
                          [&](ByteSpan part) { print(openflow::print_message(part, options)); });
}

Result<> Tool::show_list(Client& client, openflow::Body request, std::string_view member) {
    if (!settings_.json) return dump(client, std::move(request));
    openflow::JsonList list;
    std::optional<Refusal> refusal;
    Progress progress;
    TRY(client.collect(std::move(request), [&](ByteSpan part) {
        if (is_error(part)) refusal = Refusal{Bytes(part.begin(), part.end())};
        const size_t before = list.size();
        list.add(part, client.dialect());
        progress.step(list.size() - before);
    }));
    if (refusal) refuse(*refusal);
    add_json(member, std::move(list).take());
    return {};
}

Result<> Tool::change(Client& client, std::span<const openflow::Body> changes) {
    Progress progress(changes.size());
    for (const openflow::Body& one : changes) {
        client.send(one);
        TRY(client.flush());
        progress.step();
    }
    if (const auto refusal = TRY(client.barrier())) refuse(*refusal);
    return {};
}

void Tool::add_json(std::string_view member, codec::Json value) {
    print(codec::format_json(codec::Json::object({{std::string(member), std::move(value)}}),
                             settings_.json_style) +
          "\n");
}

}  // namespace weft::cli::ofctl
