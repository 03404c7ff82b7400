// SPDX-License-Identifier: Apache-2.0
// The value of a column: a set of atoms or a map from atoms to atoms (<value> of RFC 7047 5.1). A scalar is a
// set of one.
#pragma once

#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ovsdb/atom.h"
#include "ovsdb/error.h"

namespace weft::ovsdb {

struct ColumnType;

/// Value type of 8 bytes, immutable: copies share the atoms (the count of copies is atomic, so they may go to
/// other threads). Keys are sorted and unique. The empty set and the empty map are the same datum.
///
/// A large one is a row of leaves of some dozens of keys, and one made of it by a change shares all leaves
/// but those that the change is in: that, and comparing the two, costs what the change costs.
class Datum {
    struct Block;
    struct Part;

  public:
    /// The keys or the values, by rising key; lives as long as the datum. Walking is cheap, [] a search.
    class Atoms {
      public:
        class Iterator {
          public:
            using value_type = Atom;
            using difference_type = std::ptrdiff_t;
            using iterator_category = std::forward_iterator_tag;
            Iterator() = default;
            const Atom& operator*() const { return *at_; }
            const Atom* operator->() const { return at_; }
            Iterator& operator++() {
                if (++at_ == leaf_end_ && next_ != last_) enter();
                return *this;
            }
            Iterator operator++(int) {
                Iterator before = *this;
                ++*this;
                return before;
            }
            bool operator==(const Iterator& o) const { return at_ == o.at_; }

          private:
            friend class Atoms;
            void enter();
            const Atom *at_ = nullptr, *leaf_end_ = nullptr;
            const Part *next_ = nullptr, *last_ = nullptr;
            bool values_ = false;
        };
        Iterator begin() const;
        Iterator end() const;
        size_t size() const;
        bool empty() const { return size() == 0; }
        const Atom& operator[](size_t i) const;
        const Atom& front() const { return *begin(); }

      private:
        friend class Datum;
        Atoms(const Block* block, bool values) : block_(block), values_(values) {}
        const Block* block_;  ///< null: there are none
        bool values_;
    };

    Datum() = default;
    /// A scalar.
    explicit Datum(Atom atom);
    /// Sorts. Duplicates: the caller knows there are none, or does not mind losing all but one.
    static Datum set(std::vector<Atom> atoms);
    static Datum map(std::vector<std::pair<Atom, Atom>> pairs);

    Datum(const Datum& o) noexcept;
    Datum(Datum&& o) noexcept : block_(std::exchange(o.block_, nullptr)) {}
    Datum& operator=(const Datum& o) noexcept;
    Datum& operator=(Datum&& o) noexcept;
    ~Datum();

    size_t size() const;
    bool empty() const { return block_ == nullptr; }
    bool is_map() const;
    Atoms keys() const { return {block_, false}; }
    /// values()[i] belongs to keys()[i]; empty for a set.
    Atoms values() const { return {is_map() ? block_ : nullptr, true}; }
    /// visit(key, value) by rising key; the value is null in a set.
    template <class Visit>
    void visit(Visit&& visit) const {
        auto value = values().begin();
        const bool has_values = is_map();
        for (const Atom& key : keys()) visit(key, has_values ? &*value++ : nullptr);
    }

    /// The only atom of a scalar.
    const Atom& scalar() const;
    bool contains(const Atom& key) const { return find(key) != nullptr; }
    /// The key itself in a set, the value of it in a map; null if the key is not there.
    const Atom* find(const Atom& key) const;

    /// True if both are one and the same in memory: a cheap "certainly equal".
    bool same(const Datum& o) const { return block_ == o.block_; }
    bool operator==(const Datum& o) const;
    /// <0, 0, >0: by size, then keys, then values.
    static int compare(const Datum& a, const Datum& b);
    uint64_t hash() const;

    /// A lone atom prints as itself, other sets as ["set", [...]], maps as ["map", [...]]. The type decides
    /// between an empty set and an empty map.
    codec::Json to_json(const ColumnType& type) const;
    void append_json(std::string& out, const ColumnType& type) const;
    /// As Open vSwitch's tools print it: `a`, `[a, b]`, `{k=v}`, `[]`, `{}`.
    std::string to_text(const ColumnType& type) const;
    /// Without brackets, commas and quotes (--data=bare).
    std::string to_bare() const;

  private:
    friend class DatumBuilder;
    friend class DatumWalk;
    Block* block_ = nullptr;
};
static_assert(sizeof(Datum) == 8);

/// Collects keys (and values) into a datum.
class DatumBuilder {
  public:
    explicit DatumBuilder(bool is_map);
    DatumBuilder(const DatumBuilder&) = delete;
    DatumBuilder& operator=(const DatumBuilder&) = delete;
    ~DatumBuilder();
    void reserve(size_t n);
    void add(Atom key);
    void add(Atom key, Atom value);
    /// Elements begin up to end of a datum that is a map if this is. What is built then is sorted already.
    void add_range(const Datum& from, size_t begin, size_t end);
    size_t size() const { return in_leaves() + keys_.size(); }
    /// For keys that were added in ascending order without duplicates.
    Datum build_sorted();
    /// Sorts; of equal keys the first added stays. `duplicates` says whether there were any.
    Datum build(bool* duplicates = nullptr);

  private:
    size_t in_leaves() const;
    void copy_range(const Datum::Block& flat, size_t begin, size_t end);
    void end_leaf(size_t begin, size_t end);
    void end_leaves();
    void take_last_leaf_back();
    void sort();
    bool is_map_;
    std::vector<Datum::Part> leaves_;  ///< what comes before keys_
    std::vector<Atom> keys_, values_;
};

/// What update2 and the file format store for a change: of columns with at most one element the new value; of
/// sets the elements that are in exactly one of the two; of maps also the pairs whose value differs, with the
/// new value. apply_diff(t, old, diff(t, old, new)) == new.
Datum diff(const ColumnType& type, const Datum& old_value, const Datum& new_value);
Datum apply_diff(const ColumnType& type, const Datum& old_value, const Datum& difference);

/// `a` with all of `b`; in a map, keys of `a` keep their value (mutator insert).
Datum set_union(const Datum& a, const Datum& b);
/// `a` without what is in `b`. If both are maps a pair goes only where its value is the same; if `b` is a set
/// its elements are keys to remove (mutator delete).
Datum set_minus(const Datum& a, const Datum& b);
/// All elements (pairs) of `part` are in `whole`.
bool includes_all(const Datum& whole, const Datum& part);
/// No element (pair) of `part` is in `whole`.
bool excludes_all(const Datum& whole, const Datum& part);

}  // namespace weft::ovsdb
