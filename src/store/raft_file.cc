// SPDX-License-Identifier: Apache-2.0
#include "store/raft_file.h"

#include "ovsdb/members.h"
#include "store/log_file.h"

namespace weft::store {
namespace {

using codec::Json;
using ovsdb::Kind;
using ovsdb::Members;

/// The members of a record that this format knows the types of.
class RaftMembers {
  public:
    RaftMembers(const Json& json, const std::string& what) : members_(json, what) {}

    std::string text(std::string_view name, bool must = true) {
        const Json* json = take(name, Kind::string, must);
        return json ? *json->string() : std::string();
    }
    /// Negative numbers stand for those beyond 2^63.
    std::optional<uint64_t> number(std::string_view name, bool must = false) {
        const Json* json = take(name, Kind::integer, must);
        if (!json) return std::nullopt;
        return static_cast<uint64_t>(*json->integer());
    }
    std::optional<Uuid> uuid(std::string_view name, bool must = false) {
        const Json* json = take(name, Kind::string, must);
        if (!json) return std::nullopt;
        const auto uuid = Uuid::parse(*json->string());
        if (!uuid) members_.complain(std::string(name) + " is not a valid UUID");
        return uuid ? std::optional(*uuid) : std::nullopt;
    }
    std::optional<RaftServers> servers(std::string_view name, bool must = false) {
        const Json* json = take(name, Kind::object, must);
        if (!json) return std::nullopt;
        RaftServers out;
        if (json->object()->empty()) refuse(*json, "must have at least one server");
        for (const auto& [id, address] : *json->object()) {
            const auto uuid = Uuid::parse(id);
            if (!uuid) refuse(*json, id + " is not a UUID");
            if (!address.string()) refuse(*json, id + " value is not string");
            if (uuid && address.string()) out[*uuid] = *address.string();
        }
        return out;
    }
    std::vector<std::string> addresses(std::string_view name) {
        std::vector<std::string> out;
        const Json* json = take(name, Kind::array, false);
        if (!json) return out;
        for (const Json& one : *json->array())
            if (one.string())
                out.push_back(*one.string());
            else
                refuse(one, "remote address must be a string");
        if (out.empty()) refuse(*json, "at least one remote address is required");
        return out;
    }
    const Json* any(std::string_view name, bool must = false) { return take(name, Kind::any, must); }
    Result<> finish() {
        const auto done = members_.finish();
        if (!done) return std::unexpected(done.error().to_error());
        return refused_;
    }

  private:
    const Json* take(std::string_view name, Kind kind, bool must) {
        return must ? members_.required(name, kind) : members_.optional(name, kind);
    }
    /// What is wrong within a member.
    void refuse(const Json& json, std::string why) {
        if (refused_)
            refused_ = std::unexpected(ovsdb::syntax_error(json, std::move(why)).error().to_error());
    }

    Members members_;
    Result<> refused_;
};

RaftEntry entry(RaftMembers& m, uint64_t term, uint64_t index) {
    RaftEntry out{.term = term, .index = index};
    out.servers = m.servers("servers");
    out.election_timer = m.number("election_timer");
    const Json* data = m.any("data");
    if (data) out.data = *data;
    out.eid = m.uuid("eid", data != nullptr).value_or(Uuid{});
    return out;
}

Result<RaftHeader> header_of(LogReader& reader, const std::string& path) {
    const Json first = TRY(reader.first());
    if (reader.magic() != clustered_magic) return fail(path + ": not a clustered database");
    return parse_raft_header(first);
}

}  // namespace

Result<RaftHeader> parse_raft_header(const Json& json) {
    RaftMembers m(json, "raft header");
    RaftHeader out;
    out.server_id = m.uuid("server_id", true).value_or(Uuid{});
    out.name = m.text("name");
    out.local_address = m.text("local_address");
    out.remote_addresses = m.addresses("remote_addresses");
    const bool has_joined = !json.find("remote_addresses");
    out.cluster_id = m.uuid("cluster_id", has_joined).value_or(Uuid{});
    if (has_joined) {
        out.prev_servers = m.servers("prev_servers", true).value_or(RaftServers{});
        out.prev_term = m.number("prev_term").value_or(0);
        out.prev_index = m.number("prev_index").value_or(0);
        out.prev_election_timer = m.number("prev_election_timer");
        if (out.prev_index) {
            if (const Json* data = m.any("prev_data", true)) out.prev_data = *data;
            out.prev_eid = m.uuid("prev_eid", true).value_or(Uuid{});
        }
    }
    TRY(m.finish());
    return out;
}

Result<RaftRecord> parse_raft_record(const Json& json) {
    RaftMembers m(json, "raft log record");
    RaftRecord out{.comment = m.text("comment", false), .what = RaftTerm{}};
    if (json.find("note")) {
        out.what = RaftNote{m.text("note")};
    } else if (json.find("commit_index")) {
        out.what = RaftCommit{m.number("commit_index", true).value_or(0)};
    } else {
        const uint64_t term = m.number("term", true).value_or(0);
        if (json.find("vote")) {
            out.what = RaftVote{term, m.uuid("vote", true).value_or(Uuid{})};
        } else if (json.find("leader")) {
            out.what = RaftLeader{term, m.uuid("leader", true).value_or(Uuid{})};
        } else if (json.find("index")) {
            out.what = entry(m, term, m.number("index", true).value_or(0));
        } else {
            out.what = RaftTerm{term};
        }
    }
    TRY(m.finish());
    return out;
}

Result<bool> is_raft_file(std::string_view contents, const std::string& path) {
    LogReader reader(contents, path);
    TRY(reader.first());
    return reader.magic() == clustered_magic;
}

Result<RaftHeader> read_raft_header(std::string_view contents, const std::string& path) {
    LogReader reader(contents, path);
    return header_of(reader, path);
}

Result<RaftFile> parse_raft_file(std::string_view contents, const std::string& path) {
    LogReader reader(contents, path);
    RaftFile out{.path = path, .header = TRY(header_of(reader, path)), .records = {}};
    for (;;) {
        auto record = reader.next();
        if (record && !*record) return out;
        auto parsed = record ? parse_raft_record(**record) : std::unexpected(record.error());
        if (!parsed) {
            out.warning = parsed.error().message;
            return out;
        }
        out.records.push_back(std::move(*parsed));
    }
}

RaftLog raft_log(const RaftFile& file) {
    RaftLog out;
    for (const RaftRecord& record : file.records)
        if (const auto* entry = std::get_if<RaftEntry>(&record.what)) {
            out.erase(out.lower_bound(entry->index), out.end());
            if (entry->index > file.header.prev_index) out[entry->index] = entry;
        }
    return out;
}

}  // namespace weft::store
