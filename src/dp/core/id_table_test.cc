// SPDX-License-Identifier: Apache-2.0
#include "dp/core/id_table.h"

#include <gtest/gtest.h>

#include <map>

#include "base/prng.h"

namespace weft::dp {
namespace {

struct Thing {
    FlowId id;
    int value = 0;
};
const FlowId& id_of(const Thing& thing) { return thing.id; }

/// Ids that differ in one half only, as those that a person gives.
FlowId draw(Prng& prng) { return {prng.below(2), prng.below(700)}; }

TEST(IdTable, does_as_a_map_does) {
    Prng prng(7);
    IdTable<Thing> table;
    std::map<FlowId, int> model;
    for (int i = 0; i < 20000; ++i) {
        const FlowId id = draw(prng);
        table.prefetch(id);
        Thing* const found = table.find(id);
        const auto known = model.find(id);
        ASSERT_EQ(found != nullptr, known != model.end());
        if (found) {
            ASSERT_EQ(found->value, known->second);
            const auto taken = table.take(id);
            ASSERT_EQ(taken.get(), found);
            model.erase(known);
        } else {
            ASSERT_FALSE(table.take(id));
            table.insert(std::make_unique<Thing>(id, i));
            model.emplace(id, i);
        }
        ASSERT_EQ(table.size(), model.size());
    }
    IdTable<Thing> moved = std::move(table);
    std::map<FlowId, int> all;
    moved.for_each([&](const Thing& thing) { all.emplace(thing.id, thing.value); });
    EXPECT_EQ(all, model);
    EXPECT_FALSE(table.find(FlowId{0, 1}));  // NOLINT(bugprone-use-after-move): empty is what it is
    table.insert(std::make_unique<Thing>(FlowId{0, 1}, 5));
    EXPECT_EQ(table.find({0, 1})->value, 5);
}

}  // namespace
}  // namespace weft::dp
