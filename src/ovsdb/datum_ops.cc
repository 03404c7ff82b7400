// SPDX-License-Identifier: Apache-2.0
// Set arithmetic on datums: one merge of two sorted sequences serves all of it.
#include "ovsdb/type.h"

namespace weft::ovsdb {
namespace {

/// Walks both in key order: only_a(i), only_b(j) or both(i, j) for each key.
template <class OnlyA, class OnlyB, class Both>
void merge(const Datum& a, const Datum& b, OnlyA only_a, OnlyB only_b, Both both) {
    const auto ka = a.keys(), kb = b.keys();
    size_t i = 0, j = 0;
    while (i < ka.size() || j < kb.size()) {
        const int c = i == ka.size() ? 1 : j == kb.size() ? -1 : Atom::compare(ka[i], kb[j]);
        if (c < 0)
            only_a(i++);
        else if (c > 0)
            only_b(j++);
        else
            both(i++, j++);
    }
}

void add_from(DatumBuilder& out, const Datum& d, size_t i) {
    if (d.is_map())
        out.add(d.keys()[i], d.values()[i]);
    else
        out.add(d.keys()[i]);
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
        old_value, new_value, [&](size_t i) { add_from(out, old_value, i); },
        [&](size_t j) { add_from(out, new_value, j); },
        [&](size_t i, size_t j) {
            if (!same_value(old_value, i, new_value, j)) add_from(out, new_value, j);
        });
    return out.build_sorted();
}

Datum apply_diff(const ColumnType& type, const Datum& old_value, const Datum& difference) {
    if (type.max <= 1) return difference;
    DatumBuilder out(old_value.is_map() || difference.is_map());
    merge(
        old_value, difference, [&](size_t i) { add_from(out, old_value, i); },
        [&](size_t j) { add_from(out, difference, j); },
        [&](size_t i, size_t j) {  // the same value: removed; another one: the new value
            if (!same_value(old_value, i, difference, j)) add_from(out, difference, j);
        });
    return out.build_sorted();
}

Datum set_union(const Datum& a, const Datum& b) {
    if (a.empty()) return b;
    if (b.empty()) return a;
    DatumBuilder out(a.is_map());
    out.reserve(a.size() + b.size());
    merge(
        a, b, [&](size_t i) { add_from(out, a, i); }, [&](size_t j) { add_from(out, b, j); },
        [&](size_t i, size_t) { add_from(out, a, i); });
    return out.size() == a.size() ? a : out.build_sorted();
}

Datum set_minus(const Datum& a, const Datum& b) {
    DatumBuilder out(a.is_map());
    merge(
        a, b, [&](size_t i) { add_from(out, a, i); }, [](size_t) {},
        [&](size_t i, size_t j) {
            if (!same_value(a, i, b, j)) add_from(out, a, i);
        });
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
