// SPDX-License-Identifier: Apache-2.0
// Subtable: the rules of a classifier that have the same mask, in a hash table over the masked key.
#pragma once

#include <boost/container/small_vector.hpp>
#include <functional>
#include <map>
#include <memory>

#include "flow/classifier_rule.h"
#include "flow/hash_counts.h"

namespace weft::flow {

/// The stages in which a key is looked at, each a run of its words: head (where the packet came from,
/// metadata, registers, tunnel, connection, L2), L3, L4. A lookup that a stage shows to be in vain needs no
/// more bits.
enum class Stage : uint8_t { head, l3, l4 };
inline constexpr size_t l3_word = packet_word + offsetof(PacketBlock, nw_src) / 8,
                        l4_word = packet_word + offsetof(PacketBlock, tp_src) / 8;

/// Resource type. One writer at a time; any number of readers at the same time, which never wait. Readers go
/// by an array of slots that is replaced as a whole when it grows; rules of equal key hang in a list. What a
/// search looks at lies in two cache lines, with masks of up to four words.
class alignas(64) Subtable {
  public:
    explicit Subtable(const SparseMatch& shape);

    std::span<const MaskWord> mask() const { return {mask_.data(), mask_.size()}; }
    std::span<const MaskWord> head_mask() const { return mask().first(n_head_); }
    bool has_tail() const { return n_head_ < mask_.size(); }
    bool has_mask_of(const SparseMatch& m) const { return shape_.same_mask(m); }
    const SparseMatch& shape() const { return shape_; }

    // The writer's side.
    /// `head`: head_hash() of its match.
    void insert(ClassifierRule& rule, uint64_t head, const Retire& retire);
    /// Has fetched what insert() will look at.
    void prefetch(const ClassifierRule& rule) const;
    void remove(ClassifierRule& rule, const Retire& retire);
    bool empty() const { return n_rules_ == 0; }
    size_t size() const { return n_rules_; }
    int32_t max_priority() const { return priorities_.rbegin()->first; }
    bool has_priority(int32_t priority) const { return priorities_.contains(priority); }
    /// Of the words of the head in one of its rules.
    uint64_t head_hash(const SparseMatch& m) const { return hash_of(m, 0, n_head_); }

    // The readers' side.
    /// Hash of the key's words under a mask, or of more of them after others.
    static uint64_t hash(const FlowKey& key, std::span<const MaskWord> mask, uint64_t so_far = 0);
    /// What a search for a key finds: rules, or how many words of the mask tell that there is none.
    struct Found {
        ClassifierRule* rule =
            nullptr;  ///< first of its list, by falling priority; the others follow by next()
        uint8_t n_words = 0;
    };
    /// The hashes that a search goes by.
    struct Probe {
        uint32_t l3, all;  ///< of the key's words up to the end of L3, and of all
    };
    /// `head` is the hash of the key's words under head_mask(). Has fetched what search() will look at first.
    Probe probe(const FlowKey& key, uint64_t head) const;
    Found search(const FlowKey& key, const Probe& probe) const;
    /// Has fetched what probe() will look at.
    void prefetch() const {
        __builtin_prefetch(this);
        __builtin_prefetch(reinterpret_cast<const char*>(this) + 64);
    }
    /// False if the head alone tells that no rule matches.
    bool may_have_head(uint64_t head) const { return heads_.contains(short_hash(head)); }
    ClassifierRule* first(const SparseMatch& m) const { return first(m, short_hash(m.key_hash())); }
    ClassifierRule* first(const ClassifierRule& like) const { return first(like.match_, like.hash_); }
    static ClassifierRule* next(const ClassifierRule& rule) {
        return rule.next_.load(std::memory_order_acquire);
    }
    /// Visits every rule; stops and gives false if visit does.
    bool for_each(const std::function<bool(ClassifierRule&)>& visit) const;

    static uint32_t short_hash(uint64_t hash) { return static_cast<uint32_t>(hash >> 32); }

  private:
    struct Slot {
        std::atomic<ClassifierRule*> rule{nullptr};  // null: never used since the array was made
        std::atomic<uint32_t> hash{0};
    };
    using Slots = PublishedArray<Slot>;

    ClassifierRule* first(const SparseMatch& m, uint32_t hash) const;
    template <class Equal>
    ClassifierRule* find(uint32_t hash, Equal&& equal) const;
    /// Of the words from one to another of the mask, after others.
    static uint64_t hash_of(const SparseMatch& m, size_t from, size_t to, uint64_t so_far = 0);
    /// Up to the end of L3, which `head` is the beginning of.
    uint32_t l3_hash(const SparseMatch& m, uint64_t head) const {
        return short_hash(hash_of(m, n_head_, n_l3_, head));
    }
    bool has_l3_stage() const { return n_head_ < n_l3_ && n_l3_ < mask_.size(); }
    Slot& slot_of(const ClassifierRule& rule);
    static void append(const Slots::View& slots, ClassifierRule& head, uint32_t hash);
    void resize(size_t keys, const Retire& retire);

    boost::container::small_vector<MaskWord, 4> mask_;
    uint8_t n_head_ = 0, n_l3_ = 0;  // words of the mask up to the end of these stages
    Slots slots_;
    HashCounts l3_, heads_;           // hashes of the rules' words up to the end of a stage
    SparseMatch shape_;               // of the first rule: only its mask counts
    size_t n_keys_ = 0, n_used_ = 0;  // slots with a rule; slots that are not null
    size_t n_rules_ = 0;
    std::map<int32_t, size_t> priorities_;  // how many rules have each
};

}  // namespace weft::flow
