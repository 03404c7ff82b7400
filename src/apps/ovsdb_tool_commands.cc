// SPDX-License-Identifier: Apache-2.0
#include "apps/ovsdb_tool_commands.h"

#include <cstring>
#include <random>

#include "base/version.h"
#include "codec/json_text.h"
#include "ovsdb/convert.h"
#include "ovsdb/transaction.h"
#include "store/etcd_format.h"
#include "store/file_storage.h"

namespace weft::apps::ovsdb_tool {
namespace {

using store::FileStorage;

std::string database_arg(const Context& c, Args args, size_t i = 0) {
    return i < args.size() ? args[i] : c.default_database;
}
std::string schema_arg(const Context& c, Args args, size_t i = 0) {
    return i < args.size() ? args[i] : c.default_schema;
}
/// "compacted by ovsdb-tool 3.1.0"
std::string comment(const char* what) {
    return std::string(what) + " by ovsdb-tool " + std::string(ovs_version);
}

Result<ovsdb::SchemaPtr> read_schema_file(Context& c, const std::string& path) {
    const auto text = c.disk.read(path);
    if (!text)
        return fail("failed to read schema: \"" + path + "\" could not be read as JSON (error opening \"" +
                    path + "\": " + std::strerror(text.error().code) + ")");
    return ovsdb::parse_schema_text(*text, path);
}

// The server cuts a damaged tail off and goes on; a tool must not lose data behind its user's back.
Result<store::OpenedDatabase> read(Context& c, const std::string& path) {
    auto opened = TRY(store::read_database(c.disk, path));
    if (!opened.warning.empty()) return fail(opened.warning);
    return opened;
}

Result<FileStorage::Opened> open(Context& c, const std::string& path, Result<>* synced = nullptr) {
    auto opened = TRY(FileStorage::open(path, {.fs = &c.disk,
                                               .date_ms = [&c] { return c.date_ms; },
                                               .synced =
                                                   [synced](uint64_t, const Result<>& result) {
                                                       if (synced) *synced = result;
                                                   }}));
    if (!opened.warning.empty()) return fail(opened.warning);
    return opened;
}

Prng random_prng() { return Prng(std::random_device{}()); }

Result<Done> create(Context& c, Args args) {
    const std::string path = database_arg(c, args);
    if (!store::etcd::is_address(path)) {
        const auto schema = TRY(read_schema_file(c, schema_arg(c, args, 1)));
        TRY(store::create_database(c.disk, path, ovsdb::Snapshot(schema), "", c.date_ms));
        return Done{};
    }
    // A cluster may begin with the contents of a database, too.
    const std::string from = schema_arg(c, args, 1);
    const auto text = c.disk.read(from);
    const bool is_database = text && text->starts_with("OVSDB ");
    if (is_database) {
        const auto opened = TRY(read(c, from));
        TRY(create_in_etcd(c, path, opened.db->snapshot()));
    } else {
        const auto schema = TRY(read_schema_file(c, from));
        TRY(create_in_etcd(c, path, ovsdb::Snapshot(schema)));
    }
    return Done{};
}

Result<Done> compact(Context& c, Args args) {
    const std::string path = database_arg(c, args);
    if (args.size() > 1) {
        const auto from = TRY(read(c, path));
        TRY(store::create_database(c.disk, args[1], from.db->snapshot(), comment("compacted"), c.date_ms));
        return Done{};
    }
    auto opened = TRY(open(c, path));
    TRY(opened.storage->replace(opened.db->snapshot(), comment("compacted")));
    return Done{};
}

Result<Done> convert(Context& c, Args args) {
    const std::string path = database_arg(c, args);
    const auto schema = TRY(read_schema_file(c, schema_arg(c, args, 1)));
    Prng prng = random_prng();
    const auto converted = [&](const ovsdb::Snapshot& from) -> Result<std::unique_ptr<ovsdb::Database>> {
        auto db = ovsdb::convert(from, schema, prng);
        if (!db) return std::unexpected(db.error().to_error());
        return std::move(*db);
    };
    if (args.size() > 2) {
        const auto from = TRY(read(c, path));
        const auto to = TRY(converted(from.db->snapshot()));
        TRY(store::create_database(c.disk, args[2], to->snapshot(), comment("converted"), c.date_ms));
        return Done{};
    }
    auto opened = TRY(open(c, path));
    const auto to = TRY(converted(opened.db->snapshot()));
    TRY(opened.storage->replace(to->snapshot(), comment("converted")));
    return Done{};
}

Result<Done> needs_conversion(Context& c, Args args) {
    const auto stored = TRY(store::read_schema(c.disk, database_arg(c, args)));
    const auto wanted = TRY(read_schema_file(c, schema_arg(c, args, 1)));
    return Done{same_schema(*stored, *wanted) ? "no\n" : "yes\n"};
}

Result<Done> db_name(Context& c, Args args) {
    const std::string path = database_arg(c, args);
    if (const auto name = TRY(clustered_name(c, path))) return Done{*name + "\n"};
    return Done{TRY(store::read_schema(c.disk, path))->name + "\n"};
}
Result<Done> db_version(Context& c, Args args) {
    return Done{TRY(store::read_schema(c.disk, database_arg(c, args)))->version + "\n"};
}
Result<Done> db_cksum(Context& c, Args args) {
    return Done{TRY(store::read_schema(c.disk, database_arg(c, args)))->cksum + "\n"};
}
Result<Done> schema_name(Context& c, Args args) {
    return Done{TRY(read_schema_file(c, schema_arg(c, args)))->name + "\n"};
}
Result<Done> schema_version(Context& c, Args args) {
    return Done{TRY(read_schema_file(c, schema_arg(c, args)))->version + "\n"};
}
Result<Done> schema_cksum(Context& c, Args args) {
    return Done{TRY(read_schema_file(c, schema_arg(c, args)))->cksum + "\n"};
}

Result<Done> compare_versions(Context&, Args args) {
    const auto version = [](const std::string& text) -> Result<ovsdb::SchemaVersion> {
        if (auto v = ovsdb::parse_version(text)) return *v;
        return fail(text + ": not an OVSDB version number in format x.y.z");
    };
    const auto order = TRY(version(args[0])) <=> TRY(version(args[2]));
    const std::string& op = args[1];
    bool holds = false;
    if (op == "<")
        holds = order < 0;
    else if (op == "<=")
        holds = order <= 0;
    else if (op == "==")
        holds = order == 0;
    else if (op == "!=")
        holds = order != 0;
    else if (op == ">=")
        holds = order >= 0;
    else if (op == ">")
        holds = order > 0;
    else
        return fail(op + ": not a relational operator");
    return Done{"", holds ? 0 : 2};
}

/// The params of a transact request: the array of results, or an error object that says why there is none.
Result<ovsdb::TransactResult> run(Context& c, const ovsdb::Database& db, const std::string& text) {
    const auto json = codec::parse_json(text);
    if (!json) return fail("\"" + text + "\": " + json.error().message);
    if (!json->is_array() && !json->is_object())
        return fail("\"" + text +
                    "\": line 0, column 0, byte 0: an array of a database name and operations is needed");
    ovsdb::TransactResult wrong;
    wrong.status = ovsdb::TransactResult::Status::failed;
    const auto* params = json->array();
    if (!params) {
        codec::append_json(wrong.results, ovsdb::syntax_error(*json, "array expected").error().to_json());
        return wrong;
    }
    if (params->empty() || !(*params)[0].string() || *(*params)[0].string() != db.schema().name) {
        const auto error = ovsdb::syntax_error(*json, "database name expected as first parameter");
        codec::append_json(wrong.results, error.error().to_json());
        return wrong;
    }
    Prng prng = random_prng();
    auto result = transact(db, *params, 1, {.prng = prng, .identity = {.role = c.rbac_role}});
    if (result.status != ovsdb::TransactResult::Status::blocked) return result;
    const auto error = ovsdb::op_error("not supported", "triggers not supported");
    codec::append_json(wrong.results, codec::Json::array({error.error().to_json()}));
    return wrong;
}

Result<Done> query(Context& c, Args args) {
    const auto opened = TRY(read(c, args.size() > 1 ? args[0] : c.default_database));
    return Done{TRY(run(c, *opened.db, args.back())).results + "\n"};
}

Result<Done> transact_command(Context& c, Args args) {
    Result<> synced;
    auto opened = TRY(open(c, args.size() > 1 ? args[0] : c.default_database, &synced));
    const auto result = TRY(run(c, *opened.db, args.back()));
    TRY(opened.storage->append(result.changes));
    opened.storage->sync(1);  // done when it returns: nothing runs aside here
    TRY(synced);
    return Done{result.results + "\n"};
}

}  // namespace

std::span<const Command> commands() {
    static constexpr Command all[] = {
        {"create", "[db [schema]]", "create [DB [SCHEMA]]    create DB with the given SCHEMA", 0, 2, create},
        {"create-cluster", "db contents local",
         "[--election-timer=ms] create-cluster DB CONTENTS LOCAL\n    create clustered DB with given "
         "CONTENTS and LOCAL address",
         3, 3, create_cluster},
        {"join-cluster", "db name local remote...",
         "[--cid=UUID] join-cluster DB NAME LOCAL REMOTE...\n    join clustered DB with given NAME and LOCAL "
         "and REMOTE addrs",
         4, 1000, join_cluster},
        {"compact", "[db [dst]]", "compact [DB [DST]]      compact DB in-place (or to DST)", 0, 2, compact},
        {"convert", "[db [schema [dst]]]", "convert [DB [SCHEMA [DST]]]   convert DB to SCHEMA (to DST)", 0,
         3, convert},
        {"needs-conversion", "",
         "needs-conversion [DB [SCHEMA]]  tell whether DB has another schema than SCHEMA", 0, 2,
         needs_conversion},
        {"db-name", "[db]", "db-name [DB]            report name of schema used by DB", 0, 1, db_name},
        {"db-version", "[db]", "db-version [DB]         report version of schema used by DB", 0, 1,
         db_version},
        {"db-cksum", "[db]", "db-cksum [DB]           report checksum of schema used by DB", 0, 1, db_cksum},
        {"db-cid", "db", "db-cid DB               report cluster ID of clustered DB", 1, 1, cluster_id},
        {"db-sid", "db", "db-sid DB               report server ID of clustered DB", 1, 1, server_id},
        {"db-local-address", "db", "db-local-address DB     report local address of clustered DB", 1, 1,
         local_address},
        {"db-is-clustered", "db", "db-is-clustered DB      test whether DB is clustered", 1, 1, is_clustered},
        {"db-is-standalone", "db", "db-is-standalone DB     test whether DB is standalone", 1, 1,
         is_standalone},
        {"schema-name", "[schema]", "schema-name [SCHEMA]    report SCHEMA's name", 0, 1, schema_name},
        {"schema-version", "[schema]", "schema-version [SCHEMA] report SCHEMA's schema version", 0, 1,
         schema_version},
        {"schema-cksum", "[schema]", "schema-cksum [SCHEMA]   report SCHEMA's checksum", 0, 1, schema_cksum},
        {"compare-versions", "a op b", "compare-versions A OP B  compare OVSDB schema version numbers", 3, 3,
         compare_versions},
        {"query", "[db] trns", "query [DB] TRNS         execute read-only transaction on DB", 1, 2, query},
        {"transact", "[db] trns", "transact [DB] TRNS      execute read/write transaction on DB", 1, 2,
         transact_command},
        {"cluster-to-standalone", "db clusterdb",
         "cluster-to-standalone DB DB    Convert clustered DB to\n      standalone DB when cluster is down "
         "and cannot be\n        revived",
         2, 2, cluster_to_standalone},
        {"show-log", "[db]", "[-m]... show-log [DB]   print DB's log entries", 0, 1, show_log},
        {"check-cluster", "db...", "check-cluster DB...     check clustered DBs for consistency", 1, 1000,
         check_cluster},
    };
    return all;
}

}  // namespace weft::apps::ovsdb_tool
