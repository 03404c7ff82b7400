// SPDX-License-Identifier: Apache-2.0
// Appending to the log: one Txn that compares the head. A large entry is uploaded in parts before, while the
// key "writer" keeps the others from appending; they are visible with the entry that names them.
#include "store/etcd_state.h"

namespace weft::store::etcd {
namespace {

constexpr Duration lost_interval = 1s;  ///< when nothing tells why a Txn failed

Compare compare(std::string key, int64_t revision) { return {std::move(key), revision}; }

Operation put(std::string key, std::string value, int64_t lease = 0) {
    return {.key = std::move(key), .value = std::move(value), .lease = lease};
}

}  // namespace

void EtcdDatabase::propose(ovsdb::ClusterProposal proposal) {
    pending_ = std::make_unique<Pending>();
    pending_->id = proposal.id;
    pending_->text = format_entry(proposal);
    pending_->locks = std::move(proposal.locks);
    if (pending_->text.size() > part_size) {
        pending_->parts = split(pending_->text);
        pending_->text = format_parts(proposal.id, pending_->parts.size());
    }
    retry_send_.at(loop_.now());
}

void EtcdDatabase::send() {
    if (!pending_ || pending_->is_sending || !state().connected) return;
    for (const std::string& lock : pending_->locks) {
        if (holds(lock)) continue;
        const Uuid id = pending_->id;
        pending_.reset();
        server_.cluster_void(name_, id);
        return changed();
    }
    const bool is_writer = holds_key("writer");
    if (!is_writer && keys_.holders.contains("writer")) return;  // its end will be seen
    pending_->is_sending = true;
    if (!pending_->parts.empty() && !is_writer) return take_writer();
    if (pending_->uploaded < pending_->parts.size()) return upload_part();
    append();
}

void EtcdDatabase::take_writer() {
    Txn txn;
    txn.compares = {compare(key("writer"), 0)};
    txn.operations = {put(key("writer"), own_value(), lease_)};
    client_->txn(std::move(txn), [this, id = pending_->id, seen = seen_,
                                  value = own_value()](const Outcome<TxnOutcome>& done) {
        if (!done) return send_failed(id, done.error());
        if (!done->succeeded) return lost(id, seen);
        keys_.holders["writer"] = {value, done->revision};
        if (!pending_ || pending_->id != id) return changed();
        pending_->is_sending = false;
        send();
    });
}

void EtcdDatabase::upload_part() {
    const size_t number = pending_->uploaded;
    Txn txn;
    txn.compares = {compare(key("writer"), keys_.holders["writer"].revision)};
    txn.operations = {put(key(part_key(index_ + 1, pending_->id, number)), pending_->parts[number])};
    client_->txn(std::move(txn), [this, id = pending_->id, seen = seen_](const Outcome<TxnOutcome>& done) {
        if (!done) return send_failed(id, done.error());
        if (!done->succeeded) return lost(id, seen);
        if (!pending_ || pending_->id != id) return;
        ++pending_->uploaded;
        pending_->is_sending = false;
        send();
    });
}

void EtcdDatabase::append() {
    const uint64_t index = index_ + 1;
    Txn txn;
    const bool is_writer = holds_key("writer");
    txn.compares = {compare(key("head"), keys_.head_revision),
                    compare(key("writer"), is_writer ? keys_.holders["writer"].revision : 0)};
    for (const std::string& lock : pending_->locks)
        txn.compares.push_back(compare(key("lock/" + lock), keys_.holders["lock/" + lock].revision));
    txn.operations = {put(key(log_key(index)), pending_->text), put(key("head"), hex(index))};
    if (is_writer) txn.operations.push_back({.what = Operation::What::erase, .key = key("writer")});
    client_->txn(std::move(txn), [this, id = pending_->id, seen = seen_](const Outcome<TxnOutcome>& done) {
        if (!done) return send_failed(id, done.error());
        if (!done->succeeded) return lost(id, seen);
        refusal_.clear();  // the watch brings it
    });
}

void EtcdDatabase::send_failed(const Uuid& proposal, const Failure& failure) {
    if (!pending_ || pending_->id != proposal) return;
    pending_->is_sending = false;
    LOG(options_.log, dbg, "{}: a proposal was not taken: {}", name_, failure.message);
    if (failure.kind == Failure::Kind::unavailable) {
        // It may have been appended: then the next try fails for its comparison, and the watch brings it.
        retry_send_.after(retry_interval);
        return;
    }
    refusal_ = failure.message;
    LOG(options_.log, err, "{}: etcd refuses a transaction: {}", name_, refusal_);
    pending_.reset();
    server_.cluster_refused(name_, proposal, Error{refusal_});
    changed();
}

void EtcdDatabase::lost(const Uuid& proposal, uint64_t seen) {
    if (!pending_ || pending_->id != proposal) return;
    pending_->is_sending = false;
    if (seen != seen_) return send();  // what it failed for may be over
    retry_send_.after(lost_interval);  // the watch comes first, normally
}

void EtcdDatabase::catch_up() {
    ++head_number_;
    wants_head_ = true;
    barrier_ = 0;
    retry_head_.at(loop_.now());
}

void EtcdDatabase::read_head() {
    if (!wants_head_ || is_reading_head_ || !state().connected) return;
    is_reading_head_ = true;
    client_->range({.key = key("head"), .end = {}},
                   [this, number = head_number_](const Outcome<RangeOutcome>& head) {
                       is_reading_head_ = false;
                       if (!head || number != head_number_ || head->kvs.empty()) {
                           retry_head_.after(number != head_number_ ? Duration::zero() : retry_interval);
                           return;
                       }
                       wants_head_ = false;
                       barrier_ = head->kvs[0].mod_revision;
                       check_barrier();
                       options_.pump();
                   });
}

void EtcdDatabase::check_barrier() {
    if (barrier_ == 0 || keys_.head_revision < barrier_ || loading_) return;
    barrier_ = 0;
    server_.cluster_caught_up(name_, loop_.now());
}

}  // namespace weft::store::etcd
