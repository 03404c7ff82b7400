// SPDX-License-Identifier: Apache-2.0
#include "dp/core/subtable.h"

#include "base/hash.h"

namespace weft::dp {
namespace {

constexpr int tag_shift = 48;  // user-space addresses have 47 bits on x86-64, 48 on arm64
constexpr uint64_t address_mask = (uint64_t{1} << tag_shift) - 1;

uint64_t pack(const Flow* flow, uint64_t hash) {
    return (reinterpret_cast<uint64_t>(flow) & address_mask) | (hash >> tag_shift) << tag_shift;
}

Flow* unpack(uint64_t word) { return reinterpret_cast<Flow*>(word & address_mask); }

}  // namespace

uint64_t Subtable::hash(const uint64_t* key) const {
    uint64_t h = mask_.size();
    for (const MaskWord& m : mask_) h = hash_mix(h, key[m.index] & m.bits);
    return h;
}

uint64_t Subtable::hash(const Flow& flow) const {
    uint64_t h = mask_.size();
    for (size_t i = 0; i < mask_.size(); ++i) h = hash_mix(h, flow.values()[i]);
    return h;
}

Flow* Subtable::find(const uint64_t* key, uint64_t hash) const {
    const Slots& s = *slots_.load(std::memory_order_acquire);
    for (size_t i = hash & s.mask;; i = (i + 1) & s.mask) {
        const uint64_t word = s.words[i].load(std::memory_order_acquire);
        if (word == empty) return nullptr;
        if (word >> tag_shift != hash >> tag_shift || word == removed) continue;
        Flow* flow = unpack(word);
        if (flow->matches(key)) return flow;
    }
}

void Subtable::prefetch_slot(uint64_t hash) const {
    const Slots& s = *slots_.load(std::memory_order_acquire);
    __builtin_prefetch(&s.words[hash & s.mask]);
}

void Subtable::prefetch_flow(uint64_t hash) const {
    const Slots& s = *slots_.load(std::memory_order_acquire);
    const uint64_t word = s.words[hash & s.mask].load(std::memory_order_relaxed);
    if (word > removed) unpack(word)->prefetch();
}

void Subtable::place(Slots& s, uint64_t word, uint64_t hash) {
    size_t i = hash & s.mask;
    while (s.words[i].load(std::memory_order_relaxed) > removed) i = (i + 1) & s.mask;
    s.words[i].store(word, std::memory_order_release);
}

std::unique_ptr<Subtable::Slots> Subtable::insert(const Flow* flow, uint64_t hash) {
    Slots* now = slots_.load(std::memory_order_relaxed);
    ++size_;
    if ((used_ + 1) * 2 <= now->mask + 1) {
        ++used_;
        place(*now, pack(flow, hash), hash);
        return nullptr;
    }
    auto next = grown(*now);
    place(*next, pack(flow, hash), hash);
    used_ = size_;
    return std::unique_ptr<Slots>(slots_.exchange(next.release(), std::memory_order_acq_rel));
}

std::unique_ptr<Subtable::Slots> Subtable::grown(const Slots& now) const {
    constexpr size_t ahead = 16;  // flows are scattered over memory: those to come are fetched meanwhile
    size_t n = slots_min;
    while (n < size_ * 3) n *= 2;
    auto next = std::make_unique<Slots>(n);
    const auto word_at = [&](size_t i) { return now.words[i].load(std::memory_order_relaxed); };
    for (size_t i = 0; i <= now.mask; ++i) {
        if (i + ahead <= now.mask && word_at(i + ahead) > removed) unpack(word_at(i + ahead))->prefetch();
        if (const uint64_t word = word_at(i); word > removed) place(*next, word, hash(*unpack(word)));
    }
    return next;
}

void Subtable::erase(const Flow* flow) {
    Slots& s = *slots_.load(std::memory_order_relaxed);
    const uint64_t h = hash(*flow), wanted = pack(flow, h);
    for (size_t i = h & s.mask;; i = (i + 1) & s.mask) {
        const uint64_t word = s.words[i].load(std::memory_order_relaxed);
        CHECK(word != empty);
        if (word != wanted) continue;
        s.words[i].store(removed, std::memory_order_release);
        --size_;
        return;
    }
}

}  // namespace weft::dp
