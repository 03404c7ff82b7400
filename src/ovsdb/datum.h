// SPDX-License-Identifier: Apache-2.0
// The value of a column: a set of atoms or a map from atoms to atoms (<value> of RFC 7047 5.1). A scalar is a
// set of one.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ovsdb/atom.h"
#include "ovsdb/error.h"

namespace weft::ovsdb {

struct ColumnType;

/// Value type of 8 bytes, immutable: copies share the atoms (the count of copies is atomic, so they may go to
/// other threads). Keys are sorted and unique. The empty set and the empty map are the same datum.
class Datum {
  public:
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
    std::span<const Atom> keys() const;
    /// values()[i] belongs to keys()[i]; empty for a set.
    std::span<const Atom> values() const;

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
    struct Block;
    std::span<const Atom> atoms() const;  ///< keys, then values
    friend class DatumBuilder;
    Block* block_ = nullptr;
};
static_assert(sizeof(Datum) == 8);

/// Collects keys (and values) into a datum.
class DatumBuilder {
  public:
    explicit DatumBuilder(bool is_map) : is_map_(is_map) {}
    void reserve(size_t n);
    void add(Atom key);
    void add(Atom key, Atom value);
    /// Elements begin up to end of a datum that is a map if this is.
    void add_range(const Datum& from, size_t begin, size_t end);
    size_t size() const { return keys_.size(); }
    /// For keys that were added in ascending order without duplicates.
    Datum build_sorted();
    /// Sorts; of equal keys the first added stays. `duplicates` says whether there were any.
    Datum build(bool* duplicates = nullptr);

  private:
    void sort();
    bool is_map_;
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
