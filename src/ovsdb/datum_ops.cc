// SPDX-License-Identifier: Apache-2.0
// Set arithmetic on datums: one merge of two sorted sequences serves all of it.
#include <algorithm>
#include <utility>

#include "ovsdb/type.h"

namespace weft::ovsdb {
namespace {

/// How far `a` and `b` are the same from positions i and j on, in as many steps.
size_t same_run(const Datum& a, size_t i, const Datum& b, size_t j) {
    const auto ka = a.keys(), kb = b.keys(), va = a.values(), vb = b.values();
    const bool with_values = !va.empty() && !vb.empty();
    const size_t most = std::min(ka.size() - i, kb.size() - j);
    size_t n = 0;
    while (n < most && ka[i + n].same(kb[j + n]) && (!with_values || va[i + n].same(vb[j + n]))) ++n;
    return n;
}

/// Where `key` is, or would be, in `keys` from position `from` on; soon found if it is near.
size_t position(std::span<const Atom> keys, size_t from, const Atom& key) {
    size_t step = 1;
    while (from + step < keys.size() && keys[from + step] < key) step *= 2;
    const auto begin = keys.begin() + static_cast<ptrdiff_t>(from + step / 2);
    const auto end = keys.begin() + static_cast<ptrdiff_t>(std::min(from + step + 1, keys.size()));
    return static_cast<size_t>(std::lower_bound(begin, end, key) - keys.begin());
}

/// Walks both in key order: only_a(i, end), a run; only_b(j, end), a run; both(i, j) for each key that both
/// have, but for runs of those that are the same with their values: all_same(i, end).
template <class OnlyA, class OnlyB, class Both, class AllSame>
void merge(const Datum& a, const Datum& b, OnlyA only_a, OnlyB only_b, Both both, AllSame all_same) {
    const auto ka = a.keys(), kb = b.keys();
    size_t i = 0, j = 0;
    while (i < ka.size() && j < kb.size()) {
        if (const size_t run = same_run(a, i, b, j)) {
            all_same(i, i + run);
            i += run;
            j += run;
            continue;
        }
        const int c = Atom::compare(ka[i], kb[j]);
        if (c < 0) {
            const size_t end = position(ka, i, kb[j]);
            only_a(std::exchange(i, end), end);
        } else if (c > 0) {
            const size_t end = position(kb, j, ka[i]);
            only_b(std::exchange(j, end), end);
        } else {
            both(i++, j++);
        }
    }
    if (i < ka.size()) only_a(i, ka.size());
    if (j < kb.size()) only_b(j, kb.size());
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
    out.reserve(old_value.size() + difference.size());
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
    out.reserve(a.size() + b.size());
    merge(
        a, b, adding(out, a), adding(out, b), [&](size_t i, size_t) { out.add_range(a, i, i + 1); },
        adding(out, a));
    return out.size() == a.size() ? a : out.build_sorted();
}

Datum set_minus(const Datum& a, const Datum& b) {
    DatumBuilder out(a.is_map());
    out.reserve(a.size());
    merge(
        a, b, adding(out, a), nothing,
        [&](size_t i, size_t j) {
            if (!same_value(a, i, b, j)) out.add_range(a, i, i + 1);
        },
        nothing);
    return out.size() == a.size() ? a : out.build_sorted();
}

bool includes_all(const Datum& whole, const Datum& part) {
    for (size_t i = 0; i < part.size(); ++i) {
        const Atom* found = whole.find(part.keys()[i]);
        if (!found || (part.is_map() && *found != part.values()[i])) return false;
    }
    return true;
}

bool excludes_all(const Datum& whole, const Datum& part) {
    for (size_t i = 0; i < part.size(); ++i) {
        const Atom* found = whole.find(part.keys()[i]);
        if (found && (!part.is_map() || *found == part.values()[i])) return false;
    }
    return true;
}

}  // namespace weft::ovsdb
