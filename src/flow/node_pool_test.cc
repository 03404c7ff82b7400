// SPDX-License-Identifier: Apache-2.0
#include "flow/node_pool.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>

namespace weft::flow {
namespace {

struct Node {
    uint64_t value = 7;
    uint64_t more[3] = {};
};

TEST(NodePool, nodes_are_new_apart_and_near_each_other) {
    NodePool<Node> pool;
    std::set<const Node*> nodes;
    size_t neighbours = 0;
    const Node* before = nullptr;
    constexpr size_t n = 3000;
    for (size_t i = 0; i < n; ++i) {
        Node* const node = pool.make();
        EXPECT_EQ(node->value, 7u);
        EXPECT_EQ(reinterpret_cast<uintptr_t>(node) % sizeof(Node), 0u) << "lies in two cache lines";
        node->value = i;
        neighbours += before && before + 1 == node;
        before = node;
        nodes.insert(node);
    }
    EXPECT_EQ(nodes.size(), n);
    EXPECT_GT(neighbours, n - 20);
}

TEST(NodePool, what_is_given_back_is_used_again) {
    NodePool<Node> pool;
    Node *const a = pool.make(), *const b = pool.make();
    a->value = 1;
    pool.give_back(a);
    EXPECT_EQ(pool.make(), a);
    EXPECT_EQ(a->value, 7u);
    pool.give_back(a);
    pool.give_back(b);
    EXPECT_EQ(pool.make()->value, 7u) << "all memory went, and there is more";
}

}  // namespace
}  // namespace weft::flow
