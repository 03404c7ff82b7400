// SPDX-License-Identifier: Apache-2.0
#include "flow/subtable.h"

#include <algorithm>

#include "base/hash.h"

namespace weft::flow {
namespace {

constexpr size_t min_capacity = 4;

/// Marks a slot whose rule went: probing goes on behind it.
alignas(ClassifierRule) uint8_t tombstone_place[sizeof(ClassifierRule)];
ClassifierRule* const tombstone = reinterpret_cast<ClassifierRule*>(tombstone_place);

bool is_rule(const ClassifierRule* r) { return r != nullptr && r != tombstone; }

/// Room for a quarter more.
size_t capacity_for(size_t keys) {
    size_t capacity = min_capacity;
    while (capacity * 3 / 4 <= keys) capacity *= 2;
    return capacity;
}

}  // namespace

Subtable::Subtable(const SparseMatch& shape) : slots_(min_capacity), shape_(shape) {
    shape.for_each_word([&](size_t i, uint64_t bits, uint64_t) {
        n_head_ += i < l3_word;
        n_l3_ += i < l4_word;
        mask_.push_back({static_cast<uint8_t>(i), bits});
    });
}

uint64_t Subtable::hash(const FlowKey& key, std::span<const MaskWord> mask, uint64_t so_far) {
    const auto k = words(key);
    for (const MaskWord& w : mask) so_far = hash_mix(so_far, k[w.index] & w.bits);
    return so_far;
}

uint64_t Subtable::hash_of(const SparseMatch& m, size_t from, size_t to, uint64_t so_far) {
    for (const uint64_t w : m.key_words().subspan(from, to - from)) so_far = hash_mix(so_far, w);
    return so_far;
}

template <class Equal>
ClassifierRule* Subtable::find(uint32_t hash, Equal&& equal) const {
    const Slots::View slots = slots_.view();
    for (size_t i = hash;; ++i) {
        const Slot& slot = slots[i];
        ClassifierRule* rule = slot.rule.load(std::memory_order_acquire);
        if (rule == nullptr) return nullptr;
        if (rule == tombstone || slot.hash.load(std::memory_order_relaxed) != hash) continue;
        if (equal(*rule)) return rule;
    }
}

Subtable::Probe Subtable::probe(const FlowKey& key, uint64_t head) const {
    const uint64_t l3 = hash(key, mask().subspan(n_head_, n_l3_ - n_head_), head);
    if (has_l3_stage()) l3_.prefetch(short_hash(l3));
    const uint64_t all = hash(key, mask().subspan(n_l3_), l3);
    __builtin_prefetch(&slots_.view()[short_hash(all)]);
    return {short_hash(l3), short_hash(all)};
}

Subtable::Found Subtable::search(const FlowKey& key, const Probe& probe) const {
    if (has_l3_stage() && !l3_.contains(probe.l3)) return {nullptr, n_l3_};
    const auto k = words(key);
    ClassifierRule* rule = find(probe.all, [&](const ClassifierRule& r) {
        const uint64_t* value = r.match().key_words().data();
        return std::ranges::all_of(mask_,
                                   [&](const MaskWord& w) { return (k[w.index] & w.bits) == *value++; });
    });
    return {rule, static_cast<uint8_t>(mask_.size())};
}

void Subtable::prefetch(const ClassifierRule& rule) const {
    if (has_l3_stage()) l3_.prefetch(l3_hash(rule.match(), head_hash(rule.match())));
    __builtin_prefetch(&slots_.view()[rule.hash_]);
}

ClassifierRule* Subtable::first(const SparseMatch& m, uint32_t hash) const {
    return find(hash, [&](const ClassifierRule& r) {
        return std::ranges::equal(r.match().key_words(), m.key_words());
    });
}

bool Subtable::for_each(const std::function<bool(ClassifierRule&)>& visit) const {
    const Slots::View slots = slots_.view();
    for (size_t i = 0; i < slots.size(); ++i) {
        ClassifierRule* rule = slots[i].rule.load(std::memory_order_acquire);
        if (rule == tombstone) continue;
        for (; rule; rule = next(*rule))
            if (!visit(*rule)) return false;
    }
    return true;
}

void Subtable::append(const Slots::View& slots, ClassifierRule& head, uint32_t hash) {
    for (size_t i = hash;; ++i) {
        Slot& slot = slots[i];
        if (is_rule(slot.rule.load(std::memory_order_relaxed))) continue;
        slot.hash.store(hash, std::memory_order_relaxed);
        slot.rule.store(&head, std::memory_order_release);
        return;
    }
}

/// Makes a new array without tombstones; readers keep the old one as long as they are at it.
void Subtable::resize(size_t keys, const Retire& retire) {
    Slots fresh(capacity_for(keys));
    const Slots::View from = slots_.view(), to = fresh.view();
    for (size_t i = 0; i < from.size(); ++i) {
        const Slot& slot = from[i];
        ClassifierRule* rule = slot.rule.load(std::memory_order_relaxed);
        // The rule itself is not looked at: it lies somewhere in memory.
        if (is_rule(rule)) append(to, *rule, slot.hash.load(std::memory_order_relaxed));
    }
    n_used_ = n_keys_;
    slots_.exchange(fresh);
    retire(fresh.release());
}

void Subtable::insert(ClassifierRule& rule, uint64_t head_hash, const Retire& retire) {
    ++n_rules_;
    rule.match_.share_mask(shape_);
    ++priorities_[rule.priority()];
    if (has_tail()) heads_.add(short_hash(head_hash), retire);
    if (has_l3_stage()) l3_.add(l3_hash(rule.match(), head_hash), retire);
    ClassifierRule* head = first(rule);
    if (!head) {
        if (n_used_ + 1 > slots_.view().size() * 3 / 4) resize(n_keys_ + 1, retire);
        rule.next_.store(nullptr, std::memory_order_relaxed);
        append(slots_.view(), rule, rule.hash_);
        ++n_keys_;
        ++n_used_;  // an upper bound: append() may have reused a tombstone
        return;
    }
    ClassifierRule* before = nullptr;
    ClassifierRule* after = head;
    while (after && after->priority() > rule.priority()) {
        before = after;
        after = next(*after);
    }
    rule.next_.store(after, std::memory_order_relaxed);
    (before ? before->next_ : slot_of(*head).rule).store(&rule, std::memory_order_release);
}

/// The slot whose list begins with this rule.
Subtable::Slot& Subtable::slot_of(const ClassifierRule& head) {
    const Slots::View slots = slots_.view();
    for (size_t i = head.hash_;; ++i) {
        Slot& slot = slots[i];
        ClassifierRule* rule = slot.rule.load(std::memory_order_relaxed);
        CHECK(rule != nullptr);
        if (rule == &head) return slot;
    }
}

void Subtable::remove(ClassifierRule& rule, const Retire& retire) {
    ClassifierRule* head = first(rule);
    CHECK(head);
    if (has_tail()) heads_.remove(short_hash(head_hash(rule.match())), retire);
    if (has_l3_stage()) l3_.remove(l3_hash(rule.match(), head_hash(rule.match())), retire);
    ClassifierRule* after = next(rule);
    if (head == &rule) {
        slot_of(rule).rule.store(after ? after : tombstone, std::memory_order_release);
        if (!after) --n_keys_;
    } else {
        ClassifierRule* before = head;
        while (next(*before) != &rule) {
            before = next(*before);
            CHECK(before);
        }
        before->next_.store(after, std::memory_order_release);
    }
    --n_rules_;
    const auto count = priorities_.find(rule.priority());
    if (--count->second == 0) priorities_.erase(count);
    const size_t capacity = slots_.view().size();
    if (capacity > min_capacity && n_keys_ < capacity / 8) resize(n_keys_, retire);
}

}  // namespace weft::flow
