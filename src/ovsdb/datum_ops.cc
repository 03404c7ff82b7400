// SPDX-License-Identifier: Apache-2.0
// Set arithmetic on datums: one merge of two sorted sequences serves all of it.
#include <algorithm>
#include <utility>

#include "ovsdb/datum_block.h"
#include "ovsdb/type.h"

namespace weft::ovsdb {
namespace {

/// How far both are the same from here on, in as many steps; not beyond their leaves.
size_t same_run(DatumWalk a, DatumWalk b) {
    if (a.shares_leaf(b)) return a.left_in_leaf();
    const size_t most = std::min(a.left_in_leaf(), b.left_in_leaf());
    size_t n = 0;
    while (a.key().same(b.key()) && a.same_value(b) && ++n < most) {
        a.advance(1);
        b.advance(1);
    }
    return n;
}

/// Where `key` is, or would be, in `keys` from position `from` on; soon found if it is near.
size_t position(const Datum::Atoms& keys, size_t from, const Atom& key) {
    size_t step = 1;
    while (from + step < keys.size() && keys[from + step] < key) step *= 2;
    size_t begin = from + step / 2, end = std::min(from + step + 1, keys.size());
    while (begin < end) {
        const size_t middle = begin + (end - begin) / 2;
        if (keys[middle] < key)
            begin = middle + 1;
        else
            end = middle;
    }
    return begin;
}

/// Walks both in key order: only_a(i, end), a run; only_b(j, end), a run; both(i, j) for each key that both
/// have, but for runs of those that are the same with their values: all_same(i, end).
template <class OnlyA, class OnlyB, class Both, class AllSame>
void merge(const Datum& a, const Datum& b, OnlyA only_a, OnlyB only_b, Both both, AllSame all_same) {
    DatumWalk at_a(a), at_b(b);
    while (!at_a.at_end() && !at_b.at_end()) {
        const size_t i = at_a.index(), j = at_b.index();
        if (const size_t run = same_run(at_a, at_b)) {
            all_same(i, i + run);
            at_a.advance(run);
            at_b.advance(run);
            continue;
        }
        const int c = Atom::compare(at_a.key(), at_b.key());
        if (c < 0) {
            const size_t end = position(a.keys(), i, at_b.key());
            only_a(i, end);
            at_a.seek(end);
        } else if (c > 0) {
            const size_t end = position(b.keys(), j, at_a.key());
            only_b(j, end);
            at_b.seek(end);
        } else {
            both(i, j);
            at_a.advance(1);
            at_b.advance(1);
        }
    }
    if (!at_a.at_end()) only_a(at_a.index(), a.size());
    if (!at_b.at_end()) only_b(at_b.index(), b.size());
}

constexpr auto nothing = [](size_t, size_t) {};

auto adding(DatumBuilder& out, const Datum& from) {
    return [&](size_t begin, size_t end) { out.add_range(from, begin, end); };
}

/// Keys are equal; so is what they map to (in sets there is nothing more to compare).
bool same_value(const Datum& a, size_t i, const Datum& b, size_t j) {
    return !a.is_map() || !b.is_map() || a.values()[i] == b.values()[j];
}

}  // namespace

Datum diff(const ColumnType& type, const Datum& old_value, const Datum& new_value) {
    if (type.max <= 1) return new_value;
    DatumBuilder out(old_value.is_map() || new_value.is_map());
    merge(
        old_value, new_value, adding(out, old_value), adding(out, new_value),
        [&](size_t i, size_t j) {
            if (!same_value(old_value, i, new_value, j)) out.add_range(new_value, j, j + 1);
        },
        nothing);
    return out.build_sorted();
}

Datum apply_diff(const ColumnType& type, const Datum& old_value, const Datum& difference) {
    if (type.max <= 1) return difference;
    DatumBuilder out(old_value.is_map() || difference.is_map());
    merge(
        old_value, difference, adding(out, old_value), adding(out, difference),
        [&](size_t i, size_t j) {  // the same value: removed; another one: the new value
            if (!same_value(old_value, i, difference, j)) out.add_range(difference, j, j + 1);
        },
        nothing);
    return out.build_sorted();
}

Datum set_union(const Datum& a, const Datum& b) {
    if (a.empty()) return b;
    if (b.empty()) return a;
    DatumBuilder out(a.is_map());
    merge(
        a, b, adding(out, a), adding(out, b), [&](size_t i, size_t) { out.add_range(a, i, i + 1); },
        adding(out, a));
    return out.size() == a.size() ? a : out.build_sorted();
}

Datum set_minus(const Datum& a, const Datum& b) {
    DatumBuilder out(a.is_map());
    merge(
        a, b, adding(out, a), nothing,
        [&](size_t i, size_t j) {
            if (!same_value(a, i, b, j)) out.add_range(a, i, i + 1);
        },
        nothing);
    return out.size() == a.size() ? a : out.build_sorted();
}

bool includes_all(const Datum& whole, const Datum& part) {
    bool all = true;
    part.visit([&](const Atom& key, const Atom* value) {
        const Atom* found = whole.find(key);
        all &= found && (!value || *found == *value);
    });
    return all;
}

bool excludes_all(const Datum& whole, const Datum& part) {
    bool none = true;
    part.visit([&](const Atom& key, const Atom* value) {
        const Atom* found = whole.find(key);
        none &= !found || (value && *found != *value);
    });
    return none;
}

}  // namespace weft::ovsdb
