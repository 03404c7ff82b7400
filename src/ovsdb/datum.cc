// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/datum.h"

#include <algorithm>
#include <atomic>
#include <memory>

#include "base/hash.h"

namespace weft::ovsdb {

/// The atoms follow it in memory: n keys, and in a map n values.
struct Datum::Block {
    std::atomic<uint32_t> copies{1};
    bool is_map;
    size_t n;

    Atom* atoms() { return reinterpret_cast<Atom*>(this + 1); }
    size_t count() const { return is_map ? 2 * n : n; }

    static Block* make(size_t n, bool is_map) {
        const size_t count = is_map ? 2 * n : n;
        return new (::operator new(sizeof(Block) + count * sizeof(Atom))) Block{.is_map = is_map, .n = n};
    }
    void release() {
        if (copies.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
        std::destroy_n(atoms(), count());
        this->~Block();
        ::operator delete(this);
    }
};

Datum::Datum(Atom atom) : block_(Block::make(1, false)) { new (block_->atoms()) Atom(std::move(atom)); }

Datum Datum::set(std::vector<Atom> atoms) {
    DatumBuilder builder(false);
    builder.reserve(atoms.size());
    for (Atom& atom : atoms) builder.add(std::move(atom));
    return builder.build();
}

Datum Datum::map(std::vector<std::pair<Atom, Atom>> pairs) {
    DatumBuilder builder(true);
    builder.reserve(pairs.size());
    for (auto& [key, value] : pairs) builder.add(std::move(key), std::move(value));
    return builder.build();
}

Datum::Datum(const Datum& o) noexcept : block_(o.block_) {
    if (block_) block_->copies.fetch_add(1, std::memory_order_relaxed);
}

Datum& Datum::operator=(const Datum& o) noexcept {
    Datum copy(o);
    std::swap(block_, copy.block_);
    return *this;
}

Datum& Datum::operator=(Datum&& o) noexcept {
    std::swap(block_, o.block_);
    return *this;
}

Datum::~Datum() {
    if (block_) block_->release();
}

size_t Datum::size() const { return block_ ? block_->n : 0; }
bool Datum::is_map() const { return block_ && block_->is_map; }

std::span<const Atom> Datum::keys() const {
    return block_ ? std::span<const Atom>(block_->atoms(), block_->n) : std::span<const Atom>();
}

std::span<const Atom> Datum::values() const {
    return is_map() ? std::span<const Atom>(block_->atoms() + block_->n, block_->n) : std::span<const Atom>();
}

const Atom& Datum::scalar() const {
    CHECK(size() == 1);
    return block_->atoms()[0];
}

const Atom* Datum::find(const Atom& key) const {
    const auto all = keys();
    const auto it = std::lower_bound(all.begin(), all.end(), key);
    if (it == all.end() || *it != key) return nullptr;
    return is_map() ? &values()[static_cast<size_t>(it - all.begin())] : &*it;
}

std::span<const Atom> Datum::atoms() const {
    return block_ ? std::span<const Atom>(block_->atoms(), block_->count()) : std::span<const Atom>();
}

bool Datum::operator==(const Datum& o) const {
    return same(o) ||
           (size() == o.size() && is_map() == o.is_map() && std::ranges::equal(atoms(), o.atoms()));
}

int Datum::compare(const Datum& a, const Datum& b) {
    if (a.same(b)) return 0;
    if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
    for (size_t i = 0; i < a.size(); ++i)
        if (const int c = Atom::compare(a.keys()[i], b.keys()[i])) return c;
    for (size_t i = 0; i < a.values().size(); ++i)
        if (const int c = Atom::compare(a.values()[i], b.values()[i])) return c;
    return 0;
}

uint64_t Datum::hash() const {
    uint64_t h = size();
    for (const Atom& key : keys()) h = hash_mix(h, key.hash());
    for (const Atom& value : values()) h = hash_mix(h, value.hash());
    return h;
}

void DatumBuilder::reserve(size_t n) {
    keys_.reserve(n);
    if (is_map_) values_.reserve(n);
}

void DatumBuilder::add_range(const Datum& from, size_t begin, size_t end) {
    const auto add = [&](std::vector<Atom>& to, std::span<const Atom> atoms) {
        to.insert(to.end(), atoms.begin() + static_cast<ptrdiff_t>(begin),
                  atoms.begin() + static_cast<ptrdiff_t>(end));
    };
    add(keys_, from.keys());
    if (is_map_) add(values_, from.values());
}

void DatumBuilder::add(Atom key) { keys_.push_back(std::move(key)); }

void DatumBuilder::add(Atom key, Atom value) {
    keys_.push_back(std::move(key));
    values_.push_back(std::move(value));
}

Datum DatumBuilder::build_sorted() {
    Datum out;
    if (keys_.empty()) return out;
    out.block_ = Datum::Block::make(keys_.size(), is_map_);
    std::uninitialized_move(keys_.begin(), keys_.end(), out.block_->atoms());
    std::uninitialized_move(values_.begin(), values_.end(), out.block_->atoms() + keys_.size());
    keys_.clear();
    values_.clear();
    return out;
}

void DatumBuilder::sort() {
    if (!is_map_) {
        std::sort(keys_.begin(), keys_.end());
        return;
    }
    std::vector<size_t> order(keys_.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::sort(order, [&](size_t a, size_t b) {
        const int c = Atom::compare(keys_[a], keys_[b]);
        return c < 0 || (c == 0 && a < b);
    });
    std::vector<Atom> keys, values;
    keys.reserve(order.size());
    values.reserve(order.size());
    for (const size_t i : order) {
        keys.push_back(std::move(keys_[i]));
        values.push_back(std::move(values_[i]));
    }
    keys_ = std::move(keys);
    values_ = std::move(values);
}

Datum DatumBuilder::build(bool* duplicates) {
    const auto not_less = [](const Atom& a, const Atom& b) { return !(a < b); };
    if (std::ranges::adjacent_find(keys_, not_less) != keys_.end()) sort();
    size_t kept = keys_.empty() ? 0 : 1;
    for (size_t i = 1; i < keys_.size(); ++i) {
        if (keys_[i] == keys_[kept - 1]) continue;
        if (kept != i) {
            keys_[kept] = std::move(keys_[i]);
            if (is_map_) values_[kept] = std::move(values_[i]);
        }
        ++kept;
    }
    if (duplicates) *duplicates = kept < keys_.size();
    keys_.erase(keys_.begin() + static_cast<ptrdiff_t>(kept), keys_.end());
    if (is_map_) values_.erase(values_.begin() + static_cast<ptrdiff_t>(kept), values_.end());
    return build_sorted();
}

}  // namespace weft::ovsdb
