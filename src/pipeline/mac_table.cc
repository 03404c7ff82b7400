// SPDX-License-Identifier: Apache-2.0
#include "pipeline/mac_table.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <map>
#include <mutex>
#include <set>
#include <shared_mutex>

#include "base/hash.h"

namespace weft::pipeline {

namespace {

using Key = uint64_t;  // VLAN and address

Key key_of(uint16_t vlan, Mac mac) { return uint64_t{vlan} << 48 | mac.to_u64(); }

struct Node {
    Key key;
    BundleId port;              // written under the shard's lock and `change`
    std::atomic<int64_t> used;  // written by whoever refreshes
    int64_t listed;             // `used` as of its place in its port's list
    uint64_t sequence;          // of creation: orders equal times
    bool is_static;
};

/// Least recently listed first.
struct ByAge {
    bool operator()(const Node* a, const Node* b) const {
        return a->listed != b->listed ? a->listed < b->listed : a->sequence < b->sequence;
    }
};

int64_t ticks(Time t) { return t.time_since_epoch().count(); }

}  // namespace

/// Lock order: `change`, then one shard. A refresh takes its shard's lock shared and moves nothing, so a
/// place in a port's list may be older than the entry; whoever needs the oldest brings the front of the list
/// up to date first.
struct MacTable::Impl {
    struct alignas(64) Shard {
        mutable std::shared_mutex lock;
        boost::unordered_flat_map<Key, std::unique_ptr<Node>> nodes;
    };
    using Ages = std::set<Node*, ByAge>;

    std::array<Shard, 16> shards;
    mutable std::mutex change;       ///< guards all below, and membership of shards
    std::map<BundleId, Ages> ports;  ///< dynamic entries
    Duration aging;
    size_t limit, count = 0, static_count = 0;
    uint64_t sequence = 0;
    Stats totals;

    Shard& shard(Key key) { return shards[hash_mix(1, key) >> 60]; }
    const Shard& shard(Key key) const { return shards[hash_mix(1, key) >> 60]; }

    static Node* find(const Shard& s, Key key) {
        const auto it = s.nodes.find(key);
        return it == s.nodes.end() ? nullptr : it->second.get();
    }

    void list(Node* n) { ports[n->port].insert(n); }
    void unlist(Node* n) {
        const auto it = ports.find(n->port);
        it->second.erase(n);
        if (it->second.empty()) ports.erase(it);
    }

    Node* insert(Key key, BundleId port, Time now, bool is_static) {
        auto node = std::make_unique<Node>(key, port, ticks(now), ticks(now), sequence++, is_static);
        Node* n = node.get();
        Shard& s = shard(key);
        const std::unique_lock hold(s.lock);
        s.nodes.emplace(key, std::move(node));
        ++count;
        return n;
    }
    void erase(Node* n) {
        if (n->is_static)
            --static_count;
        else
            unlist(n);
        --count;
        Shard& s = shard(n->key);
        const std::unique_lock hold(s.lock);
        s.nodes.erase(n->key);
    }
    void move(Node* n, BundleId port, Time now) {
        unlist(n);
        {
            const std::unique_lock hold(shard(n->key).lock);
            n->port = port;
        }
        n->used.store(ticks(now), std::memory_order_relaxed);
        n->listed = ticks(now);
        list(n);
    }

    /// The least recently used entry of a port's list, brought up to date.
    static Node* oldest(Ages& ages) {
        for (;;) {
            Node* n = *ages.begin();
            const int64_t used = n->used.load(std::memory_order_relaxed);
            if (used == n->listed) return n;
            ages.erase(ages.begin());
            n->listed = used;
            ages.insert(n);
        }
    }
    /// Makes room for one entry; false if only static ones are left.
    bool make_room() {
        if (count < limit) return true;
        Ages* largest = nullptr;
        for (auto& [port, ages] : ports)
            if (!largest || ages.size() > largest->size()) largest = &ages;
        if (!largest) return false;
        erase(oldest(*largest));
        ++totals.evicted;
        return true;
    }
    void shrink() {
        while (count > limit && !ports.empty()) make_room();
    }

    template <class Which>
    bool erase_if(Which&& which) {
        std::vector<Node*> doomed;
        for (const Shard& s : shards)
            for (const auto& [key, n] : s.nodes)
                if (which(*n)) doomed.push_back(n.get());
        for (Node* n : doomed) erase(n);
        return !doomed.empty();
    }
};

MacTable::MacTable(Duration aging, size_t limit) : impl_(std::make_unique<Impl>()) {
    impl_->aging = aging;
    impl_->limit = limit;
}
MacTable::~MacTable() = default;

std::optional<BundleId> MacTable::lookup(uint16_t vlan, Mac mac) const {
    const Key key = key_of(vlan, mac);
    const auto& s = impl_->shard(key);
    const std::shared_lock hold(s.lock);
    const Node* n = Impl::find(s, key);
    if (!n) return std::nullopt;
    return n->port;
}

MacTable::Change MacTable::would_learn(uint16_t vlan, Mac mac, BundleId port) const {
    const Key key = key_of(vlan, mac);
    const auto& s = impl_->shard(key);
    const std::shared_lock hold(s.lock);
    const Node* n = Impl::find(s, key);
    if (!n) return Change::learned;
    return n->is_static || n->port == port ? Change::none : Change::moved;
}

MacTable::Change MacTable::learn(uint16_t vlan, Mac mac, BundleId port, Time now) {
    const Key key = key_of(vlan, mac);
    auto& s = impl_->shard(key);
    {  // Nearly always the entry is there and only gets younger.
        const std::shared_lock hold(s.lock);
        Node* n = Impl::find(s, key);
        if (n && (n->is_static || n->port == port)) {
            const int64_t t = ticks(now);
            int64_t seen = n->used.load(std::memory_order_relaxed);
            while (seen < t && !n->used.compare_exchange_weak(seen, t, std::memory_order_relaxed)) {
            }
            return Change::none;
        }
    }
    const std::lock_guard hold(impl_->change);
    Node* n = Impl::find(s, key);
    if (n && (n->is_static || n->port == port)) return Change::none;  // another thread was faster
    if (!n && !impl_->make_room()) return Change::none;
    if (n) {
        impl_->move(n, port, now);
        ++impl_->totals.moved;
    } else {
        impl_->list(impl_->insert(key, port, now, false));
        ++impl_->totals.learned;
    }
    changes_.fetch_add(1, std::memory_order_release);
    return n ? Change::moved : Change::learned;
}

bool MacTable::add_static(uint16_t vlan, Mac mac, BundleId port, Time now) {
    const Key key = key_of(vlan, mac);
    const std::lock_guard hold(impl_->change);
    if (Node* n = Impl::find(impl_->shard(key), key)) impl_->erase(n);
    if (!impl_->make_room()) return false;
    impl_->insert(key, port, now, true);
    ++impl_->static_count;
    changes_.fetch_add(1, std::memory_order_release);
    return true;
}

bool MacTable::remove(uint16_t vlan, Mac mac) {
    const Key key = key_of(vlan, mac);
    const std::lock_guard hold(impl_->change);
    Node* n = Impl::find(impl_->shard(key), key);
    if (!n) return false;
    impl_->erase(n);
    changes_.fetch_add(1, std::memory_order_release);
    return true;
}

void MacTable::flush() {
    const std::lock_guard hold(impl_->change);
    if (impl_->erase_if([](const Node& n) { return !n.is_static; }))
        changes_.fetch_add(1, std::memory_order_release);
}

void MacTable::flush(BundleId port) {
    const std::lock_guard hold(impl_->change);
    if (impl_->erase_if([&](const Node& n) { return n.port == port; }))
        changes_.fetch_add(1, std::memory_order_release);
}

void MacTable::flush_vlans(const std::array<uint64_t, 64>& vlans) {
    const std::lock_guard hold(impl_->change);
    const auto doomed = [&](const Node& n) {
        const size_t vlan = n.key >> 48;
        return !n.is_static && (vlans[vlan / 64] >> vlan % 64 & 1);
    };
    if (impl_->erase_if(doomed)) changes_.fetch_add(1, std::memory_order_release);
}

Time MacTable::run(Time now) {
    const std::lock_guard hold(impl_->change);
    const int64_t aging = impl_->aging.count();
    int64_t next = ticks(never);
    bool changed = false;
    for (auto it = impl_->ports.begin(); it != impl_->ports.end();) {
        auto& ages = it++->second;  // erasing the last entry of a port erases the port
        for (size_t left = ages.size(); left > 0; --left) {
            Node* n = Impl::oldest(ages);
            if (n->listed + aging > ticks(now)) {
                next = std::min(next, n->listed + aging);
                break;
            }
            impl_->erase(n);
            ++impl_->totals.expired;
            changed = true;
        }
    }
    if (changed) changes_.fetch_add(1, std::memory_order_release);
    return Time(Duration(next));
}

void MacTable::set_aging(Duration aging) {
    const std::lock_guard hold(impl_->change);
    impl_->aging = aging;
}

void MacTable::set_limit(size_t limit) {
    const std::lock_guard hold(impl_->change);
    impl_->limit = limit;
    const size_t before = impl_->count;
    impl_->shrink();
    if (impl_->count != before) changes_.fetch_add(1, std::memory_order_release);
}

std::vector<MacTable::Entry> MacTable::entries() const {
    const std::lock_guard hold(impl_->change);
    std::vector<std::pair<uint64_t, Entry>> found;
    for (const auto& s : impl_->shards)
        for (const auto& [key, n] : s.nodes)
            found.emplace_back(n->sequence,
                               Entry{.mac = Mac::from_u64(key & 0xffff'ffff'ffff),
                                     .vlan = static_cast<uint16_t>(key >> 48),
                                     .port = n->port,
                                     .used = Time(Duration(n->used.load(std::memory_order_relaxed))),
                                     .is_static = n->is_static});
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
        const auto rank = [](const auto& x) {
            return std::tuple(x.second.is_static, x.second.is_static ? Time{} : x.second.used, x.first);
        };
        return rank(a) < rank(b);
    });
    std::vector<Entry> out;
    out.reserve(found.size());
    for (auto& [sequence, entry] : found) out.push_back(entry);
    return out;
}

MacTable::Stats MacTable::stats() const {
    const std::lock_guard hold(impl_->change);
    Stats s = impl_->totals;
    s.entries = impl_->count;
    s.max_entries = impl_->limit;
    s.static_entries = impl_->static_count;
    return s;
}

void MacTable::clear_stats() {
    const std::lock_guard hold(impl_->change);
    impl_->totals = {};
}

}  // namespace weft::pipeline
