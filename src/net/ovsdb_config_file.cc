// SPDX-License-Identifier: Apache-2.0
#include "net/ovsdb_config_file.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "codec/json_text.h"
#include "net/connection_name.h"

namespace weft::net {
namespace {

using codec::Json;
using Model = OvsdbDatabaseConfig::Model;
using Names = std::initializer_list<std::string_view>;

constexpr int64_t max_backoff_ms_min = 1000, interval_ms_max = 3'600'000, dscp_max = 63;

constexpr std::pair<std::string_view, Model> models[] = {{"standalone", Model::standalone},
                                                         {"clustered", Model::clustered},
                                                         {"relay", Model::relay},
                                                         {"active-backup", Model::active_backup}};

std::string listed(const auto& names) {
    std::string out;
    for (const std::string_view name : names) out += (out.empty() ? "" : ", ") + std::string(name);
    return out;
}

/// An object of the file and its place there, for errors. Null stands for an object without members.
class Object {
  public:
    static Result<Object> of(const Json& json, std::string where) {
        Object out{std::move(where)};
        if (!json.is_null() && !json.is_object()) return out.expected("", "an object", json);
        out.members_ = json.object();
        return out;
    }

    Result<> has_only(Names known) const {
        for (const auto& [name, value] : members())
            if (std::ranges::find(known, name) == known.end())
                return fail(where_ + ": unknown key \"" + name + "\" (known are " + listed(known) + ")");
        return {};
    }
    const codec::JsonObject& members() const {
        static const codec::JsonObject none;
        return members_ ? *members_ : none;
    }
    Result<Object> member(std::string_view name, const Json& value) const {
        return of(value, where_ + ": \"" + std::string(name) + "\"");
    }
    /// The member, or null.
    const Json* find(std::string_view name) const { return members().find(name); }

    Result<std::optional<int64_t>> integer(std::string_view name, int64_t min, int64_t max) const {
        const Json* value = find(name);
        if (!value) return std::nullopt;
        if (!value->integer() || *value->integer() < min || *value->integer() > max)
            return expected(name, "an integer from " + std::to_string(min) + " to " + std::to_string(max),
                            *value);
        return *value->integer();
    }
    Result<std::optional<Duration>> milliseconds(std::string_view name, int64_t min) const {
        const auto ms = TRY(integer(name, min, interval_ms_max));
        if (!ms) return std::nullopt;
        return std::chrono::milliseconds(*ms);
    }
    Result<std::optional<uint8_t>> dscp() const {
        const auto value = TRY(integer("dscp", 0, dscp_max));
        if (!value) return std::nullopt;
        return static_cast<uint8_t>(*value);
    }
    Result<bool> boolean(std::string_view name) const {
        const Json* value = find(name);
        if (value && !value->boolean()) return expected(name, "true or false", *value);
        return value && *value->boolean();
    }
    Result<std::string> text(std::string_view name) const {
        const Json* value = find(name);
        if (value && !value->string()) return expected(name, "a string", *value);
        return value ? *value->string() : std::string();
    }
    Result<std::set<std::string>> texts(std::string_view name) const {
        std::set<std::string> out;
        const Json* value = find(name);
        if (!value) return out;
        const codec::JsonArray* const all = value->array();
        if (!all || !std::ranges::all_of(*all, &Json::is_string))
            return expected(name, "an array of strings", *value);
        for (const Json& one : *all) out.insert(*one.string());
        return out;
    }

    std::unexpected<Error> wrong(const std::string& what) const { return fail(where_ + ": " + what); }

  private:
    explicit Object(std::string where) : where_(std::move(where)) {}

    std::unexpected<Error> expected(std::string_view name, const std::string& what, const Json& found) const {
        constexpr size_t shown_max = 80;
        const std::string place = name.empty() ? where_ : where_ + ": \"" + std::string(name) + "\"";
        return fail(place + ": expected " + what + ", not " + codec::format_json(found).substr(0, shown_max));
    }

    std::string where_;
    const codec::JsonObject* members_ = nullptr;  ///< null: none
};

Result<OvsdbRemoteOptions> parse_remote(const std::string& name, const Object& json) {
    if (name.starts_with("db:")) {
        if (json.members().empty()) return OvsdbRemoteOptions{};
        return json.wrong("takes no keys: the rows say how their remotes are served");
    }
    if (const auto good = ConnectionName::parse(name, ovsdb_port); !good)
        return json.wrong(good.error().message);
    TRY(json.has_only({"dscp", "inactivity-probe", "max-backoff", "read-only", "role"}));
    OvsdbRemoteOptions out;
    out.dscp = TRY(json.dscp());
    out.probe_interval = TRY(json.milliseconds("inactivity-probe", 0));
    out.max_backoff = TRY(json.milliseconds("max-backoff", max_backoff_ms_min)).value_or(out.max_backoff);
    out.read_only = TRY(json.boolean("read-only"));
    out.role = TRY(json.text("role"));
    return out;
}

Result<OvsdbSourceConfig> parse_source(const Object& sources) {
    if (sources.members().size() != 1)
        return sources.wrong(
            "expected one member, whose key is the remotes of the other server, separated by commas");
    const auto& [remotes, options] = *sources.members().begin();
    const Object json = TRY(sources.member(remotes, options));
    TRY(json.has_only({"dscp", "inactivity-probe", "max-backoff"}));
    OvsdbSourceConfig out{.remotes = remotes};
    if (const auto names = ConnectionName::parse_list(remotes, ovsdb_port); !names)
        return json.wrong(names.error().message);
    out.dscp = TRY(json.dscp());
    out.probe_interval = TRY(json.milliseconds("inactivity-probe", 0)).value_or(out.probe_interval);
    out.max_backoff = TRY(json.milliseconds("max-backoff", max_backoff_ms_min)).value_or(out.max_backoff);
    return out;
}

Result<Model> parse_model(const Object& json) {
    if (!json.find("service-model")) return Model::unspecified;
    const std::string name = TRY(json.text("service-model"));
    const auto* const found = std::ranges::find(models, name, &std::pair<std::string_view, Model>::first);
    if (found != std::end(models)) return found->second;
    return json.wrong("unknown service-model \"" + name + "\" (known are " +
                      listed(std::views::keys(models)) + ")");
}

Result<OvsdbDatabaseConfig> parse_database(const std::string& name, const Object& json) {
    OvsdbDatabaseConfig out{.model = TRY(parse_model(json))};
    const bool is_cluster = name.starts_with("etcd://");
    if (out.model == Model::clustered && !is_cluster)
        return json.wrong(
            "service-model clustered is of databases in etcd, named etcd://HOST:PORT[,HOST:PORT...]/PREFIX");
    if (is_cluster && out.model != Model::unspecified && out.model != Model::clustered)
        return json.wrong("a database in etcd has service-model clustered");
    switch (out.model) {
        case Model::unspecified:
        case Model::standalone:
        case Model::clustered:
            TRY(json.has_only({"service-model"}));
            return out;
        case Model::relay:
            TRY(json.has_only({"service-model", "source"}));
            break;
        case Model::active_backup:
            TRY(json.has_only({"backup", "exclude-tables", "service-model", "source"}));
            out.is_backup = TRY(json.boolean("backup"));
            out.excluded = TRY(json.texts("exclude-tables"));
            break;
    }
    if (const Json* source = json.find("source"))
        out.source = TRY(parse_source(TRY(json.member("source", *source))));
    else if (out.model == Model::relay || out.is_backup)
        return json.wrong("\"source\" lacks: the server whose contents it has");
    return out;
}

}  // namespace

Result<OvsdbConfig> parse_ovsdb_config(std::string_view text, const std::string& file_name) {
    const auto json = codec::parse_json(text);
    if (!json) return fail(file_name + ": " + json.error().message);
    if (!json->is_object())
        return fail(file_name + ": expected an object with \"remotes\" and \"databases\"");
    const Object file = TRY(Object::of(*json, file_name));
    TRY(file.has_only({"databases", "remotes"}));
    OvsdbConfig out;
    if (const Json* remotes = file.find("remotes")) {
        const Object all = TRY(file.member("remotes", *remotes));
        for (const auto& [name, options] : all.members()) {
            const Object one = TRY(all.member(name, options));
            out.remotes[name] = TRY(parse_remote(name, one));
        }
    }
    if (const Json* databases = file.find("databases")) {
        const Object all = TRY(file.member("databases", *databases));
        for (const auto& [name, options] : all.members())
            out.databases[name] = TRY(parse_database(name, TRY(all.member(name, options))));
    }
    return out;
}

}  // namespace weft::net
