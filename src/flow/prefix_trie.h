// SPDX-License-Identifier: Apache-2.0
// PrefixTrie: which prefixes of a field occur in a table's rules.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <memory>
#include <utility>
#include <vector>

#include "flow/hash_counts.h"
#include "flow/node_pool.h"

namespace weft::flow {

/// Up to 128 bits of a field, the most significant first and leftmost. Value type.
struct PrefixBits {
    uint64_t hi = 0, lo = 0;
    bool operator==(const PrefixBits&) const = default;

    bool bit(unsigned n) const { return ((n < 64 ? hi >> (63 - n) : lo >> (127 - n)) & 1) != 0; }
    PrefixBits first(unsigned n) const {
        constexpr auto ones = [](unsigned k) { return k == 0 ? 0 : ~uint64_t{0} << (64 - k); };
        return n <= 64 ? PrefixBits{hi & ones(n), 0} : PrefixBits{hi, lo & ones(n - 64)};
    }
    /// How many bits the two have in common at the start.
    unsigned common(const PrefixBits& o) const {
        const auto same = [](uint64_t a, uint64_t b) {
            return static_cast<unsigned>(std::countl_zero(a ^ b));
        };
        return hi != o.hi ? same(hi, o.hi) : 64 + same(lo, o.lo);
    }
};

inline constexpr unsigned max_prefix = 128;

/// Resource type. One writer at a time; any number of readers at the same time, which never wait. A binary
/// trie without nodes that have neither a prefix nor two children: a node for each prefix and at most as many
/// again. A short prefix with none longer behind it, as most are in large tables, lies in the link to it and
/// takes no memory of its own. Insertion, removal and lookup take time by the length of prefixes, not by
/// their number.
class PrefixTrie {
  public:
    /// `retire` drops what it is given in the writer's thread.
    explicit PrefixTrie(Retire retire) : retire_(std::move(retire)) {}
    PrefixTrie(const PrefixTrie&) = delete;
    PrefixTrie& operator=(const PrefixTrie&) = delete;

    // The writer's side. Each insertion is undone by one removal.
    void insert(const PrefixBits& value, unsigned length);
    void remove(const PrefixBits& value, unsigned length);

    struct Answer {
        std::array<uint64_t, max_prefix / 64 + 1>
            lengths{};  ///< bit n: the value's first n bits are a prefix
        /// The value's first `depth` bits tell that it has no longer prefix here.
        unsigned depth = 0;

        bool has(unsigned length) const { return (lengths[length / 64] >> length % 64 & 1) != 0; }
        /// visit(length) for the prefixes that the value has.
        template <class Visit>
        void for_each(Visit&& visit) const {
            for (unsigned i = 0; i < lengths.size(); ++i)
                for (uint64_t w = lengths[i]; w; w &= w - 1)
                    visit(i * 64 + static_cast<unsigned>(std::countr_zero(w)));
        }
        /// How many bits tell that the value's first `length` bits are no prefix, if they are none.
        unsigned proof(unsigned length) const { return length < depth ? length : depth; }
    };
    class Walk;
    /// Any thread.
    Answer lookup(const PrefixBits& value) const;

  private:
    struct Node;
    /// Value type: null, a node, or a leaf. In a leaf, from the top: 32 bits of the prefix, 16 of its length,
    /// 15 of its count, and a one.
    class Target {
      public:
        Target() = default;
        explicit Target(Node* node) : word_(reinterpret_cast<uintptr_t>(node)) {}
        static Target leaf(const PrefixBits& value, unsigned length, uint32_t count) {
            return Target((value.first(length).hi >> 32) << 32 | length << 16 | count << 1 | 1);
        }
        static bool fits_leaf(unsigned length, uint32_t count) { return length <= 32 && count <= 255; }

        explicit operator bool() const { return word_ != 0; }
        bool is_leaf() const { return (word_ & 1) != 0; }
        Node* node() const { return reinterpret_cast<Node*>(word_); }
        PrefixBits bits() const { return is_leaf() ? PrefixBits{word_ >> 32 << 32, 0} : node()->bits(); }
        unsigned length() const {
            return is_leaf() ? static_cast<unsigned>(word_ >> 16 & 0xffff) : node()->length;
        }
        uint32_t count() const {
            return is_leaf() ? static_cast<uint32_t>(word_ >> 1 & 0x7fff)
                             : node()->count.load(std::memory_order_relaxed);
        }

      private:
        explicit Target(uint64_t word) : word_(word) {}
        uint64_t word_ = 0;
    };
    using Link = std::atomic<Target>;
    struct Node {
        uint64_t hi = 0;
        Link child[2]{};
        std::atomic<uint32_t> count{0};  // insertions of exactly this prefix
        uint8_t length = 0;

        PrefixBits bits() const;
    };
    static_assert(sizeof(Node) == 32);
    /// Of a prefix with more than 64 bits.
    struct LongNode : Node {
        uint64_t lo = 0;
    };
    /// Nodes that were retired need it when the trie is gone.
    struct Pools {
        NodePool<Node> nodes;
        NodePool<LongNode> long_nodes;

        Node* make(const PrefixBits& value, unsigned length, uint32_t count);
        void give_back(Node* node);
    };

    Node* new_node(const PrefixBits& value, unsigned length, uint32_t count);
    /// A leaf, or a node without children.
    Target new_end(const PrefixBits& value, unsigned length, uint32_t count);
    void set_count(Link& link, uint32_t count);
    void splice(Link& link);

    /// A node on the way to the prefix inserted last.
    struct Step {
        Link* link;
        unsigned length;
    };
    Link& start_of(const PrefixBits& value, unsigned length);

    Retire retire_;
    std::shared_ptr<Pools> pools_;  // null: there was no node yet
    Link root_{};
    // Those that come one after another are often near each other. The writer's.
    PrefixBits last_;
    std::vector<Step> way_;
};

/// A lookup that goes step by step, so that several can wait for memory at the same time. Value type; borrows
/// the trie, any thread.
class PrefixTrie::Walk {
  public:
    Walk(const PrefixTrie& trie, const PrefixBits& value)
        : value_(value), at_(trie.root_.load(std::memory_order_acquire)) {}
    /// One node further down; false at the end.
    bool step();
    const Answer& answer() const { return answer_; }

  private:
    bool end(Target t);
    /// step() at a prefix of 64 bits or more.
    bool step_far(const Node& node);
    /// At a node whose prefix the value has.
    bool go_on(const Node& node, bool side);

    PrefixBits value_;
    Target at_;
    Answer answer_;
};

inline PrefixBits PrefixTrie::Node::bits() const {
    return {hi, length > 64 ? static_cast<const LongNode*>(this)->lo : 0};
}

inline bool PrefixTrie::Walk::go_on(const Node& node, bool side) {
    at_ = node.child[side].load(std::memory_order_acquire);
    if (!at_) {
        answer_.depth = node.length + (node.child[!side].load(std::memory_order_relaxed) ? 1u : 0u);
        return false;
    }
    if (at_.is_leaf()) return end(std::exchange(at_, Target()));
    __builtin_prefetch(at_.node());
    return true;
}

inline bool PrefixTrie::Walk::step() {
    if (!at_ || at_.is_leaf()) return end(std::exchange(at_, Target()));
    const Node& node = *at_.node();
    const unsigned length = node.length;
    if (length >= 64) return step_far(node);
    const unsigned behind = 63 - length;
    if ((node.hi ^ value_.hi) >> behind >> 1) return end(std::exchange(at_, Target()));
    answer_.lengths[0] |= uint64_t{node.count.load(std::memory_order_relaxed) != 0} << length;
    return go_on(node, value_.hi >> behind & 1);
}

}  // namespace weft::flow
