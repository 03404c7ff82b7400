// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/datum.h"

#include <algorithm>
#include <memory>

#include "base/hash.h"
#include "ovsdb/datum_block.h"

namespace weft::ovsdb {
namespace {

/// Keys in a leaf: as many as are cut off a long row, and so few that it joins its neighbour.
constexpr size_t leaf_size = 64, leaf_min = 16;

}  // namespace

Datum::Datum(Atom atom) : block_(Block::make_leaf(1, false)) { new (block_->atoms()) Atom(std::move(atom)); }

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
    if (block_) block_->retain();
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

void Datum::Atoms::Iterator::enter() {
    const Block* leaf = next_++->leaf;
    at_ = leaf->atoms() + (values_ ? leaf->n : 0);
    leaf_end_ = at_ + leaf->n;
}

Datum::Atoms::Iterator Datum::Atoms::begin() const {
    Iterator out;
    if (!block_) return out;
    out.values_ = values_;
    if (block_->n_parts > 0) {
        out.next_ = block_->parts();
        out.last_ = out.next_ + block_->n_parts;
        out.enter();
        return out;
    }
    out.at_ = block_->atoms() + (values_ ? block_->n : 0);
    out.leaf_end_ = out.at_ + block_->n;
    return out;
}

Datum::Atoms::Iterator Datum::Atoms::end() const {
    Iterator out;
    if (!block_) return out;
    const Block* leaf = block_->n_parts > 0 ? block_->parts()[block_->n_parts - 1].leaf : block_;
    out.at_ = leaf->atoms() + (values_ ? leaf->n : 0) + leaf->n;
    return out;
}

size_t Datum::Atoms::size() const { return block_ ? block_->n : 0; }

const Atom& Datum::Atoms::operator[](size_t i) const {
    const auto [leaf, begin] = block_->leaf_of(i);
    return leaf->atoms()[i - begin + (values_ ? leaf->n : 0)];
}

const Atom& Datum::scalar() const {
    CHECK(size() == 1);
    return keys().front();
}

const Atom* Datum::find(const Atom& key) const {
    if (!block_) return nullptr;
    const Block* leaf = block_;
    if (leaf->n_parts > 0) {
        const auto ends_before = [&](const Part& p) { return p.leaf->atoms()[p.leaf->n - 1] < key; };
        const Part* part = std::partition_point(leaf->parts(), leaf->parts() + leaf->n_parts, ends_before);
        if (part == leaf->parts() + leaf->n_parts) return nullptr;
        leaf = part->leaf;
    }
    const Atom *begin = leaf->atoms(), *end = begin + leaf->n;
    const Atom* it = std::lower_bound(begin, end, key);
    if (it == end || *it != key) return nullptr;
    return is_map() ? it + leaf->n : it;
}

bool Datum::operator==(const Datum& o) const {
    if (same(o)) return true;
    if (size() != o.size() || is_map() != o.is_map()) return false;
    DatumWalk a(*this), b(o);
    while (!a.at_end()) {
        size_t n = 1;
        if (a.shares_leaf(b))
            n = a.left_in_leaf();
        else if (a.key() != b.key() || (is_map() && a.value() != b.value()))
            return false;
        a.advance(n);
        b.advance(n);
    }
    return true;
}

int Datum::compare(const Datum& a, const Datum& b) {
    if (a.same(b)) return 0;
    if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
    const auto order = [](const Atoms& of_a, const Atoms& of_b) {
        auto other = of_b.begin();
        for (const Atom& atom : of_a)
            if (const int c = Atom::compare(atom, *other++)) return c;
        return 0;
    };
    const int keys = order(a.keys(), b.keys());
    return keys || !a.is_map() || !b.is_map() ? keys : order(a.values(), b.values());
}

uint64_t Datum::hash() const {
    uint64_t h = size();
    for (const Atom& key : keys()) h = hash_mix(h, key.hash());
    for (const Atom& value : values()) h = hash_mix(h, value.hash());
    return h;
}

DatumBuilder::DatumBuilder(bool is_map) : is_map_(is_map) {}

DatumBuilder::~DatumBuilder() {
    for (const Datum::Part& part : leaves_) part.leaf->release();
}

size_t DatumBuilder::in_leaves() const { return leaves_.empty() ? 0 : leaves_.back().end; }

void DatumBuilder::reserve(size_t n) {
    keys_.reserve(n);
    if (is_map_) values_.reserve(n);
}

void DatumBuilder::copy_range(const Datum::Block& flat, size_t begin, size_t end) {
    keys_.insert(keys_.end(), flat.atoms() + begin, flat.atoms() + end);
    if (is_map_) values_.insert(values_.end(), flat.atoms() + flat.n + begin, flat.atoms() + flat.n + end);
}

void DatumBuilder::add_range(const Datum& from, size_t begin, size_t end) {
    if (begin == end) return;
    const Datum::Block& root = *from.block_;
    while (begin < end) {
        const auto [leaf, start] = root.leaf_of(begin);
        const size_t stop = std::min(end, start + leaf->n);
        const bool is_whole = root.n_parts > 0 && begin == start && stop == start + leaf->n;
        if (is_whole && leaf->n >= leaf_min && (keys_.empty() || keys_.size() >= leaf_min)) {
            end_leaves();
            auto* shared = const_cast<Datum::Block*>(leaf);
            shared->retain();
            leaves_.push_back({shared, in_leaves() + leaf->n});
        } else {
            copy_range(*leaf, begin - start, stop - start);
        }
        begin = stop;
    }
}

void DatumBuilder::add(Atom key) { keys_.push_back(std::move(key)); }

void DatumBuilder::add(Atom key, Atom value) {
    keys_.push_back(std::move(key));
    values_.push_back(std::move(value));
}

void DatumBuilder::end_leaf(size_t begin, size_t end) {
    auto* leaf = Datum::Block::make_leaf(end - begin, is_map_);
    std::uninitialized_move(keys_.data() + begin, keys_.data() + end, leaf->atoms());
    if (is_map_)
        std::uninitialized_move(values_.data() + begin, values_.data() + end, leaf->atoms() + leaf->n);
    leaves_.push_back({leaf, in_leaves() + leaf->n});
}

/// Makes leaves of what is not in any yet.
void DatumBuilder::end_leaves() {
    size_t begin = 0;
    for (; keys_.size() - begin >= 2 * leaf_size; begin += leaf_size) end_leaf(begin, begin + leaf_size);
    if (begin < keys_.size()) end_leaf(begin, keys_.size());
    keys_.clear();
    values_.clear();
}

void DatumBuilder::take_last_leaf_back() {
    std::vector<Atom> keys = std::exchange(keys_, {}), values = std::exchange(values_, {});
    Datum::Block* leaf = leaves_.back().leaf;
    copy_range(*leaf, 0, leaf->n);
    leaf->release();
    leaves_.pop_back();
    std::ranges::move(keys, std::back_inserter(keys_));
    std::ranges::move(values, std::back_inserter(values_));
}

Datum DatumBuilder::build_sorted() {
    Datum out;
    if (!keys_.empty() && keys_.size() < leaf_min && !leaves_.empty()) take_last_leaf_back();
    end_leaves();
    if (leaves_.empty()) return out;
    out.block_ = leaves_.size() == 1 ? leaves_.front().leaf : Datum::Block::make_row(leaves_, is_map_);
    leaves_.clear();
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
    CHECK(leaves_.empty());
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
