// SPDX-License-Identifier: Apache-2.0
// ovsdb-tool check-cluster: whether the files of a cluster's servers agree with themselves and with each
// other, as Raft promises (Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm",
// figure 3).
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "apps/ovsdb_tool_commands.h"
#include "codec/json_text.h"
#include "store/raft_file.h"

namespace weft::apps::ovsdb_tool {
namespace {

using store::RaftEntry;
using store::RaftFile;

std::string brief(const Uuid& uuid) { return uuid.to_string().substr(0, 4); }

/// What a server is called: by its file, if that is there.
class Names {
  public:
    void add(const store::RaftHeader& header, const std::string& path) { paths_[header.server_id] = path; }
    std::string operator()(const Uuid& server) const {
        const auto it = paths_.find(server);
        return it == paths_.end() ? brief(server) : it->second;
    }

  private:
    std::map<Uuid, std::string> paths_;
};

/// What one server's file tells of one term.
struct Term {
    std::optional<Uuid> leader = {};
    size_t leader_record = 0;   ///< where it was named
    uint64_t log_end = 0;       ///< of the server itself when it became leader; 0: it did not
    uint64_t commit_index = 0;  ///< the highest in it
    std::optional<Uuid> vote = {};
};

/// One server's file, replayed record by record.
class Server {
  public:
    explicit Server(RaftFile file) : file_(std::move(file)), commit_index_(file_.header.prev_index) {
        term_ = file_.header.prev_term;
    }

    /// An error if it contradicts itself; what is merely odd is printed. `names`: of servers in messages.
    Result<> replay(const Names& names);

    const std::string& path() const { return file_.path; }
    const store::RaftHeader& header() const { return file_.header; }
    const std::map<uint64_t, Term>& terms() const { return terms_; }
    const store::RaftLog& log() const { return log_; }
    uint64_t commit_index() const { return commit_index_; }

  private:
    template <class... Args>
    std::string at(fmt::format_string<Args...> text, Args&&... args) const {
        return fmt::format("{}: record {} ", path(), record_) +
               fmt::format(text, std::forward<Args>(args)...);
    }
    Result<> read(const RaftEntry& entry);
    Result<> read(const store::RaftTerm& term) {
        enter(term.term);
        return {};
    }
    Result<> read(const store::RaftVote& vote);
    Result<> read(const store::RaftLeader& leader);
    Result<> read(const store::RaftCommit& commit);
    Result<> read(const store::RaftNote& note);
    void enter(uint64_t term);
    static void odd(const std::string& text) { std::printf("%s\n", text.c_str()); }
    uint64_t log_end() const { return log_.empty() ? header().prev_index + 1 : log_.rbegin()->first + 1; }
    uint64_t last_term() const { return log_.empty() ? header().prev_term : log_.rbegin()->second->term; }

    RaftFile file_;
    store::RaftLog log_;
    std::map<uint64_t, Term> terms_;
    const Names* names_ = nullptr;
    size_t record_ = 0;
    uint64_t term_ = 0, commit_index_ = 0;
};

Result<> Server::replay(const Names& names) {
    names_ = &names;
    for (const store::RaftRecord& record : file_.records) {
        ++record_;
        TRY(std::visit([&](const auto& what) { return read(what); }, record.what));
    }
    return file_.warning.empty() ? Result<>() : fail(file_.warning);
}

void Server::enter(uint64_t term) {
    term_ = std::max(term_, term);
    terms_[term];
}

Result<> Server::read(const RaftEntry& entry) {
    enter(entry.term);
    const uint64_t end = log_end();
    if (entry.index > end) return fail(at("with index {} skips past expected index {}", entry.index, end));
    if (entry.index < end) {
        if (entry.index <= commit_index_)
            return fail(at("attempts to truncate log from {} to {} entries, but commit index is already {}",
                           end, entry.index, commit_index_));
        if (terms_[entry.term].leader == header().server_id)
            return fail(at("truncates log from {} to {} entries while server is leader", end, entry.index));
        odd(at("truncates log from {} to {} entries", end, entry.index));
        log_.erase(log_.lower_bound(entry.index), log_.end());
    }
    if (entry.term < last_term())
        return fail(at("with index {} term {} precedes previous entry's term {}", entry.index, entry.term,
                       last_term()));
    log_[entry.index] = &entry;
    return {};
}

Result<> Server::read(const store::RaftVote& vote) {
    enter(vote.term);
    if (vote.term < term_) return fail(at("votes for term {} but current term is {}", vote.term, term_));
    auto& before = terms_[vote.term].vote;
    if (before && *before != vote.server)
        return fail(at("votes for {} in term {} but a previous record for the same term voted for {}",
                       (*names_)(vote.server), vote.term, (*names_)(*before)));
    before = vote.server;
    return {};
}

Result<> Server::read(const store::RaftLeader& leader) {
    enter(leader.term);
    Term& term = terms_[leader.term];
    if (term.leader && *term.leader != leader.server)
        return fail(at(
            "reports leader {} for term {} but record {} previously reported the leader as {} in that term",
            (*names_)(leader.server), leader.term, term.leader_record, (*names_)(*term.leader)));
    term.leader = leader.server;
    term.leader_record = record_;
    if (leader.server == header().server_id) term.log_end = log_end();
    return {};
}

Result<> Server::read(const store::RaftCommit& commit) {
    if (commit.index < commit_index_)
        return fail(at("regresses commit index from {} to {}", commit_index_, commit.index));
    if (commit.index >= log_end())
        return fail(at("advances commit index to {} but last log index is {}", commit.index, log_end() - 1));
    commit_index_ = commit.index;
    terms_[term_].commit_index = commit_index_;
    return {};
}

Result<> Server::read(const store::RaftNote& note) {
    if (note.text == "left") odd(at("shows that the server left the cluster"));
    return {};
}

using Servers = std::vector<std::unique_ptr<Server>>;

/// Of the cluster of those before it, and none of them.
Result<> check_header(const Servers& before, const Server& server) {
    const store::RaftHeader& header = server.header();
    for (const auto& other : before)
        if (other->header().server_id == header.server_id)
            return fail(fmt::format("Duplicate server ID {} in {} and {}.", brief(header.server_id),
                                    server.path(), other->path()));
    if (before.empty()) return {};
    const store::RaftHeader& first = before.front()->header();
    if (first.cluster_id != header.cluster_id)
        return fail(fmt::format("{} has cluster ID {} but {} has cluster ID {}", before.front()->path(),
                                brief(first.cluster_id), server.path(), brief(header.cluster_id)));
    if (first.name != header.name)
        return fail(fmt::format("{} is named \"{}\" but {} is named \"{}\"", before.front()->path(),
                                first.name, server.path(), header.name));
    return {};
}

/// Election safety: at most one leader in a term.
Result<> check_leaders(const Servers& servers, const Names& names) {
    std::map<uint64_t, std::pair<const Server*, Uuid>> leaders;
    for (const auto& server : servers)
        for (const auto& [number, term] : server->terms()) {
            if (!term.leader) continue;
            const auto& [who, leader] = leaders.try_emplace(number, server.get(), *term.leader).first->second;
            if (leader != *term.leader)
                return fail(
                    fmt::format("term {} has two different leaders: {} says that the leader is {} and {} "
                                "says that the leader is {}",
                                number, who->path(), names(leader), server->path(), names(*term.leader)));
        }
    return {};
}

/// Leader completeness: what was committed in one term is in the logs of the leaders of all later ones.
Result<> check_completeness(const Servers& servers) {
    for (const auto& leader : servers)
        for (const auto& [number, term] : leader->terms())
            for (const auto& other : servers)
                for (const auto& [earlier, seen] : other->terms()) {
                    if (term.log_end == 0 || earlier >= number || seen.commit_index < term.log_end) continue;
                    return fail(fmt::format(
                        "leader {} for term {} has log entries only up to index {}, but index {} was "
                        "committed in a previous term (e.g. by {})",
                        leader->path(), number, term.log_end - 1, seen.commit_index, other->path()));
                }
    return {};
}

std::string shown(const RaftEntry& entry) {
    codec::Json json = codec::Json::object({{"term", entry.term}});
    if (entry.data) {
        json.object()->set("data", *entry.data);
        json.object()->set("eid", entry.eid.to_string());
    }
    if (entry.election_timer) json.object()->set("election_timer", *entry.election_timer);
    if (!entry.servers) return codec::format_json(json);
    codec::JsonObject addresses;
    for (const auto& [id, address] : *entry.servers) addresses.set(id.to_string(), address);
    json.object()->set("servers", std::move(addresses));
    return codec::format_json(json);
}

/// Log matching: entries of one index and term are the same. State machine safety: so are those of one index
/// that are committed.
Result<> check_logs(const Servers& servers) {
    std::map<uint64_t, std::vector<std::pair<const Server*, const RaftEntry*>>> all;
    for (const auto& server : servers)
        for (const auto& [index, entry] : server->log()) all[index].emplace_back(server.get(), entry);
    for (const auto& [index, entries] : all)
        for (const auto& [a_server, a] : entries)
            for (const auto& [b_server, b] : entries) {
                const bool committed = index <= a_server->commit_index() && index <= b_server->commit_index();
                if (*a == *b || (a->term != b->term && !committed)) continue;
                return fail(fmt::format("log entries with index {} differ:\n{} has {}\n{} has {}", index,
                                        a_server->path(), shown(*a), b_server->path(), shown(*b)));
            }
    return {};
}

}  // namespace

Result<Done> check_cluster(Context& c, Args args) {
    Servers servers;
    Names names;
    for (const std::string& path : args) {
        RaftFile file = TRY(read_raft(c, path));
        if (!file.header.has_joined()) {
            std::printf("%s has not joined the cluster, omitting\n", path.c_str());
            continue;
        }
        auto server = std::make_unique<Server>(std::move(file));
        TRY(check_header(servers, *server));
        names.add(server->header(), path);
        servers.push_back(std::move(server));
    }
    for (const auto& server : servers) TRY(server->replay(names));
    if (std::ranges::all_of(servers, [](const auto& server) { return server->terms().empty(); }))
        return fail("all logs are empty");
    TRY(check_leaders(servers, names));
    TRY(check_completeness(servers));
    TRY(check_logs(servers));
    return Done{};
}

}  // namespace weft::apps::ovsdb_tool
