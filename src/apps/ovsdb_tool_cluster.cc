// SPDX-License-Identifier: Apache-2.0
// What ovsdb-tool reads of clustered database files (ovsdb(5), "Clustered Format").
#include <cerrno>
#include <cstring>
#include <map>

#include "apps/ovsdb_tool_commands.h"
#include "codec/json_members.h"
#include "ovsdb/database.h"
#include "ovsdb/log_record.h"
#include "store/file_storage.h"
#include "store/log_file.h"

namespace weft::apps::ovsdb_tool {
namespace {

using codec::Json;

struct File {
    std::string contents;
    Json header;  ///< the first record
    bool clustered = false;
};

Result<File> read(Context& c, const std::string& path) {
    File out;
    auto contents = c.disk.read(path);
    if (!contents)
        return fail("I/O error: " + path + ": open failed (" + std::strerror(contents.error().code) + ")");
    out.contents = std::move(*contents);
    store::LogReader reader(out.contents, path);
    auto first = reader.next();
    if (!first && !reader.looks_like_log()) return fail("ovsdb error: " + path + ": unexpected file format");
    if (!first) return std::unexpected(first.error());
    if (!*first) return fail("ovsdb error: " + path + ": cannot identify file type");
    out.header = std::move(**first);
    out.clustered = reader.magic() == store::clustered_magic;
    return out;
}

Result<std::string> header_member(Context& c, const std::string& path, const char* member) {
    const File file = TRY(read(c, path));
    if (!file.clustered) return fail(path + ": not a clustered database");
    return text_member(file.header, member);
}

/// [schema or null, transaction or null]: a schema starts a new database.
Result<> apply(const Json& data, const std::string& path, std::unique_ptr<ovsdb::Database>& db) {
    const auto* parts = data.array();
    if (!parts || parts->size() != 2)
        return fail("syntax error: " + path + ": [schema, transaction] expected");
    if (!(*parts)[0].is_null()) {
        auto schema = ovsdb::parse_schema((*parts)[0]);
        if (!schema) return std::unexpected(schema.error().to_error());
        db = std::make_unique<ovsdb::Database>(*schema);
    }
    if ((*parts)[1].is_null()) return {};
    if (!db) return fail("syntax error: " + path + ": a transaction comes before any schema");
    const auto changes = ovsdb::parse_record((*parts)[1], db->snapshot());
    if (!changes) return std::unexpected(changes.error().to_error());
    db->commit(*changes);
    return {};
}

Result<Done> line(Result<std::string> text) { return Done{TRY(text) + "\n"}; }

}  // namespace

Result<std::optional<std::string>> clustered_name(Context& c, const std::string& path) {
    const File file = TRY(read(c, path));
    if (!file.clustered) return std::nullopt;
    return text_member(file.header, "name");
}

Result<Done> is_clustered(Context& c, Args args) { return Done{"", TRY(read(c, args[0])).clustered ? 0 : 2}; }
Result<Done> is_standalone(Context& c, Args args) {
    return Done{"", TRY(read(c, args[0])).clustered ? 2 : 0};
}
Result<Done> server_id(Context& c, Args args) { return line(header_member(c, args[0], "server_id")); }
Result<Done> local_address(Context& c, Args args) { return line(header_member(c, args[0], "local_address")); }

Result<Done> cluster_id(Context& c, Args args) {
    const std::string id = TRY(header_member(c, args[0], "cluster_id"));
    if (!id.empty()) return Done{id + "\n"};
    std::fprintf(stderr, "%s: cluster ID not yet known\n", args[0].c_str());
    return Done{"", 2};
}

Result<Done> cluster_to_standalone(Context& c, Args args) {
    const std::string& path = args[1];
    const File file = TRY(read(c, path));
    if (!file.clustered) return fail(path + ": not a clustered database");
    store::LogReader reader(file.contents, path);
    std::unique_ptr<ovsdb::Database> db;
    std::map<int64_t, Json> entries;  // by index: a new leader may replace what was not committed
    TRY(reader.next());
    if (const Json* data = file.header.find("prev_data")) TRY(apply(*data, path, db));
    while (const auto record = TRY(reader.next())) {
        const Json *index = record->find("index"), *data = record->find("data");
        if (!index || !index->integer()) continue;
        entries.erase(entries.lower_bound(*index->integer()), entries.end());
        if (data) entries.emplace(*index->integer(), *data);
    }
    for (const auto& [index, data] : entries) TRY(apply(data, path, db));
    if (!db) return fail(path + ": has joined no cluster yet, and so has no data");
    TRY(store::create_database(c.disk, args[0], db->snapshot(), "", c.date_ms));
    return Done{};
}

Result<Done> needs_cluster(Context&, Args) {
    return fail(
        "clusters are kept in etcd: make one with \"ovsdb-tool create etcd://HOST:PORT/PREFIX SCHEMA\" and "
        "start "
        "any number of \"ovsdb-server etcd://HOST:PORT/PREFIX\"; of Open vSwitch's cluster files only "
        "db-cid, "
        "db-sid, db-name, db-local-address, db-is-clustered and cluster-to-standalone are there");
}

}  // namespace weft::apps::ovsdb_tool
