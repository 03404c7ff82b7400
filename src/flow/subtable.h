// SPDX-License-Identifier: Apache-2.0
// Subtable: the rules of a classifier that have the same mask, in a hash table over the masked key.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "flow/classifier_rule.h"

namespace weft::flow {

/// Takes memory that readers may still look at, and drops it when no reader is left that started before: a
/// grace period of the owner's epochs. Without concurrent readers it may drop at once.
using Retire = std::function<void(std::shared_ptr<const void>)>;

/// Resource type. One writer at a time; any number of readers at the same time, which never wait. Readers go
/// by an array of slots that is replaced as a whole when it grows; rules of equal key hang in a list.
class Subtable {
  public:
    explicit Subtable(const SparseMatch& shape);

    std::span<const MaskWord> mask() const { return mask_; }
    bool has_mask_of(const SparseMatch& m) const { return shape_.same_mask(m); }

    // The writer's side.
    void insert(ClassifierRule& rule, const Retire& retire);
    void remove(ClassifierRule& rule, const Retire& retire);
    bool empty() const { return n_rules_ == 0; }
    size_t size() const { return n_rules_; }
    int32_t max_priority() const { return priorities_.rbegin()->first; }
    bool has_priority(int32_t priority) const { return priorities_.contains(priority); }

    // The readers' side.
    /// The key's words under the mask and their hash.
    struct Probe {
        uint64_t words[key_words];
        uint32_t hash;
    };
    void probe(const FlowKey& key, Probe& out) const;
    /// The first rule, by falling priority, whose key equals the probe's; the others follow by next().
    ClassifierRule* first(const Probe& p) const;
    ClassifierRule* first(const SparseMatch& m) const;
    static ClassifierRule* next(const ClassifierRule& rule) {
        return rule.next_.load(std::memory_order_acquire);
    }
    /// Visits every rule; stops and gives false if visit does.
    bool for_each(const std::function<bool(ClassifierRule&)>& visit) const;

  private:
    struct Slot {
        std::atomic<ClassifierRule*> rule{nullptr};  // null: never used since the array was made
        std::atomic<uint32_t> hash{0};
    };
    struct Slots {
        explicit Slots(size_t capacity) : array(std::make_unique<Slot[]>(capacity)), last(capacity - 1) {}
        std::unique_ptr<Slot[]> array;
        size_t last;  // capacity - 1; capacity is a power of two
    };

    ClassifierRule* find(std::span<const uint64_t> key, uint32_t hash) const;
    Slot& slot_of(const ClassifierRule& rule);
    static void append(Slots& slots, ClassifierRule& head);
    void resize(size_t keys, const Retire& retire);

    SparseMatch shape_;  // of the first rule: only its mask counts
    std::vector<MaskWord> mask_;
    std::shared_ptr<Slots> owned_slots_;
    std::atomic<const Slots*> slots_;
    size_t n_keys_ = 0, n_used_ = 0;  // slots with a rule; slots that are not null
    size_t n_rules_ = 0;
    std::map<int32_t, size_t> priorities_;  // how many rules have each
};

}  // namespace weft::flow
