// SPDX-License-Identifier: Apache-2.0
#include "flow/prefix_trie.h"

#include <algorithm>
#include <utility>

#include "base/result.h"

namespace weft::flow {

PrefixTrie::Node* PrefixTrie::Pools::make(const PrefixBits& value, unsigned length, uint32_t count) {
    const PrefixBits bits = value.first(length);
    Node* node = nullptr;
    if (length > 64) {
        LongNode* const made = long_nodes.make();
        made->lo = bits.lo;
        node = made;
    } else {
        node = nodes.make();
    }
    node->hi = bits.hi;
    node->length = static_cast<uint8_t>(length);
    node->count.store(count, std::memory_order_relaxed);
    return node;
}

void PrefixTrie::Pools::give_back(Node* node) {
    if (node->length > 64)
        long_nodes.give_back(static_cast<LongNode*>(node));
    else
        nodes.give_back(node);
}

PrefixTrie::Node* PrefixTrie::new_node(const PrefixBits& value, unsigned length, uint32_t count) {
    if (!pools_) pools_ = std::make_shared<Pools>();
    return pools_->make(value, length, count);
}

PrefixTrie::Target PrefixTrie::new_end(const PrefixBits& value, unsigned length, uint32_t count) {
    return Target::fits_leaf(length, count) ? Target::leaf(value, length, count)
                                            : Target(new_node(value, length, count));
}

/// Of what the link leads to. A leaf that counts too much becomes a node.
void PrefixTrie::set_count(Link& link, uint32_t count) {
    const Target t = link.load(std::memory_order_relaxed);
    if (t.is_leaf())
        link.store(new_end(t.bits(), t.length(), count), std::memory_order_release);
    else
        t.node()->count.store(count, std::memory_order_relaxed);
}

/// The last link on the way to the prefix inserted last that is on the way to this one too; the way up to it
/// is kept.
PrefixTrie::Link& PrefixTrie::start_of(const PrefixBits& value, unsigned length) {
    const unsigned common = std::min(last_.common(value), length);
    last_ = value;
    while (!way_.empty()) {
        const Step step = way_.back();
        way_.pop_back();
        if (step.length <= common) return *step.link;
    }
    return root_;
}

void PrefixTrie::insert(const PrefixBits& value, unsigned length) {
    Link* link = &start_of(value, length);
    for (;;) {
        const Target t = link->load(std::memory_order_relaxed);
        if (!t) return link->store(new_end(value, length, 1), std::memory_order_release);
        const PrefixBits bits = t.bits();
        const unsigned common = std::min({bits.common(value), t.length(), length});
        if (common < t.length()) {
            // The new prefix ends inside the other, or parts from it.
            Node* above = new_node(value, common, common == length);
            above->child[bits.bit(common)].store(t, std::memory_order_relaxed);
            if (common < length)
                above->child[value.bit(common)].store(new_end(value, length, 1), std::memory_order_relaxed);
            return link->store(Target(above), std::memory_order_release);
        }
        if (length == t.length()) return set_count(*link, t.count() + 1);
        Node* node = t.is_leaf() ? new_node(bits, t.length(), t.count()) : t.node();
        Link& below = node->child[value.bit(node->length)];
        if (t.is_leaf()) {
            below.store(new_end(value, length, 1), std::memory_order_relaxed);
            return link->store(Target(node), std::memory_order_release);
        }
        way_.push_back({link, node->length});
        link = &below;
    }
}

/// Takes out what the link leads to if nothing needs it; readers that are at it find their way.
void PrefixTrie::splice(Link& link) {
    const Target t = link.load(std::memory_order_relaxed);
    if (t.count()) return;
    if (t.is_leaf()) return link.store({}, std::memory_order_release);
    const Target a = t.node()->child[0].load(std::memory_order_relaxed);
    const Target b = t.node()->child[1].load(std::memory_order_relaxed);
    if (a && b) return;
    link.store(a ? a : b, std::memory_order_release);
    retire_(std::shared_ptr<const Node>(
        t.node(), [pools = pools_, node = t.node()](const Node*) { pools->give_back(node); }));
}

void PrefixTrie::remove(const PrefixBits& value, unsigned length) {
    way_.clear();
    Link* above = nullptr;
    Link* link = &root_;
    Target t = link->load(std::memory_order_relaxed);
    while (t && t.length() < length) {
        CHECK(!t.is_leaf());
        above = link;
        link = &t.node()->child[value.bit(t.length())];
        t = link->load(std::memory_order_relaxed);
    }
    CHECK(t && t.length() == length && t.bits() == value.first(length));
    set_count(*link, t.count() - 1);
    if (t.count() > 1) return;
    splice(*link);
    if (above) splice(*above);
}

/// Where no child is looked at: nothing is left, a leaf, or a prefix that the value does not have.
bool PrefixTrie::Walk::end(Target t) {
    if (!t) return false;
    const unsigned length = t.length(), common = t.bits().common(value_);
    if (common < length) {
        answer_.depth = common + 1;
        return false;
    }
    answer_.depth = length;
    answer_.lengths[length / 64] |= uint64_t{t.count() != 0} << length % 64;
    return false;
}

bool PrefixTrie::Walk::step_far(const Node& node) {
    const unsigned length = node.length;
    if (length == max_prefix || node.bits().common(value_) < length) return end(std::exchange(at_, Target()));
    answer_.lengths[length / 64] |= uint64_t{node.count.load(std::memory_order_relaxed) != 0} << length % 64;
    return go_on(node, value_.bit(length));
}

PrefixTrie::Answer PrefixTrie::lookup(const PrefixBits& value) const {
    Walk walk(*this, value);
    while (walk.step()) {
    }
    return walk.answer();
}

}  // namespace weft::flow
