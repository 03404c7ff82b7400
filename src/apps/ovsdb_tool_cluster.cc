// SPDX-License-Identifier: Apache-2.0
// What ovsdb-tool reads of clustered database files (ovsdb(5), "Clustered Format").
#include <cerrno>
#include <cstring>

#include "apps/ovsdb_tool_commands.h"
#include "ovsdb/database.h"
#include "ovsdb/log_record.h"
#include "store/file_storage.h"
#include "store/log_file.h"

namespace weft::apps::ovsdb_tool {
namespace {

using codec::Json;

Result<store::RaftHeader> read_header(Context& c, const std::string& path) {
    const std::string contents = TRY(contents_of(c, path));
    return store::read_raft_header(contents, path);
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

Result<Done> test_format(Context& c, const std::string& path, bool clustered) {
    const std::string contents = TRY(contents_of(c, path));
    return Done{"", TRY(store::is_raft_file(contents, path)) == clustered ? 0 : 2};
}

}  // namespace

Result<std::string> contents_of(Context& c, const std::string& path) {
    auto contents = c.disk.read(path);
    if (contents) return contents;
    return fail("I/O error: " + path + ": open failed (" + std::strerror(contents.error().code) + ")");
}

Result<store::RaftFile> read_raft(Context& c, const std::string& path) {
    const std::string contents = TRY(contents_of(c, path));
    return store::parse_raft_file(contents, path);
}

Result<std::optional<std::string>> clustered_name(Context& c, const std::string& path) {
    const std::string contents = TRY(contents_of(c, path));
    if (!TRY(store::is_raft_file(contents, path))) return std::nullopt;
    return TRY(store::read_raft_header(contents, path)).name;
}

Result<Done> is_clustered(Context& c, Args args) { return test_format(c, args[0], true); }
Result<Done> is_standalone(Context& c, Args args) { return test_format(c, args[0], false); }

Result<Done> server_id(Context& c, Args args) {
    return Done{TRY(read_header(c, args[0])).server_id.to_string() + "\n"};
}
Result<Done> local_address(Context& c, Args args) {
    return Done{TRY(read_header(c, args[0])).local_address + "\n"};
}

Result<Done> cluster_id(Context& c, Args args) {
    const Uuid id = TRY(read_header(c, args[0])).cluster_id;
    if (!id.is_zero()) return Done{id.to_string() + "\n"};
    std::fprintf(stderr, "%s: cluster ID not yet known\n", args[0].c_str());
    return Done{"", 2};
}

Result<Done> cluster_to_standalone(Context& c, Args args) {
    const std::string& path = args[1];
    const store::RaftFile file = TRY(read_raft(c, path));
    if (!file.header.has_joined()) return fail(path + ": has joined no cluster yet, and so has no data");
    std::unique_ptr<ovsdb::Database> db;
    if (!file.header.prev_data.is_null()) TRY(apply(file.header.prev_data, path, db));
    for (const auto& [index, entry] : store::raft_log(file))
        if (entry->data) TRY(apply(*entry->data, path, db));
    if (!db) return fail(path + ": has no schema: nothing is committed");
    TRY(store::create_database(c.disk, args[0], db->snapshot(), "", c.date_ms));
    if (!file.warning.empty()) return fail(file.warning + "; " + args[0] + " has what comes before it");
    return Done{};
}

Result<Done> create_cluster(Context&, Args) {
    return fail(
        "create-cluster: clusters are kept in etcd: make one with \"ovsdb-tool create "
        "etcd://HOST:PORT/PREFIX CONTENTS\", "
        "then start any number of \"ovsdb-server etcd://HOST:PORT/PREFIX\"");
}

Result<Done> join_cluster(Context&, Args) {
    return fail(
        "join-cluster: clusters are kept in etcd: a server joins one when it is started as \"ovsdb-server "
        "etcd://HOST:PORT/PREFIX\"");
}

}  // namespace weft::apps::ovsdb_tool
