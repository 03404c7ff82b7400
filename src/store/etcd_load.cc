// SPDX-License-Identifier: Apache-2.0
// Reading the database and following its log.
#include <algorithm>

#include "store/etcd_state.h"

namespace weft::store::etcd {
namespace {

constexpr int64_t first_page = 32, max_page = 2000;  ///< keys
constexpr size_t page_bytes = 16u << 20;             ///< about

}  // namespace

void EtcdDatabase::load() {
    loading_ = std::make_unique<Loading>();
    loading_->from = options_.prefix;
    loading_->limit = first_page;
    load_page();
}

void EtcdDatabase::load_page() {
    client_->range({.key = loading_->from,
                    .end = end_of(options_.prefix),
                    .revision = loading_->keys.revision,
                    .limit = loading_->limit},
                   [this](Outcome<RangeOutcome> page) {
                       if (page)
                           loaded_page(std::move(*page));
                       else
                           loading_failed(page.error());
                   });
}

void EtcdDatabase::loaded_page(RangeOutcome page) {
    Keys& keys = loading_->keys;
    if (keys.revision == 0) keys.revision = page.revision;
    size_t bytes = 0;
    for (KeyValue& kv : page.kvs) {
        bytes += kv.value.size();
        loading_->from = kv.key + '\0';
        std::string name = kv.key.substr(options_.prefix.size());
        keys.set(std::move(name), std::move(kv));
    }
    if (page.more && !page.kvs.empty()) {
        const size_t average = bytes / page.kvs.size() + 1;
        loading_->limit = std::clamp(static_cast<int64_t>(page_bytes / average), first_page / 2, max_page);
        return load_page();
    }
    if (const auto finished = finish_loading(); !finished)
        return loading_failed({Failure::Kind::refused, finished.error().message});
    loading_.reset();
    complain("");
    watch();
    keep_lease();
    review_keys();
    changed();
}

Result<> EtcdDatabase::finish_loading() {
    Keys& keys = loading_->keys;
    if (keys.base_revision == 0)
        return fail("there is no database at " + options_.prefix.substr(0, options_.prefix.size() - 1) +
                    " in etcd: make one with \"ovsdb-tool create etcd://HOST:PORT/PREFIX SCHEMA\"");
    ovsdb::ClusterContents contents = TRY(keys.load_snapshot());
    uint64_t index = keys.base.index;
    while (const auto entry = TRY(keys.entry(index + 1))) {
        TRY(ovsdb::apply_entry(*entry, contents));
        keys.forget_entry(++index);
    }
    const std::string name = contents.db->schema().name;
    if (!name_.empty() && name != name_) return fail("the database in etcd is another one now: " + name);
    if (!name_.empty() && keys.base.cid != keys_.base.cid)
        LOG(options_.log, warn, "{}: the database in etcd has been made anew", name_);
    keys_ = std::move(keys);
    index_ = index;
    last_ = contents.last;
    pending_.reset();
    if (!name_.empty()) {
        server_.cluster_reloaded(name_, std::move(contents), loop_.now());
        return {};
    }
    TRY(server_.add_clustered(std::move(contents), *this, loop_.now()));
    name_ = name;
    return {};
}

void EtcdDatabase::loading_failed(const Failure& failure) {
    using Kind = Failure::Kind;
    if (failure.kind == Kind::compacted)
        return load();  // what was being read is gone: there is a newer snapshot
    const bool is_worth_waiting = failure.kind == Kind::unavailable;
    if (opened_ && (!is_worth_waiting || loop_.now() >= open_until_)) return opened(fail(failure.message));
    complain(failure.message);
    retry_load_.after(is_worth_waiting ? retry_interval : refused_interval);
    changed();
}

void EtcdDatabase::watch() {
    client_->watch(options_.prefix, keys_.revision + 1,
                   [this](Outcome<Watched> watched) { on_watched(std::move(watched)); });
}

void EtcdDatabase::on_watched(Outcome<Watched> watched) {
    if (loading_) return;
    if (!watched) {
        if (watched.error().kind == Failure::Kind::compacted) {
            LOG(options_.log, info, "{}: etcd has compacted what happened meanwhile: reading the snapshot",
                name_);
            return load();
        }
        if (watched.error().kind != Failure::Kind::unavailable) complain(watched.error().message);
        retry_watch_.after(retry_interval);
        return changed();
    }
    complain("");
    for (Event& event : watched->events) take_event(std::move(event));
    if (keys_.base_revision == 0) return load();  // taken away: says so
    if (const auto taken = take_entries(); !taken) {
        complain(taken.error().message);
        loading_ = std::make_unique<Loading>();
        retry_load_.after(refused_interval);
        return changed();
    }
    review_keys();
    check_barrier();
    changed();
}

void EtcdDatabase::take_event(Event event) {
    keys_.revision = std::max(keys_.revision, event.kv.mod_revision);
    std::string name = event.kv.key.substr(options_.prefix.size());
    if (!name.starts_with("part/")) ++seen_;
    if (event.erased)
        keys_.erase(name);
    else
        keys_.set(std::move(name), std::move(event.kv));
}

Result<> EtcdDatabase::take_entries() {
    keys_.log.erase(keys_.log.begin(), keys_.log.upper_bound(index_));
    keys_.snapshot.clear();  // other servers' business
    while (auto entry = TRY(keys_.entry(index_ + 1))) {
        last_ = entry->id;
        pending_.reset();  // this is it, or another came first
        keys_.forget_entry(++index_);
        TRY(server_.cluster_entry(name_, std::move(*entry), loop_.now()));
    }
    if (!keys_.log.empty()) return fail("entry " + std::to_string(index_ + 1) + " of the log is missing");
    return {};
}

}  // namespace weft::store::etcd
