// SPDX-License-Identifier: Apache-2.0
#include "store/etcd_format.h"

#include <fmt/format.h>

#include <charconv>

#include "codec/json_members.h"
#include "codec/json_text.h"
#include "ovsdb/log_record.h"

namespace weft::store::etcd {
namespace {

using codec::Json;

constexpr std::string_view scheme = "etcd://";
constexpr std::string_view default_port = "2379";
constexpr size_t max_parts = 1u << 16;

Result<Uuid> uuid_member(const Json& json, const char* name) {
    return Uuid::parse(codec::text_member(json, name));
}

Result<size_t> count_member(const Json& json, const char* name) {
    const int64_t count = codec::integer_member(json, name);
    if (count < 0 || count > static_cast<int64_t>(max_parts))
        return fail(std::string("\"") + name + "\" is out of range");
    return static_cast<size_t>(count);
}

Result<std::string> endpoint(std::string_view text) {
    const size_t after_host = text.starts_with('[') ? text.find(']') : 0;
    if (text.empty() || text.front() == ':' || after_host == std::string_view::npos)
        return fail("\"" + std::string(text) + "\" is no HOST:PORT");
    const size_t colon = text.find(':', after_host);
    if (colon == std::string_view::npos) return std::string(text) + ":" + std::string(default_port);
    uint16_t port = 0;
    const std::string_view digits = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc() || end != digits.data() + digits.size() || port == 0)
        return fail("\"" + std::string(text) + "\": \"" + std::string(digits) + "\" is no port");
    return std::string(text);
}

Result<std::vector<Json>> parse_notes(const Json& json) {
    if (!json.array()) return fail("the notes are no array");
    return std::vector<Json>(json.array()->begin(), json.array()->end());
}

void append_array(std::string& out, const char* name, const std::vector<std::string>& texts) {
    out += std::string(",\"") + name + "\":[";
    for (size_t i = 0; i < texts.size(); ++i) (out += i ? "," : "") += texts[i];
    out += ']';
}

}  // namespace

bool is_address(std::string_view text) { return text.starts_with(scheme); }

Result<Address> parse_address(std::string_view text) {
    const auto wrong = [&](const std::string& why) {
        return fail(std::string(text) + ": " + why +
                    ": expected etcd://HOST:PORT[,HOST:PORT...]/PREFIX, as in etcd://10.0.0.1:2379/ovn/nb");
    };
    std::string_view rest = text.substr(scheme.size());
    const size_t slash = rest.find('/');
    if (slash == std::string_view::npos) return wrong("there is no prefix");
    Address out;
    for (std::string_view hosts = rest.substr(0, slash);;) {
        const size_t comma = hosts.find(',');
        auto one = endpoint(hosts.substr(0, comma));
        if (!one) return wrong(one.error().message);
        out.endpoints.push_back(std::move(*one));
        if (comma == std::string_view::npos) break;
        hosts.remove_prefix(comma + 1);
    }
    std::string_view prefix = rest.substr(slash);
    while (prefix.ends_with('/')) prefix.remove_suffix(1);
    if (prefix.empty()) return wrong("there is no prefix");
    out.prefix = std::string(prefix) + "/";
    return out;
}

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> out;
    for (; !text.empty(); text.remove_prefix(std::min(part_size, text.size())))
        out.emplace_back(text.substr(0, part_size));
    return out;
}

std::string format_base(const Base& base) {
    return codec::format_json(Json::object({{"cid", base.cid.to_string()},
                                            {"chunks", static_cast<int64_t>(base.chunks)},
                                            {"index", static_cast<int64_t>(base.index)},
                                            {"last", base.last.to_string()},
                                            {"snapshot", base.snapshot.to_string()}}));
}

Result<Base> parse_base(std::string_view text) {
    const Json json = TRY(codec::parse_json(text));
    Base out;
    out.cid = TRY(uuid_member(json, "cid"));
    out.snapshot = TRY(uuid_member(json, "snapshot"));
    out.last = TRY(uuid_member(json, "last"));
    out.chunks = TRY(count_member(json, "chunks"));
    out.index = static_cast<uint64_t>(codec::integer_member(json, "index"));
    return out;
}

std::string snapshot_text(const ovsdb::Snapshot& contents, const std::vector<Json>& notes) {
    std::string out = codec::format_json(contents.schema->to_json()) + "\n" +
                      format_record(everything(contents), *contents.schema, {.use_diff = false});
    if (!notes.empty()) out += "\n" + codec::format_json(Json(codec::JsonArray(notes.begin(), notes.end())));
    return out;
}

Result<ovsdb::ClusterContents> parse_snapshot(std::string_view text) {
    const size_t line_end = text.find('\n');
    if (line_end == std::string_view::npos) return fail("there is no end of the schema");
    const auto schema = ovsdb::parse_schema(TRY(codec::parse_json(text.substr(0, line_end))));
    if (!schema) return std::unexpected(schema.error().to_error());
    ovsdb::ClusterContents out;
    out.db = std::make_unique<ovsdb::Database>(*schema);
    std::string_view record = text.substr(line_end + 1);
    if (const size_t record_end = record.find('\n'); record_end != std::string_view::npos) {
        const Json notes = TRY(codec::parse_json(record.substr(record_end + 1)));
        out.notes = TRY(parse_notes(notes));
        record = record.substr(0, record_end);
    }
    if (record.empty()) return out;
    const auto changes = ovsdb::parse_record(TRY(codec::parse_json(record)), out.db->snapshot());
    if (!changes) return std::unexpected(changes.error().to_error());
    out.db->commit(*changes);
    return out;
}

std::string format_entry(const ovsdb::ClusterProposal& proposal) {
    std::string out = "{\"id\":\"" + proposal.id.to_string() + "\"";
    append_array(out, "records", proposal.records);
    if (!proposal.notes.empty()) append_array(out, "notes", proposal.notes);
    if (!proposal.schema.empty()) out += ",\"schema\":" + proposal.schema;
    return out + "}";
}

std::string format_parts(const Uuid& id, size_t count) {
    return "{\"id\":\"" + id.to_string() + "\",\"parts\":" + std::to_string(count) + "}";
}

Result<LogValue> parse_log_value(std::string_view text) {
    Json json = TRY(codec::parse_json(text));
    LogValue out;
    out.entry.id = TRY(uuid_member(json, "id"));
    out.parts = TRY(count_member(json, "parts"));
    if (out.parts > 0) return out;
    const Json* records = json.find("records");
    if (!records || !records->array()) return fail("neither \"records\" nor \"parts\" is there");
    out.entry.records.assign(records->array()->begin(), records->array()->end());
    if (const Json* schema = json.find("schema")) out.entry.schema = *schema;
    if (const Json* notes = json.find("notes")) out.entry.notes = TRY(parse_notes(*notes));
    return out;
}

std::string hex(uint64_t number) { return fmt::format("{:016x}", number); }

std::optional<uint64_t> parse_hex(std::string_view digits) {
    uint64_t out = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out, 16);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return out;
}

std::string log_key(uint64_t index) { return "log/" + hex(index); }
std::string part_key(uint64_t index, const Uuid& id, size_t number) {
    return "part/" + hex(index) + "/" + id.to_string() + "/" + hex(number);
}
std::string snapshot_key(const Uuid& id, size_t number) {
    return "snapshot/" + id.to_string() + "/" + hex(number);
}
std::string end_of(std::string prefix) {
    ++prefix.back();
    return prefix;
}

}  // namespace weft::store::etcd
