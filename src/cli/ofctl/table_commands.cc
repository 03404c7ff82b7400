// SPDX-License-Identifier: Apache-2.0
// mod-table: how a table behaves, and its name.
#include <algorithm>

#include "base/spelling.h"
#include "cli/ofctl/tool.h"
#include "openflow/number_text.h"

namespace weft::cli::ofctl {
namespace {

using openflow::Version;
using openflow::VersionSet;

constexpr std::string_view table_settings[] = {"controller", "continue", "drop",      "evict",
                                               "noevict",    "vacancy",  "novacancy", "name"};
constexpr VersionSet miss_versions = {Version::v11, Version::v12},
                     name_versions = {Version::v13, Version::v14, Version::v15},
                     eviction_versions = {Version::v14, Version::v15};

/// What a setting changes, and where it can be said.
struct Setting {
    openflow::TableMod mod;
    std::optional<std::string> name{};
    VersionSet versions = eviction_versions;
};

Result<> parse_vacancy(std::string_view text, openflow::TableMod& mod) {
    const size_t comma = text.find(',');
    if (comma == text.npos) return fail("Vacancy up value missing");
    const auto percent = [](std::string_view part, std::string_view what) -> Result<uint8_t> {
        const auto v = openflow::parse_u64(part);
        if (!v || *v > 100)
            return fail("Invalid vacancy " + std::string(what) + " value \"" + std::string(part) + "\"");
        return static_cast<uint8_t>(*v);
    };
    mod.vacancy_down = TRY(percent(text.substr(0, comma), "down"));
    mod.vacancy_up = TRY(percent(text.substr(comma + 1), "up"));
    if (mod.vacancy_up <= mod.vacancy_down)
        return fail(
            "Invalid vacancy range, vacancy up should be greater than vacancy down (OFPBPC_BAD_VALUE)");
    mod.vacancy_events = true;
    return {};
}

std::optional<openflow::TableMiss> miss_named(std::string_view text) {
    using enum openflow::TableMiss;
    if (text == "controller") return controller;
    if (text == "continue") return go_on;
    if (text == "drop") return drop;
    return std::nullopt;
}

Result<Setting> parse_setting(std::string_view text) {
    constexpr std::string_view name = "name:", vacancy = "vacancy:";
    Setting out;
    if (const auto miss = miss_named(text)) {
        out.mod.miss = *miss;
        out.versions = miss_versions;
    } else if (text.starts_with(name)) {
        out.name = std::string(text.substr(name.size()));
        out.versions = name_versions;
    } else if (text == "evict" || text == "noevict") {
        out.mod.eviction = text == "evict";
    } else if (text == "novacancy") {
        out.mod.vacancy_events = false;
    } else if (text.starts_with(vacancy)) {
        TRY(parse_vacancy(text.substr(vacancy.size()), out.mod));
    } else {
        return fail("invalid table_mod setting " + std::string(text) +
                    hint(text, {std::begin(table_settings), std::end(table_settings)}));
    }
    return out;
}

constexpr size_t lists_at = openflow::header_size + 8, shortest = 64;

/// Where the table's entry is among the features that a switch tells; none: not in this message.
std::optional<size_t> find_features(ByteSpan part, uint8_t table) {
    for (size_t at = lists_at; at + shortest <= part.size();) {
        if (part[at + 2] == table) return at;
        const size_t length = static_cast<size_t>(part[at] << 8 | part[at + 1]);
        if (length < shortest) break;
        at += length;
    }
    return std::nullopt;
}

/// The answer to a question for features as a request, the table's name changed; whether it has the table.
bool rename_in(Bytes& part, uint8_t table, const std::string& name) {
    constexpr size_t name_at = 8, name_size = 32;
    const auto at = find_features(part, table);
    if (!at) return false;
    const auto field = part.begin() + static_cast<ptrdiff_t>(*at + name_at);
    std::fill(field, field + name_size, uint8_t{0});
    std::ranges::copy(name, field);
    return true;
}

/// In 1.5, the one entry with the command to modify it.
Bytes one_modification(ByteSpan part, uint8_t table) {
    constexpr uint8_t modify = 1;
    const size_t at = find_features(part, table).value_or(lists_at);
    Bytes out(part.begin(), part.begin() + lists_at);
    out.insert(out.end(), part.begin() + static_cast<ptrdiff_t>(at),
               part.begin() + static_cast<ptrdiff_t>(at + shortest));
    out[2] = 0;
    out[3] = static_cast<uint8_t>(out.size());
    out[openflow::header_size + 3] = 0;  // no more parts
    out[lists_at] = 0;
    out[lists_at + 1] = shortest;
    out[lists_at + 3] = modify;
    return out;
}

/// What the switch told, with another name: nothing else is asked to change. Before 1.5 a request is about
/// all tables.
Result<> rename_table(Tool& t, Client& client, uint8_t table, const std::string& name) {
    constexpr size_t name_max = 31;
    constexpr uint8_t multipart_request = 18;
    if (name.size() > name_max) return fail("a table's name has at most 31 characters: \"" + name + "\"");
    std::vector<Bytes> parts;
    bool found = false;
    std::optional<Refusal> refusal;
    TRY(client.collect(openflow::TableFeaturesRequest{}, [&](ByteSpan part) {
        Bytes copy(part.begin(), part.end());
        if (is_error(part)) {
            refusal = Refusal{std::move(copy)};
            return;
        }
        const bool has = rename_in(copy, table, name);
        found |= has;
        if (client.version() < Version::v15)
            parts.push_back(std::move(copy));
        else if (has)
            parts.push_back(one_modification(copy, table));
    }));
    if (refusal) t.refuse(*refusal);
    if (!found) return fail(client.target() + ": the switch has no table " + std::to_string(table));
    for (Bytes& part : parts) {
        part[1] = multipart_request;
        client.send_bytes(part);
    }
    if (const auto refused = TRY(client.barrier())) t.refuse(*refused);
    return {};
}

/// One message tells eviction and vacancy both: what is not to change is as it was.
Result<> keep_the_rest(Client& client, openflow::TableMod& mod) {
    return client.collect(openflow::TableDescRequest{}, [&](ByteSpan part) {
        const auto message = openflow::decode(part, client.dialect());
        const auto* reply = message ? std::get_if<openflow::TableDescReply>(&message->body) : nullptr;
        if (!reply) return;
        const auto now = std::ranges::find(reply->tables, mod.table, &openflow::TableInfo::id);
        if (now == reply->tables.end()) return;
        if (!mod.eviction) mod.eviction = now->eviction;
        if (mod.vacancy_events) return;
        mod.vacancy_events = now->vacancy_events;
        mod.vacancy_down = now->vacancy_down;
        mod.vacancy_up = now->vacancy_up;
    });
}

}  // namespace

Result<> mod_table(Tool& t, Args args) {
    Setting wanted = TRY(parse_setting(args[2]));
    const bool all = args[1] == "all" || args[1] == "ALL";
    if (all && wanted.name)
        return fail("invalid table_mod setting " + args[2] + "\nA name is for one table, not for all");
    wanted.mod.table = all ? openflow::all_tables : TRY(t.table(args[0], args[1]));
    const VersionSet versions = t.settings().versions & wanted.versions;
    if (versions.empty())
        return fail("table_mod '" + args[2] + "' requires one of the OpenFlow versions " +
                    wanted.versions.to_string());
    const auto client = TRY(t.open(args[0], versions));
    if (wanted.name) return rename_table(t, *client, wanted.mod.table, *wanted.name);
    if (!all && client->version() >= Version::v14) TRY(keep_the_rest(*client, wanted.mod));
    const openflow::Body change[] = {wanted.mod};
    return t.change(*client, change);
}

}  // namespace weft::cli::ofctl
