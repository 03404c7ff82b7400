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

Subtable::Subtable(const SparseMatch& shape)
    : shape_(shape), owned_slots_(std::make_shared<Slots>(min_capacity)), slots_(owned_slots_.get()) {
    shape.for_each_word(
        [&](size_t i, uint64_t bits, uint64_t) { mask_.push_back({static_cast<uint8_t>(i), bits}); });
}

void Subtable::probe(const FlowKey& key, Probe& out) const {
    const auto k = words(key);
    uint64_t h = 0;
    size_t n = 0;
    for (const MaskWord& w : mask_) {
        const uint64_t v = k[w.index] & w.bits;
        out.words[n++] = v;
        h = hash_mix(h, v);
    }
    out.hash = static_cast<uint32_t>(h >> 32);
}

ClassifierRule* Subtable::find(std::span<const uint64_t> key, uint32_t hash) const {
    const Slots& slots = *slots_.load(std::memory_order_acquire);
    for (size_t i = hash;; ++i) {
        const Slot& slot = slots.array[i & slots.last];
        ClassifierRule* rule = slot.rule.load(std::memory_order_acquire);
        if (rule == nullptr) return nullptr;
        if (rule == tombstone || slot.hash.load(std::memory_order_relaxed) != hash) continue;
        if (std::ranges::equal(rule->match().key_words(), key)) return rule;
    }
}

ClassifierRule* Subtable::first(const Probe& p) const { return find({p.words, mask_.size()}, p.hash); }

ClassifierRule* Subtable::first(const SparseMatch& m) const {
    return find(m.key_words(), static_cast<uint32_t>(m.key_hash() >> 32));
}

bool Subtable::for_each(const std::function<bool(ClassifierRule&)>& visit) const {
    const Slots& slots = *slots_.load(std::memory_order_acquire);
    for (size_t i = 0; i <= slots.last; ++i) {
        ClassifierRule* rule = slots.array[i].rule.load(std::memory_order_acquire);
        if (rule == tombstone) continue;
        for (; rule; rule = next(*rule))
            if (!visit(*rule)) return false;
    }
    return true;
}

void Subtable::append(Slots& slots, ClassifierRule& head) {
    for (size_t i = head.hash_;; ++i) {
        Slot& slot = slots.array[i & slots.last];
        if (is_rule(slot.rule.load(std::memory_order_relaxed))) continue;
        slot.hash.store(head.hash_, std::memory_order_relaxed);
        slot.rule.store(&head, std::memory_order_release);
        return;
    }
}

/// Makes a new array without tombstones; readers keep the old one as long as they are at it.
void Subtable::resize(size_t keys, const Retire& retire) {
    auto fresh = std::make_shared<Slots>(capacity_for(keys));
    for (size_t i = 0; i <= owned_slots_->last; ++i) {
        ClassifierRule* rule = owned_slots_->array[i].rule.load(std::memory_order_relaxed);
        if (is_rule(rule)) append(*fresh, *rule);
    }
    n_used_ = n_keys_;
    slots_.store(fresh.get(), std::memory_order_release);
    owned_slots_.swap(fresh);
    retire(std::move(fresh));
}

void Subtable::insert(ClassifierRule& rule, const Retire& retire) {
    ++n_rules_;
    ++priorities_[rule.priority()];
    ClassifierRule* head = find(rule.match().key_words(), rule.hash_);
    if (!head) {
        const size_t capacity = owned_slots_->last + 1;
        if (n_used_ + 1 > capacity * 3 / 4) resize(n_keys_ + 1, retire);
        rule.next_.store(nullptr, std::memory_order_relaxed);
        append(*owned_slots_, rule);
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
    for (size_t i = head.hash_;; ++i) {
        Slot& slot = owned_slots_->array[i & owned_slots_->last];
        ClassifierRule* rule = slot.rule.load(std::memory_order_relaxed);
        CHECK(rule != nullptr);
        if (rule == &head) return slot;
    }
}

void Subtable::remove(ClassifierRule& rule, const Retire& retire) {
    ClassifierRule* head = find(rule.match().key_words(), rule.hash_);
    CHECK(head);
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
    const size_t capacity = owned_slots_->last + 1;
    if (capacity > min_capacity && n_keys_ < capacity / 8) resize(n_keys_, retire);
}

}  // namespace weft::flow
