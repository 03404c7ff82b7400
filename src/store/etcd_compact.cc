// SPDX-License-Identifier: Apache-2.0
// Snapshots: written beside the log, then put in the place of the log up to them by one Txn.
#include "store/etcd_state.h"

namespace weft::store::etcd {
namespace {

constexpr uint64_t min_log_size = 4u << 20, max_entries = 10'000;

/// Writes chunks number `written` and up, one a Txn.
void put_chunks(Client& client, const std::string& prefix, const Uuid& id,
                std::shared_ptr<std::vector<std::string>> chunks, size_t written, Done<> done) {
    if (written == chunks->size()) return done({});
    Txn txn;
    txn.operations = {{.key = prefix + snapshot_key(id, written), .value = std::move((*chunks)[written])}};
    client.txn(std::move(txn), [&client, prefix, id, chunks, written,
                                done = std::move(done)](const Outcome<TxnOutcome>& put) mutable {
        if (!put) return done(std::unexpected(put.error()));
        put_chunks(client, prefix, id, chunks, written + 1, std::move(done));
    });
}

Operation erase(std::string from, std::string end) {
    return {.what = Operation::What::erase, .key = std::move(from), .end = std::move(end)};
}

}  // namespace

bool EtcdDatabase::is_due_for_compaction() const {
    if (compaction_ || !state().leader) return false;
    const uint64_t snapshot_size = keys_.base.chunks * part_size;
    return keys_.log_size >= std::max(min_log_size, snapshot_size) ||
           index_ - keys_.base.index >= max_entries;
}

void EtcdDatabase::compact(std::move_only_function<void(Result<>)> done) {
    if (compaction_) return done(fail(name_ + " is being compacted"));
    if (!state().connected) return done(fail(name_ + ": " + complaint()));
    compaction_ = std::make_unique<Compaction>();
    compaction_->base = keys_.base;
    compaction_->base.snapshot = Uuid::random(prng_);
    compaction_->base.index = index_;
    compaction_->base.last = last_;
    compaction_->revision = keys_.revision;
    compaction_->base_revision = keys_.base_revision;
    compaction_->done = std::move(done);
    auto chunks = std::make_shared<std::vector<std::string>>();
    options_.aside(
        [chunks, contents = server_.database(name_)->snapshot(), notes = server_.change_records(name_)] {
            *chunks = split(snapshot_text(contents, notes));
        },
        [this, alive = alive_, chunks] {
            if (!*alive) return;
            compaction_->base.chunks = chunks->size();
            put_chunks(*client_, options_.prefix, compaction_->base.snapshot, chunks, 0,
                       [this](const Outcome<>& put) {
                           if (!put) return end_compaction(fail(put.error().message));
                           install_snapshot();
                       });
        });
}

void EtcdDatabase::install_snapshot() {
    const Base& base = compaction_->base;
    const std::string ours = key("snapshot/" + base.snapshot.to_string() + "/");
    Txn txn;
    txn.compares = {{.key = key("base"), .mod_revision = compaction_->base_revision}};
    txn.operations = {{.key = key("base"), .value = format_base(base)},
                      erase(key("log/"), key(log_key(base.index + 1))),
                      erase(key("part/"), key("part/" + hex(base.index + 1))),
                      erase(key("snapshot/"), ours),
                      erase(end_of(ours), end_of(key("snapshot/")))};
    client_->txn(std::move(txn), [this](const Outcome<TxnOutcome>& done) {
        if (!done) return end_compaction(fail(done.error().message));
        if (!done->succeeded) return end_compaction(fail("another server has compacted " + name_));
        client_->compact(compaction_->revision, [this](const Outcome<>& compacted) {
            // Another user of etcd may have compacted further.
            if (compacted || compacted.error().kind == Failure::Kind::compacted) return end_compaction({});
            end_compaction(fail(compacted.error().message));
        });
    });
}

void EtcdDatabase::end_compaction(Result<> result) {
    auto done = std::move(std::exchange(compaction_, nullptr)->done);
    done(std::move(result));
}

namespace {

Failure is_taken(const std::string& prefix) {
    return {Failure::Kind::refused,
            "there is a database at " + prefix.substr(0, prefix.size() - 1) + " in etcd already"};
}

void create_base(Client& client, const std::string& prefix, const Base& base, Done<> done) {
    Txn txn;
    txn.compares = {{.key = prefix + "base"}, {.key = prefix + "head"}};
    txn.operations = {{.key = prefix + "base", .value = format_base(base)},
                      {.key = prefix + "head", .value = hex(0)}};
    client.txn(std::move(txn), [prefix, done = std::move(done)](const Outcome<TxnOutcome>& made) mutable {
        if (!made) return done(std::unexpected(made.error()));
        if (!made->succeeded) return done(std::unexpected(is_taken(prefix)));
        done({});
    });
}

}  // namespace

void create(Client& client, const std::string& prefix, const ovsdb::Snapshot& contents, uint64_t seed,
            Done<> done) {
    Prng prng(seed);
    auto chunks = std::make_shared<std::vector<std::string>>(split(snapshot_text(contents, {})));
    const Base base{.cid = Uuid::random(prng),
                    .snapshot = Uuid::random(prng),
                    .chunks = chunks->size(),
                    .last = Uuid::random(prng)};
    client.range({.key = prefix + "base", .end = {}}, [&client, prefix, base, chunks, done = std::move(done)](
                                                          const Outcome<RangeOutcome>& there) mutable {
        if (!there) return done(std::unexpected(there.error()));
        if (!there->kvs.empty()) return done(std::unexpected(is_taken(prefix)));
        put_chunks(client, prefix, base.snapshot, chunks, 0,
                   [&client, prefix, base, done = std::move(done)](const Outcome<>& put) mutable {
                       if (!put) return done(std::unexpected(put.error()));
                       create_base(client, prefix, base, std::move(done));
                   });
    });
}

}  // namespace weft::store::etcd
