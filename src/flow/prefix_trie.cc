// SPDX-License-Identifier: Apache-2.0
#include "flow/prefix_trie.h"

#include <algorithm>
#include <vector>

#include "base/result.h"

namespace weft::flow {

PrefixTrie::~PrefixTrie() {
    std::vector<Node*> left{root_.load()};
    while (!left.empty()) {
        Node* node = left.back();
        left.pop_back();
        if (!node) continue;
        for (Link& child : node->child) left.push_back(child.load());
        delete node;
    }
}

PrefixTrie::Node* PrefixTrie::new_node(const PrefixBits& value, unsigned length, uint32_t count) {
    auto* node = new Node;
    node->bits = value.first(length);
    node->length = static_cast<uint8_t>(length);
    node->count.store(count, std::memory_order_relaxed);
    return node;
}

void PrefixTrie::insert(const PrefixBits& value, unsigned length) {
    Link* link = &root_;
    for (;;) {
        Node* node = link->load(std::memory_order_relaxed);
        if (!node) return link->store(new_node(value, length, 1), std::memory_order_release);
        const unsigned common = std::min({node->bits.common(value), unsigned{node->length}, length});
        if (common < node->length) {
            // The new prefix ends inside the node's, or parts from it.
            Node* above = new_node(value, common, common == length);
            above->child[node->bits.bit(common)].store(node, std::memory_order_relaxed);
            if (common < length)
                above->child[value.bit(common)].store(new_node(value, length, 1), std::memory_order_relaxed);
            return link->store(above, std::memory_order_release);
        }
        if (length == node->length) {
            node->count.fetch_add(1, std::memory_order_relaxed);
            return;
        }
        link = &node->child[value.bit(node->length)];
    }
}

/// Takes the node at the link out if nothing needs it; readers that are at it find their way.
void PrefixTrie::splice(Link& link) {
    Node* node = link.load(std::memory_order_relaxed);
    Node* a = node->child[0].load(std::memory_order_relaxed);
    Node* b = node->child[1].load(std::memory_order_relaxed);
    if (node->count.load(std::memory_order_relaxed) || (a && b)) return;
    link.store(a ? a : b, std::memory_order_release);
    retire_(std::shared_ptr<const Node>(node));
}

void PrefixTrie::remove(const PrefixBits& value, unsigned length) {
    Link* above = nullptr;
    Link* link = &root_;
    Node* node = link->load(std::memory_order_relaxed);
    while (node && node->length < length) {
        above = link;
        link = &node->child[value.bit(node->length)];
        node = link->load(std::memory_order_relaxed);
    }
    CHECK(node && node->length == length && node->bits == value.first(length));
    if (node->count.fetch_sub(1, std::memory_order_relaxed) > 1) return;
    splice(*link);
    if (above) splice(*above);
}

PrefixTrie::Answer PrefixTrie::lookup(const PrefixBits& value) const {
    Answer out;
    const Node* node = root_.load(std::memory_order_acquire);
    while (node) {
        const unsigned common = node->bits.common(value);
        if (common < node->length) {
            out.depth = common + 1;
            return out;
        }
        out.depth = node->length;
        if (node->count.load(std::memory_order_relaxed))
            out.lengths[node->length / 64] |= uint64_t{1} << node->length % 64;
        if (node->length == max_prefix) break;
        const bool side = value.bit(node->length);
        const Node* next = node->child[side].load(std::memory_order_acquire);
        if (!next && node->child[!side].load(std::memory_order_relaxed)) ++out.depth;
        node = next;
    }
    return out;
}

}  // namespace weft::flow
