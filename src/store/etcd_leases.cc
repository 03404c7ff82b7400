// SPDX-License-Identifier: Apache-2.0
// The lease, and the keys that live as long as it does: leader, writer, locks, the server's own.
#include <algorithm>

#include "store/etcd_state.h"

namespace weft::store::etcd {

void EtcdDatabase::keep_lease() {
    if (is_keeping_) return;
    is_keeping_ = true;
    const Time sent = loop_.now();
    if (lease_ != 0)
        return client_->keep_lease(lease_, [this, sent](const Outcome<>& kept) { lease_kept(kept, sent); });
    client_->grant_lease(options_.lease, [this, sent](const Outcome<int64_t>& granted) {
        if (granted) lease_ = *granted;
        lease_kept(granted ? Outcome<>() : std::unexpected(granted.error()), sent);
    });
}

void EtcdDatabase::lease_kept(const Outcome<>& kept, Time sent) {
    using Kind = Failure::Kind;
    is_keeping_ = false;
    const bool was_valid = is_lease_valid();
    if (kept) {
        // Counted from before the request, so that it ends here before it ends there.
        lease_until_ = sent + options_.lease;
        expiry_timer_.at(lease_until_);
        lease_timer_.at(sent + Duration(options_.lease) / 4);
        if (!loading_) complain("");
        review_keys();
        if (!was_valid) changed();
        return;
    }
    const Failure& failure = kept.error();
    LOG(options_.log, dbg, "{}: the lease was not kept: {}", name_, failure.message);
    if (lease_ != 0 && failure.kind == Kind::refused) {  // it is over
        lease_ = 0;
        lease_timer_.at(loop_.now());
        return changed();
    }
    lease_timer_.after(failure.kind == Kind::unavailable ? retry_interval : refused_interval);
    if (failure.kind != Kind::unavailable && opened_) return opened(fail(failure.message));
    if (!is_lease_valid()) {
        complain(failure.message);
        changed();
    }
}

bool EtcdDatabase::holds_key(const std::string& name) const {
    const auto it = keys_.holders.find(name);
    return it != keys_.holders.end() && is_lease_valid() && it->second.value == own_value();
}

void EtcdDatabase::take_key(const std::string& name) {
    if (!is_lease_valid() || !taking_.insert(name).second) return;
    const bool is_server = name.starts_with("server/");
    Txn txn;
    txn.compares = {{.key = key(name), .mod_revision = 0}};
    txn.operations = {{.key = key(name), .value = is_server ? options_.about : own_value(), .lease = lease_}};
    // Whatever becomes of it, the watch tells; no answer at all is made good by the next review_keys().
    client_->txn(std::move(txn), [this, name](const Outcome<TxnOutcome>&) { taking_.erase(name); });
}

void EtcdDatabase::give_key(const std::string& name) {
    const Holder held = keys_.holders[name];
    keys_.holders.erase(name);
    Txn txn;
    txn.compares = {{.key = key(name), .mod_revision = held.revision}};
    txn.operations = {{.what = Operation::What::erase, .key = key(name)}};
    client_->txn(std::move(txn), [this, name, held](const Outcome<TxnOutcome>& done) {
        if (!done) keys_.holders.try_emplace(name, held);  // review_keys() tries again
    });
}

void EtcdDatabase::review_keys() {
    for (const std::string& name : wanted_)
        if (!keys_.holders.contains(name)) take_key(name);
    if (const std::string sid = sid_.to_string(); !keys_.servers.contains(sid)) take_key("server/" + sid);
    std::vector<std::string> spare;
    for (const auto& [name, holder] : keys_.holders)
        if (name.starts_with("lock/") && !wanted_.contains(name) && holds_key(name)) spare.push_back(name);
    for (const std::string& name : spare) give_key(name);
}

void EtcdDatabase::want(const std::string& lock) {
    const std::string name = "lock/" + lock;
    if (wanted_.insert(name).second && !keys_.holders.contains(name)) take_key(name);
}

void EtcdDatabase::steal(const std::string& lock) {
    const std::string name = "lock/" + lock;
    wanted_.insert(name);
    if (!is_lease_valid() || holds_key(name)) return;
    Txn txn;
    txn.operations = {{.key = key(name), .value = own_value(), .lease = lease_}};
    client_->txn(std::move(txn), [](const Outcome<TxnOutcome>&) {});
}

void EtcdDatabase::release(const std::string& lock) {
    const std::string name = "lock/" + lock;
    if (wanted_.erase(name) && holds_key(name)) give_key(name);
}

}  // namespace weft::store::etcd
