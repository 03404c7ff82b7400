// SPDX-License-Identifier: Apache-2.0
// Clustered databases. Transactions are answered in rounds: a round runs all that wait on what the database
// says, takes their changes back, and proposes them as one entry of the log. When that entry comes, they are
// made for good; when another server's comes first, they are run again on what that left. A round that would
// store nothing waits until the database has caught up with the log, so that nobody reads what is past.
#include <algorithm>

#include "codec/json_members.h"
#include "codec/json_text.h"
#include "ovsdb/convert.h"
#include "ovsdb/log_record.h"
#include "ovsdb/server_state.h"

namespace weft::ovsdb {
namespace {

using codec::Json;

constexpr size_t max_round = 500;  ///< transactions

Changes inverse(const Changes& changes) {
    Changes out = changes;
    for (RowChange& change : out.rows) std::swap(change.before, change.after);
    return out;
}

/// Of the transaction number `i` of an entry.
Uuid transaction_id(Uuid entry, size_t i) {
    entry.b[15] ^= static_cast<uint8_t>(i);
    entry.b[14] ^= static_cast<uint8_t>(i >> 8);
    return entry;
}

/// Changes from `db` to `now`, of the same schema; ephemeral columns stay.
Changes changes_to(const Database& db, const Snapshot& now, Prng& prng) {
    Changes out;
    for (const TableSchema& table : db.schema().tables)
        RowMap::compare(
            db.snapshot()[table], now.tables[table.index], [&](const Row* old_row, const Row* new_row) {
                if (!new_row)
                    return out.rows.push_back({table.index, old_row->uuid(), RowPtr::share(old_row), {}});
                RowEdit edit(RowPtr::share(new_row));
                if (old_row)
                    for (const ColumnSchema& column : table.columns)
                        if (column.is_ephemeral && column.index >= first_user_column)
                            edit.set(column.index, (*old_row)[column.index]);
                if (old_row && same_data(*old_row, edit.row())) return;
                edit.set_version(Uuid::random(prng));
                out.rows.push_back(
                    {table.index, new_row->uuid(), RowPtr::share(old_row), std::move(edit).take()});
            });
    return out;
}

std::unique_ptr<ChangeLog> changes_of(ClusterContents& contents, const Cluster& cluster, Time now) {
    return std::make_unique<ChangeLog>(ChangeLog::Options{.date_ms = [&cluster] { return cluster.date_ms(); },
                                                          .records = std::move(contents.notes),
                                                          .past = std::move(contents.past)},
                                       now);
}

}  // namespace

Result<> Server::add_clustered(ClusterContents contents, Cluster& cluster, Time now) {
    auto served = std::make_unique<Served>();
    served->db = std::move(contents.db);
    served->clustered = std::make_unique<Clustered>(cluster);
    served->changes = changes_of(contents, cluster, now);
    served->last_transaction = contents.last;
    served->history.add(contents.last, {}, served->db->snapshot());
    TRY(serve(std::move(served)));
    review_locks();
    return {};
}

bool Server::is_clustered() const {
    return std::ranges::any_of(databases_,
                               [](const auto& item) { return item.second->clustered != nullptr; });
}

// ---- rounds

void Server::enqueue(Served& served, Blocked transaction, Time now) {
    served.clustered->queue.push_back(std::move(transaction));
    start_round(served, now);
}

void Server::start_round(Served& served, Time now) {
    Clustered& clustered = *served.clustered;
    if (clustered.round || clustered.queue.empty()) return;
    if (!clustered.log.state().connected) return refuse_queued(served, clustered.log.complaint());
    clustered.round.emplace();
    while (!clustered.queue.empty() && clustered.round->items.size() < max_round) {
        const Blocked& next = clustered.queue.front();
        const bool is_alone = next.convert_to || next.is_step();
        if (is_alone && !clustered.round->items.empty()) break;
        clustered.round->items.push_back({std::move(clustered.queue.front())});
        clustered.queue.pop_front();
        if (is_alone) break;
    }
    run_round(served, false, now);
}

void Server::run_round(Served& served, bool is_caught_up, Time now) {
    Clustered& clustered = *served.clustered;
    Round& round = *clustered.round;
    std::erase_if(round.items, [&](const Round::Item& item) { return !is_wanted(item.transaction); });
    round.proposal.reset();
    round.date_ms = served.changes->date_ms();
    if (!round.items.empty() && round.items.front().transaction.convert_to) {
        if (run_conversion(served)) return;
    } else if (!round.items.empty() && round.items.front().transaction.is_step()) {
        run_step(served, now);
    } else {
        run_batch(served, now);
    }
    if (round.proposal) return;
    if (!round.items.empty() && !is_caught_up) return clustered.log.catch_up();
    finish_round(served, std::nullopt, now);
    start_round(served, now);
}

bool Server::is_wanted(const Blocked& transaction) const {
    return !transaction.roll_back.empty() || sessions_.contains(transaction.session);
}

/// True if it was proposed; else it is answered.
bool Server::run_conversion(Served& served) {
    Round& round = *served.clustered->round;
    const Blocked& request = round.items.front().transaction;
    auto converted = ovsdb::convert(served.db->snapshot(), request.convert_to, prng_);
    if (!converted) {
        answer(request, std::unexpected(converted.error().to_json()));
        round.items.clear();
        return false;
    }
    round.converted = std::move(*converted);
    round.proposal = Uuid::random(prng_);
    ClusterProposal proposal{
        .id = *round.proposal, .records = {}, .schema = codec::format_json(request.convert_to->to_json())};
    std::string all =
        format_record(everything(round.converted->snapshot()), *request.convert_to, {.use_diff = false});
    if (!all.empty()) proposal.records.push_back(std::move(all));
    served.clustered->log.propose(std::move(proposal));
    return true;
}

void Server::run_batch(Served& served, Time now) {
    Round& round = *served.clustered->round;
    ClusterProposal proposal{.id = Uuid::random(prng_), .records = {}};
    std::vector<Changes> undo;
    for (auto it = round.items.begin(); it != round.items.end();) {
        TransactResult result = attempt(served, it->transaction, now, &proposal.locks);
        if (result.status == TransactResult::Status::blocked) {
            Blocked& b = it->transaction;
            b.deadline = result.deadline ? b.received + *result.deadline : never;
            b.tried_at = undo.empty() ? served.version : 0;  // not tried on what the database says
            served.blocked.push_back(std::move(b));
            it = round.items.erase(it);
            continue;
        }
        it->results = std::move(result.results);
        it->changes = std::move(result.changes);
        std::string record = format_record(it->changes, served.db->schema(), {.date_ms = round.date_ms});
        it->is_stored = !record.empty();
        if (it->is_stored) proposal.records.push_back(std::move(record));
        if (!it->changes.empty()) {
            served.db->commit(it->changes);
            undo.push_back(inverse(it->changes));
        }
        ++it;
    }
    for (; !undo.empty(); undo.pop_back()) served.db->commit(undo.back());
    if (proposal.records.empty()) return;
    round.proposal = proposal.id;
    served.clustered->log.propose(std::move(proposal));
}

/// What is recorded of it stands in the log with what it changes.
void Server::run_step(Served& served, Time now) {
    Round& round = *served.clustered->round;
    Round::Item& item = round.items.front();
    const Blocked& request = item.transaction;
    ClusterProposal proposal{.id = Uuid::random(prng_), .records = {}};
    served.changes->set_next_date_ms(round.date_ms);
    Planned planned = request.roll_back.empty() ? plan(served, request, now, &proposal.locks)
                                                : plan_roll_back(served, request.roll_back);
    served.changes->forget_date();
    const auto failed = [](const Json& error) { return Reply(std::unexpected(error)); };
    item.results = planned ? Reply(std::move(planned->reply)) : failed(planned.error());
    Step step = planned ? std::move(*planned) : Step();
    std::string record = format_record(step.changes, served.db->schema(), {.date_ms = round.date_ms});
    item.is_stored = !record.empty();
    if (item.is_stored) proposal.records.push_back(std::move(record));
    if (step.begins) proposal.notes.push_back(codec::format_json(record_of(*step.begins)));
    if (step.ends) proposal.notes.push_back(codec::format_json(record_of(*step.ends)));
    item.changes = std::move(step.changes);
    item.begins = std::move(step.begins);
    item.ends = std::move(step.ends);
    if (proposal.records.empty() && proposal.notes.empty()) return;
    round.proposal = proposal.id;
    served.clustered->log.propose(std::move(proposal));
}

/// Makes for good what the round did.
void Server::finish_round(Served& served, std::optional<Uuid> entry, Time now) {
    Round round = std::move(*std::exchange(served.clustered->round, std::nullopt));
    if (round.converted) {
        replace_contents(served, std::move(round.converted));
        served.last_transaction = *entry;
        update_server_row(served, true);
        answer(round.items.front().transaction, "{}");
        return databases_changed("committed " + served.name() + " database schema conversion");
    }
    size_t number = 0;
    for (Round::Item& item : round.items) {
        served.changes->set_next_date_ms(round.date_ms);
        if (item.is_stored)
            commit(served, std::move(item.changes), transaction_id(*entry, number++));
        else if (!item.changes.empty())
            commit(served, std::move(item.changes));
        if (item.begins) served.changes->take(record_of(*item.begins), now);
        if (item.ends) {
            served.changes->take(record_of(*item.ends), now);
            tell_end(served, *item.ends);
        }
        answer(item.transaction, item.results);
    }
}

void Server::abandon_round(Served& served) {
    Clustered& clustered = *served.clustered;
    if (!clustered.round) return;
    Round round = std::move(*std::exchange(clustered.round, std::nullopt));
    for (auto it = round.items.rbegin(); it != round.items.rend(); ++it)
        if (is_wanted(it->transaction)) clustered.queue.push_front(std::move(it->transaction));
}

void Server::answer(const Blocked& transaction, const Reply& result) {
    const auto it = sessions_.find(transaction.session);
    if (it == sessions_.end()) return;
    if (it->second->congested) catch_up(*it->second);  // what it changed comes before the result
    reply(*it->second, transaction.id, result);
}

void Server::refuse_queued(Served& served, const std::string& why) {
    Clustered& clustered = *served.clustered;
    const auto refuse = [&](const Blocked& transaction, bool in_doubt) {
        const OpError error = io_error({served.name() + ": " + why +
                                        (in_doubt ? "; whether the transaction was made is not known" : "")});
        if (!transaction.roll_back.empty()) return put_off(served, transaction, error.details);
        if (transaction.convert_to || transaction.is_step())
            return answer(transaction, std::unexpected(error.to_json()));
        answer(transaction, codec::format_json(Json(codec::JsonArray{error.to_json()})));
    };
    if (clustered.round) {
        const Round round = std::move(*std::exchange(clustered.round, std::nullopt));
        for (const Round::Item& item : round.items) refuse(item.transaction, round.proposal.has_value());
    }
    for (const Blocked& transaction : std::exchange(clustered.queue, {})) refuse(transaction, false);
}

/// A roll-back that could not be made is made later.
void Server::put_off(Served& served, const Blocked& transaction, const std::string& why) {
    LOG(log_, err, "{}: transaction {} is not rolled back yet: {}", served.name(), transaction.roll_back,
        why);
    auto* pending = served.changes->find_pending(transaction.roll_back);
    if (!pending) return;
    pending->in_hand = false;
    pending->due = transaction.received + roll_back_retry_interval;
}

// ---- what the log says

Result<> Server::cluster_entry(const std::string& name, ClusterEntry entry, Time now) {
    Served& served = *databases_.at(name);
    const auto& round = served.clustered->round;
    if (round && round->proposal == entry.id) {
        finish_round(served, entry.id, now);
        return {};
    }
    if (round && round->proposal) abandon_round(served);
    return take_entry(served, entry, now);
}

Result<> Server::take_entry(Served& served, const ClusterEntry& entry, Time now) {
    if (entry.schema) {
        ClusterContents contents;
        TRY(apply_entry(entry, contents));
        replace_contents(served, std::move(contents.db));
        served.last_transaction = entry.id;
        update_server_row(served, true);
        databases_changed("committed " + served.name() + " database schema conversion");
        return {};
    }
    for (size_t i = 0; i < entry.records.size(); ++i) {
        auto changes = parse_record(entry.records[i], served.db->snapshot());
        if (!changes) return std::unexpected(changes.error().to_error());
        for (RowChange& change : changes->rows) {
            if (!change.after) continue;
            RowEdit edit(std::move(change.after));
            edit.set_version(Uuid::random(prng_));
            change.after = std::move(edit).take();
        }
        served.changes->set_next_date_ms(codec::integer_member(entry.records[i], "_date"));
        commit(served, std::move(*changes), transaction_id(entry.id, i));
    }
    for (const Json& note : entry.notes) served.changes->take(note, now);
    return {};
}

void Server::cluster_refused(const std::string& name, const Uuid& proposal, const Error& why) {
    Served& served = *databases_.at(name);
    auto& round = served.clustered->round;
    if (!round || round->proposal != proposal) return;
    round->items.remove_if([&](const Round::Item& item) {
        const Json error = io_error(why).to_json();
        if (!item.transaction.roll_back.empty()) {
            put_off(served, item.transaction, why.message);
        } else if (item.transaction.convert_to || item.transaction.is_step()) {
            answer(item.transaction, std::unexpected(error));
        } else if (item.is_stored) {
            std::string results = *item.results;  // they stand, followed by what went wrong
            results.back() = ',';
            codec::append_json(results, error);
            answer(item.transaction, results + "]");
        } else {
            return false;
        }
        return true;
    });
    abandon_round(served);
}

void Server::cluster_void(const std::string& name, const Uuid& proposal) {
    Served& served = *databases_.at(name);
    const auto& round = served.clustered->round;
    if (round && round->proposal == proposal) abandon_round(served);
}

void Server::cluster_caught_up(const std::string& name, Time now) {
    Served& served = *databases_.at(name);
    if (served.clustered->round && !served.clustered->round->proposal) run_round(served, true, now);
}

void Server::cluster_reloaded(const std::string& name, ClusterContents contents, Time now) {
    Served& served = *databases_.at(name);
    const Uuid last = contents.last;
    auto db = std::move(contents.db);
    if (served.clustered->round && served.clustered->round->proposal)
        refuse_queued(served, "the log was compacted meanwhile");
    served.changes = nullptr;  // all of it is in `contents`
    if (same_schema(served.db->schema(), db->schema())) {
        Changes changes = changes_to(*served.db, db->snapshot(), prng_);
        if (!changes.empty()) commit(served, std::move(changes), last);
    } else {
        replace_contents(served, std::move(db));
        served.last_transaction = last;
        update_server_row(served, true);
        databases_changed("received another schema of " + served.name() + " from its cluster");
    }
    served.changes = changes_of(contents, served.clustered->log, now);
}

void Server::cluster_changed(const std::string& name, Time now) {
    Served& served = *databases_.at(name);
    update_server_row(served, true);
    review_locks();
    if (!served.clustered->log.state().connected) refuse_queued(served, served.clustered->log.complaint());
    retry_blocked(served, now);
    roll_back_due(served, now);
}

// ---- locks

/// A lock counts when all clusters let this server have it.
bool Server::lock_is_ours(const std::string& lock) const {
    return std::ranges::all_of(databases_, [&](const auto& item) {
        return !item.second->clustered || item.second->clustered->log.holds(lock);
    });
}

/// Asks the clusters for the lock one after the other, so that two servers never wait for each other, and
/// tells its first client when they have granted or taken it.
void Server::review_lock(const std::string& lock) {
    if (!is_clustered()) return;
    const bool is_wanted = locks_.is_requested(lock);
    bool held_so_far = is_wanted;
    for (auto& [name, served] : databases_) {
        if (!served->clustered) continue;
        Cluster& log = served->clustered->log;
        if (held_so_far)
            log.want(lock);
        else
            log.release(lock);
        held_so_far = held_so_far && log.holds(lock);
    }
    if (!is_wanted) {
        granted_.erase(lock);
    } else if (held_so_far && granted_.insert(lock).second) {
        tell({{LockTable::Notice::What::locked, locks_.owner(lock), lock}});
    } else if (!held_so_far && granted_.erase(lock)) {
        tell({{LockTable::Notice::What::stolen, locks_.owner(lock), lock}});
    }
}

void Server::review_locks() {
    if (!is_clustered()) {
        granted_.clear();
        return;
    }
    std::vector<std::string> locks = locks_.names();
    locks.insert(locks.end(), granted_.begin(), granted_.end());
    for (const std::string& lock : locks) review_lock(lock);
}

}  // namespace weft::ovsdb
