// SPDX-License-Identifier: Apache-2.0
// Datums of many elements, which lie in leaves, against std::map.
#include "ovsdb/datum.h"

#include <gtest/gtest.h>

#include <map>

#include "base/prng.h"
#include "ovsdb/type.h"

namespace weft::ovsdb {
namespace {

using Reference = std::map<std::string, int64_t>;

const ColumnType many{.key = {.type = AtomType::string},
                      .value = BaseType{.type = AtomType::integer},
                      .min = 0,
                      .max = unlimited};

std::string name(uint64_t n) {
    return (n % 3 ? "key" : "a key that has no room in an atom ") + std::to_string(n);
}

Datum datum_of(const Reference& from) {
    DatumBuilder out(true);
    for (const auto& [key, value] : from) out.add(std::string_view(key), value);
    return out.build();
}

Reference contents(const Datum& datum) {
    Reference out;
    datum.visit([&](const Atom& key, const Atom* value) {
        EXPECT_TRUE(out.empty() || out.rbegin()->first < key.string());
        out.emplace(key.string(), value->integer());
    });
    return out;
}

Reference random_reference(Prng& prng, size_t most) {
    Reference out;
    for (size_t n = prng.below(most + 1); n > 0; --n)
        out.emplace(name(prng.below(3000)), static_cast<int64_t>(prng.below(3)));
    return out;
}

void expect_same(const Datum& datum, const Reference& reference, Prng& prng) {
    ASSERT_EQ(contents(datum), reference);
    ASSERT_EQ(datum.size(), reference.size());
    const Datum fresh = datum_of(reference);
    ASSERT_TRUE(datum == fresh && fresh == datum);
    ASSERT_EQ(Datum::compare(datum, fresh), 0);
    ASSERT_EQ(datum.hash(), fresh.hash());
    for (int i = 0; i < 20; ++i) {
        const std::string key = name(prng.below(3000));
        const auto wanted = reference.find(key);
        const Atom* found = datum.find(std::string_view(key));
        ASSERT_EQ(found != nullptr, wanted != reference.end());
        if (found) ASSERT_EQ(found->integer(), wanted->second);
    }
    if (reference.empty()) return;
    const size_t at = prng.below(reference.size());
    const auto element = std::next(reference.begin(), static_cast<ptrdiff_t>(at));
    ASSERT_EQ(datum.keys()[at].string(), element->first);
    ASSERT_EQ(datum.values()[at].integer(), element->second);
    Reference other = reference;
    ++other[element->first];
    ASSERT_FALSE(datum == datum_of(other));
    ASSERT_LT(Datum::compare(datum, datum_of(other)), 0);
}

TEST(LargeDatum, changes_as_a_map_does) {
    Prng prng(11);
    for (int round = 0; round < 30; ++round) {
        Reference reference = random_reference(prng, 2000);
        Datum datum = datum_of(reference);
        for (int step = 0; step < 40; ++step) {
            const Reference change = random_reference(prng, prng.one_in(4) ? 800 : 3);
            const Datum by = datum_of(change), before = datum;
            if (prng.one_in(2)) {
                reference.insert(change.begin(), change.end());
                datum = set_union(datum, by);
            } else {
                for (const auto& [key, value] : change)
                    if (const auto it = reference.find(key); it != reference.end() && it->second == value)
                        reference.erase(it);
                datum = set_minus(datum, by);
                ASSERT_TRUE(excludes_all(datum, by));
            }
            ASSERT_NO_FATAL_FAILURE(expect_same(datum, reference, prng));
            const Datum difference = diff(many, before, datum);
            ASSERT_LE(difference.size(), change.size());
            ASSERT_TRUE(apply_diff(many, before, difference) == datum);
            ASSERT_TRUE(apply_diff(many, datum, diff(many, datum, before)) == before);
        }
    }
}

TEST(LargeDatum, grows_and_shrinks_key_by_key) {
    Prng prng(12);
    Reference reference;
    Datum datum;
    for (size_t i = 0; i < 3000; ++i) {
        const std::string key = name(prng.below(3000));
        reference.emplace(key, 1);
        datum = set_union(datum, datum_of({{key, 1}}));
    }
    ASSERT_NO_FATAL_FAILURE(expect_same(datum, reference, prng));
    while (!reference.empty()) {
        const auto it = std::next(reference.begin(), static_cast<ptrdiff_t>(prng.below(reference.size())));
        datum = set_minus(datum, datum_of({{it->first, 1}}));
        reference.erase(it);
        if (reference.size() % 100 == 0) ASSERT_NO_FATAL_FAILURE(expect_same(datum, reference, prng));
    }
    EXPECT_TRUE(datum.empty());
}

TEST(LargeDatum, sets_have_no_values) {
    DatumBuilder builder(false);
    for (int64_t i = 1000; i > 0; --i) builder.add(i);
    const Datum all = builder.build();
    EXPECT_TRUE(all.values().empty());
    EXPECT_EQ(set_minus(all, Datum(Atom(500))).size(), 999u);
    EXPECT_EQ(all.keys().front().integer(), 1);
    EXPECT_EQ(all.keys()[999].integer(), 1000);
}

}  // namespace
}  // namespace weft::ovsdb
