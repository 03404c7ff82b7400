// SPDX-License-Identifier: Apache-2.0
// The switch as a whole and its tables.
#include <algorithm>

#include "base/spelling.h"
#include "cli/ofctl/tool.h"
#include "openflow/number_text.h"
#include "openflow/print/json.h"
#include "openflow/print/table_capabilities.h"

namespace weft::cli::ofctl {
namespace {

using openflow::Fragments;
using openflow::Version;

struct FragmentsName {
    std::string_view name;
    Fragments mode;
};
constexpr FragmentsName fragments_names[] = {{"normal", Fragments::normal},
                                             {"drop", Fragments::drop},
                                             {"reassemble", Fragments::reassemble},
                                             {"nx-match", Fragments::nx_match}};

std::string_view name_of(Fragments mode) { return fragments_names[static_cast<size_t>(mode)].name; }

}  // namespace

Result<> show(Tool& t, Args args) {
    const auto client = TRY(t.open(args[0]));
    if (t.settings().json) {
        openflow::JsonList features, ports, config;
        TRY(client->collect(openflow::FeaturesRequest{},
                            [&](ByteSpan m) { features.add(m, client->dialect()); }));
        TRY(client->collect(openflow::PortDescRequest{},
                            [&](ByteSpan m) { ports.add(m, client->dialect()); }));
        const auto reply = TRY(client->get<openflow::GetConfigReply>(openflow::GetConfigRequest{}));
        codec::Json out = std::move(features).take_first();
        auto members = *out.object();
        members.set("ports", std::move(ports).take());
        members.set("fragments", std::string(name_of(reply.config.fragments)));
        members.set("miss_send_len", reply.config.miss_send_len);
        t.add_json("switch", codec::Json(std::move(members)));
        return {};
    }
    const openflow::PrintOptions options = t.print_options(1);
    const Bytes features = TRY(client->ask(openflow::FeaturesRequest{}));
    t.print(openflow::print_message(features, options));
    if (client->version() >= Version::v13) TRY(t.dump(*client, openflow::PortDescRequest{}));
    const Bytes config = TRY(client->ask(openflow::GetConfigRequest{}));
    t.print(openflow::print_message(config, options));
    return {};
}

Result<> dump_desc(Tool& t, Args args) {
    const auto client = TRY(t.open(args[0]));
    return t.show_list(*client, openflow::DescRequest{}, "description");
}

Result<> dump_tables(Tool& t, Args args) {
    const auto client = TRY(t.open(args[0]));
    return t.show_list(*client, openflow::TableStatsRequest{}, "tables");
}

Result<> dump_table_features(Tool& t, Args args) {
    if ((t.settings().versions & openflow::VersionSet{Version::v13, Version::v14, Version::v15}).empty())
        return fail("dump-table-features needs OpenFlow 1.3 or later ('-O OpenFlow13')");
    const auto client = TRY(t.open(args[0]));
    if (t.settings().json) return t.show_list(*client, openflow::TableFeaturesRequest{}, "tables");
    std::vector<openflow::TableCapabilities> all;
    std::optional<Bytes> odd;
    TRY(client->collect(openflow::TableFeaturesRequest{}, [&](ByteSpan part) {
        constexpr size_t header = openflow::header_size + 8;
        auto some = is_error(part)
                        ? openflow::refuse(openflow::OfError::brc_bad_type)
                        : openflow::decode_table_feature_list(part.subspan(header), client->version());
        if (!some) odd = Bytes(part.begin(), part.end());
        if (some) std::ranges::move(*some, std::back_inserter(all));
    }));
    if (odd) {
        t.print(openflow::print_message(*odd, t.print_options(1)));
        return {};
    }
    t.print(openflow::format_tables(all, client->version()).substr(1) + "\n");
    return {};
}

Result<> dump_table_desc(Tool& t, Args args) {
    if ((t.settings().versions & openflow::VersionSet{Version::v14, Version::v15}).empty())
        return fail("dump-table-desc needs OpenFlow 1.4 or later ('-O OpenFlow14')");
    const auto client = TRY(t.open(args[0]));
    return t.show_list(*client, openflow::TableDescRequest{}, "tables");
}

Result<> get_frags(Tool& t, Args args) {
    const auto client = TRY(t.open(args[0]));
    const auto reply = TRY(client->get<openflow::GetConfigReply>(openflow::GetConfigRequest{}));
    if (t.settings().json)
        t.add_json("fragments", std::string(name_of(reply.config.fragments)));
    else
        t.print(std::string(name_of(reply.config.fragments)) + "\n");
    return {};
}

Result<> set_frags(Tool& t, Args args) {
    const auto mode = std::ranges::find(fragments_names, args[1], &FragmentsName::name);
    if (mode == std::end(fragments_names)) {
        std::vector<std::string_view> known;
        for (const auto& f : fragments_names) known.push_back(f.name);
        return fail(args[1] + ": unknown fragment handling mode" + hint(args[1], known));
    }
    const auto client = TRY(t.open(args[0]));
    auto config = TRY(client->get<openflow::GetConfigReply>(openflow::GetConfigRequest{})).config;
    if (config.fragments == mode->mode) return {};
    config.fragments = mode->mode;
    const openflow::Body change[] = {openflow::SetConfig{config}};
    TRY(t.change(*client, change));
    config = TRY(client->get<openflow::GetConfigReply>(openflow::GetConfigRequest{})).config;
    if (config.fragments != mode->mode)
        return fail(args[0] +
                    ": setting fragment handling mode failed (this switch probably doesn't support mode \"" +
                    args[1] + "\")");
    return {};
}

}  // namespace weft::cli::ofctl
