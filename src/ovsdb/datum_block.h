// SPDX-License-Identifier: Apache-2.0
// What a datum points to; for datum*.cc only.
#pragma once

#include <algorithm>
#include <atomic>
#include <tuple>

#include "ovsdb/datum.h"

namespace weft::ovsdb {

/// One leaf of a datum of many, and how many elements there are up to its end.
struct Datum::Part {
    Block* leaf;
    size_t end;
};

/// A leaf: behind it in memory come n keys, and in a map n values. Or a row of leaves: behind it come n_parts
/// parts, which share the leaves.
struct Datum::Block {
    std::atomic<uint32_t> copies{1};
    bool is_map;
    uint32_t n;
    uint32_t n_parts;

    Atom* atoms() { return reinterpret_cast<Atom*>(this + 1); }
    const Atom* atoms() const { return reinterpret_cast<const Atom*>(this + 1); }
    Part* parts() { return reinterpret_cast<Part*>(this + 1); }
    const Part* parts() const { return reinterpret_cast<const Part*>(this + 1); }
    size_t count() const { return is_map ? 2 * size_t{n} : n; }

    static Block* make_leaf(size_t n, bool is_map) {
        const size_t count = is_map ? 2 * n : n;
        return new (::operator new(sizeof(Block) + count * sizeof(Atom)))
            Block{.is_map = is_map, .n = static_cast<uint32_t>(n), .n_parts = 0};
    }
    /// Takes the references to the leaves over.
    static Block* make_row(const std::vector<Part>& parts, bool is_map) {
        auto* out = new (::operator new(sizeof(Block) + parts.size() * sizeof(Part)))
            Block{.is_map = is_map,
                  .n = static_cast<uint32_t>(parts.back().end),
                  .n_parts = static_cast<uint32_t>(parts.size())};
        std::ranges::copy(parts, out->parts());
        return out;
    }
    void retain() { copies.fetch_add(1, std::memory_order_relaxed); }
    void release() {
        if (copies.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
        if (n_parts == 0) std::destroy_n(atoms(), count());
        for (size_t i = 0; i < n_parts; ++i) parts()[i].leaf->release();
        this->~Block();
        ::operator delete(this);
    }

    /// The leaf that has element `i`, and where its elements begin.
    std::pair<const Block*, size_t> leaf_of(size_t i) const {
        if (n_parts == 0) return {this, 0};
        const Part* part = std::upper_bound(parts(), parts() + n_parts, i,
                                            [](size_t at, const Part& p) { return at < p.end; });
        return {part->leaf, part == parts() ? 0 : part[-1].end};
    }
};

/// Walks over the elements of a datum, leaf by leaf.
class DatumWalk {
  public:
    explicit DatumWalk(const Datum& datum) : root_(datum.block_) { seek(0); }
    bool at_end() const { return leaf_ == nullptr; }
    size_t index() const { return begin_ + at_; }
    const Atom& key() const { return leaf_->atoms()[at_]; }
    const Atom& value() const { return leaf_->atoms()[leaf_->n + at_]; }
    /// Both have values to compare, and they are one and the same, or there is nothing to compare.
    bool same_value(const DatumWalk& o) const {
        return !leaf_->is_map || !o.leaf_->is_map || value().same(o.value());
    }
    size_t left_in_leaf() const { return leaf_->n - at_; }
    /// Both are at the beginning of a leaf that they share.
    bool shares_leaf(const DatumWalk& o) const { return leaf_ == o.leaf_ && at_ == 0 && o.at_ == 0; }
    /// By no more than left_in_leaf().
    void advance(size_t n) {
        at_ += n;
        if (at_ == leaf_->n) seek(begin_ + at_);
    }
    void seek(size_t index) {
        if (!root_ || index >= root_->n) {
            leaf_ = nullptr;
            return;
        }
        std::tie(leaf_, begin_) = root_->leaf_of(index);
        at_ = index - begin_;
    }

  private:
    const Datum::Block* root_;
    const Datum::Block* leaf_ = nullptr;
    size_t begin_ = 0, at_ = 0;
};

}  // namespace weft::ovsdb
